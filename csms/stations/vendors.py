"""Vendors whose DataTransfer is accepted although nothing is done with it (field quirk 30)."""

from sqlalchemy import bindparam, select

from csms.stations.ref import StationRef
from csms.stations.tables import STATION
from csms.work import Work

_HARMLESS = frozenset({"gatewayinfo"})
"""Messages that tell nothing we need, and whose senders give up unless they are accepted."""

_VENDORS = select(STATION.c.accepted_vendors).where(
    STATION.c.id == bindparam("of_station"), STATION.c.tenant_id == bindparam("of_tenant")
)


async def is_accepted_vendor(work: Work, ref: StationRef, vendor_id: str, message_id: str) -> bool:
    """Whether an operator, or experience, says that this message must be accepted."""
    if message_id.casefold() in _HARMLESS:
        return True
    [[vendors]] = await work.read(_VENDORS, {"of_station": ref.id, "of_tenant": ref.tenant_id})
    return vendor_id.casefold() in {vendor.casefold() for vendor in vendors}

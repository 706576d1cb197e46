"""The heartbeat interval a station has, as its own key or variable says; an operator may have set it (TR_86, G02)."""

from sqlalchemy import bindparam, select

from csms.stations.ref import StationRef
from csms.stations.tables import VARIABLE
from csms.work import Work

_SHORTEST_S, _LONGEST_S = 5, 86_400
_KNOWN = select(VARIABLE.c.value).where(
    VARIABLE.c.station_id == bindparam("of_station"),
    VARIABLE.c.tenant_id == bindparam("of_tenant"),
    VARIABLE.c.component.in_(["", "OCPPCommCtrlr"]),
    VARIABLE.c.variable == "HeartbeatInterval",
    VARIABLE.c.attribute == "Actual",
)


async def heartbeat_interval_of(work: Work, ref: StationRef) -> int | None:
    """Seconds; None where it was never told, or is nothing one would want to keep."""
    for (value,) in await work.read(_KNOWN, {"of_station": ref.id, "of_tenant": ref.tenant_id}):
        text = (value or "").strip()
        if text.isdecimal() and _SHORTEST_S <= int(text[:9]) <= _LONGEST_S:
            return int(text)
    return None

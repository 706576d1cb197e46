"""Verbs of charging stations: who may connect, and booting; the others are gathered here from files of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.bus.events import StationBooted
from csms.cause import current_cause
from csms.stations.availability import want_availability
from csms.stations.history import clear_alerts, raise_alert, record_event
from csms.stations.monitors import forget_all_monitors, forget_monitors, severity_of, store_monitors
from csms.stations.presence import connected, disconnected, mark_all_offline, seen
from csms.stations.ref import StationRef
from csms.stations.reports import BootReport, EventReport, MonitorReport, StatusReport, VariableReport
from csms.stations.secrets import masked
from csms.stations.security import certificate_names
from csms.stations.setup import ConnectorPlan, create_location, create_station, set_registration
from csms.stations.status import report_status
from csms.stations.tables import STATION
from csms.stations.variables import promote_pending, store_pending, store_variables
from csms.work import Work

__all__ = [
    "BootReport",
    "ConnectorPlan",
    "EventReport",
    "MonitorReport",
    "StationAccess",
    "StatusReport",
    "VariableReport",
    "boot",
    "clear_alerts",
    "connected",
    "create_location",
    "create_station",
    "disconnected",
    "find_access",
    "forget_all_monitors",
    "forget_monitors",
    "mark_all_offline",
    "raise_alert",
    "record_event",
    "report_status",
    "seen",
    "set_registration",
    "severity_of",
    "store_monitors",
    "store_pending",
    "store_variables",
    "want_availability",
]


@dataclass(frozen=True, slots=True)
class StationAccess:
    """All the gateway must know to let a station in."""

    ref: StationRef
    security_profile: int
    password_hash: str | None
    pending_password_hash: str | None
    """A password that may have reached the station; the first of the two to be used wins (TR_15)."""
    pending_password_stays: bool
    """Unless it stays until it is used."""
    subprotocol_optional: bool
    registration: str
    ocpp_version: str | None
    is_strict: bool = False
    """What breaks a schema is refused, not repaired (TR_50)."""
    vendor: str = ""
    model: str = ""
    firmware_version: str = ""
    pending_security_profile: int | None = None
    """A higher profile it was told to use; once it has, no lower one opens the door (A05)."""
    certificate_name: str | None = None
    serial_number: str = ""

    @property
    def certificate_names(self) -> frozenset[str]:
        """Common names its client certificate may bear, case-folded: the one set for it, else serial or identity."""
        return certificate_names(self.ref.identity, self.serial_number, self.certificate_name)


_ACCESS = select(
    STATION.c.id,
    STATION.c.tenant_id,
    STATION.c.location_id,
    STATION.c.identity,
    STATION.c.security_profile,
    STATION.c.password_hash,
    STATION.c.pending_password_hash,
    STATION.c.pending_password_stays,
    STATION.c.subprotocol_optional,
    STATION.c.registration,
    STATION.c.ocpp_version,
    STATION.c.is_strict,
    STATION.c.vendor,
    STATION.c.model,
    STATION.c.firmware_version,
    STATION.c.pending_security_profile,
    STATION.c.certificate_name,
    STATION.c.serial_number,
).where(STATION.c.identity_key.in_(bindparam("of_identities", expanding=True)))


async def find_access(session: AsyncSession, *identity_keys: str) -> StationAccess | None:
    """The first of these case-folded identities that is a station's, of whichever tenant: platform scope.

    One query by a unique key, however many are asked for and whether there is one (TR_06).
    """
    rows = (await session.execute(_ACCESS, {"of_identities": identity_keys})).all()
    found = {row.identity.casefold(): row for row in rows}
    row = next((found[key] for key in identity_keys if key in found), None)
    return None if row is None else StationAccess(StationRef(*row[:4]), *row[4:])


_REGISTRATION = select(STATION.c.registration).where(
    STATION.c.id == bindparam("of_station"), STATION.c.tenant_id == bindparam("of_tenant")
)
_SET_BOOTED = (
    update(STATION)
    .where(STATION.c.id == bindparam("of_station"), STATION.c.tenant_id == bindparam("of_tenant"))
    .values(
        vendor=bindparam("new_vendor"),
        model=bindparam("new_model"),
        serial_number=bindparam("new_serial_number"),
        firmware_version=bindparam("new_firmware_version"),
        boot_reason=bindparam("new_boot_reason"),
        boot_info=bindparam("new_boot_info"),
        booted_at=bindparam("new_booted_at"),
        last_seen_at=bindparam("new_booted_at"),
    )
)


async def boot(work: Work, ref: StationRef, report: BootReport, at: datetime) -> str:
    """Take in a BootNotification (B01 to B03). Returns the registration to answer: Accepted, Pending or Rejected."""
    this = {"of_station": ref.id, "of_tenant": ref.tenant_id}
    [[registration]] = await work.read(_REGISTRATION, this)
    work.append(_SET_BOOTED, {**this, **_booted(report, at)})
    promote_pending(work, ref)
    work.announce(
        StationBooted(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            registration=registration,
            vendor=report.vendor,
            model=report.model,
            firmware_version=report.firmware_version,
        )
    )
    return registration


def _booted(report: BootReport, at: datetime) -> dict[str, Any]:
    return {
        "new_vendor": report.vendor,
        "new_model": report.model,
        "new_serial_number": report.serial_number,
        "new_firmware_version": report.firmware_version,
        "new_boot_reason": report.reason,
        "new_boot_info": masked(report.info),
        "new_booted_at": at,
    }

"""Verbs of charging stations: who may connect, and booting; the others are gathered here from files of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from csms.bus.events import StationBooted
from csms.cause import current_cause
from csms.stations.history import record_event
from csms.stations.presence import connected, disconnected, mark_all_offline, seen
from csms.stations.ref import StationRef
from csms.stations.reports import BootReport, EventReport, StatusReport, VariableReport
from csms.stations.secrets import masked
from csms.stations.setup import ConnectorPlan, create_location, create_station
from csms.stations.status import report_status
from csms.stations.tables import STATION
from csms.stations.variables import store_variables
from csms.work import Work

__all__ = [
    "BootReport",
    "ConnectorPlan",
    "EventReport",
    "StationAccess",
    "StatusReport",
    "VariableReport",
    "boot",
    "connected",
    "create_location",
    "create_station",
    "disconnected",
    "find_access",
    "mark_all_offline",
    "record_event",
    "report_status",
    "seen",
    "store_variables",
]


@dataclass(frozen=True, slots=True)
class StationAccess:
    """All the gateway must know to let a station in."""

    ref: StationRef
    security_profile: int
    password_hash: str | None
    pending_password_hash: str | None
    """A password that may have reached the station; the first of the two to be used wins (TR_15)."""
    subprotocol_optional: bool
    registration: str
    ocpp_version: str | None


_ACCESS = select(
    STATION.c.id,
    STATION.c.tenant_id,
    STATION.c.location_id,
    STATION.c.identity,
    STATION.c.security_profile,
    STATION.c.password_hash,
    STATION.c.pending_password_hash,
    STATION.c.subprotocol_optional,
    STATION.c.registration,
    STATION.c.ocpp_version,
).where(STATION.c.identity_key == bindparam("of_identity"))


async def find_access(session: AsyncSession, identity_key: str) -> StationAccess | None:
    """The station of this case-folded identity, of whichever tenant: platform scope. One row by a unique key."""
    row = (await session.execute(_ACCESS, {"of_identity": identity_key})).one_or_none()
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

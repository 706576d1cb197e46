"""Keeps what others impose on a station: an energy manager, a system operator (K11 to K14)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csms.bus.events import ChargingLimitChanged
from csms.cause import current_cause
from csms.smart_charging.profile import EXTERNAL, OURS
from csms.smart_charging.store import fitting, limits_in_force, profiles_in_use
from csms.stations.ref import StationRef
from csms.work import Work
from models import ChargingLimit, ProfileState


@dataclass(frozen=True, slots=True)
class LimitNotice:
    """A NotifyChargingLimit. `schedules` and `limit` are the station's own JSON."""

    evse_number: int
    source: str
    schedules: list[Any]
    limit: dict[str, Any]
    at: datetime


async def limit_notified(work: Work, ref: StationRef, notice: LimitNotice) -> None:
    """Keep a limit of others (K12); a newer one of the same source at the same EVSE takes its place."""
    session = work.session()
    evse_number = fitting(notice.evse_number)
    for old in await limits_in_force(session, ref.id):
        if (old.evse_number, old.source) == (evse_number, notice.source):
            old.cleared_at = notice.at
    session.add(
        ChargingLimit(
            station_id=ref.id,
            evse_number=evse_number,
            source=notice.source,
            is_grid_critical=notice.limit.get("isGridCritical"),
            schedules=notice.schedules,
            limit=notice.limit,
            set_at=notice.at,
        )
    )
    _announce(work, ref, evse_number, notice.source, notice.at, cleared=False)


async def limit_cleared(work: Work, ref: StationRef, evse_number: int | None, source: str, at: datetime) -> None:
    """A source takes its limit back (K13), at one EVSE or, without a number, wherever it had one."""
    session = work.session()
    for limit in await limits_in_force(session, ref.id):
        if limit.source == source and evse_number in (None, limit.evse_number):
            limit.cleared_at = at
    for row in await profiles_in_use(session, ref.id):
        imposed = row.purpose == EXTERNAL and row.source == source and source != OURS
        if imposed and evse_number in (None, row.evse_number):
            row.state, row.updated_at, row.removed_at = ProfileState.CLEARED, at, at
    _announce(work, ref, evse_number or 0, source, at, cleared=True)


def _announce(work: Work, ref: StationRef, evse_number: int, source: str, at: datetime, *, cleared: bool) -> None:
    work.announce(
        ChargingLimitChanged(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            evse_number=evse_number,
            source=source,
            cleared=cleared,
        )
    )

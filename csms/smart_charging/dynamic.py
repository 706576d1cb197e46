"""Profiles of kind Dynamic (K28, Q03, Q04): new values sent by us, or fetched by the station; what was told is kept."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.ocpp.timestamps import format_timestamp
from csms.smart_charging.building import limit_json
from csms.smart_charging.composite import allowed_at
from csms.smart_charging.profile import decimal_of, seconds_of
from csms.smart_charging.store import fitting, load_installed, profiles_in_use
from csms.stations.ref import StationRef
from csms.work import Work
from models import ChargingProfile, DynamicUpdate, ProfileState

Json = dict[str, Any]
DYNAMIC = "Dynamic"
_CAPPED = ("limit", "setpoint")
VALUES = tuple(
    f"{name}{phase}"
    for name in ("limit", "dischargeLimit", "setpoint", "setpointReactive")
    for phase in ("", "_L2", "_L3")
)
"""What may change in a Dynamic profile, as scheduleUpdate and its period name it."""


async def update_sent(
    work: Work, ref: StationRef, profile_id: int, update: Json, status: str, at: datetime
) -> DynamicUpdate:
    """Keep an UpdateDynamicSchedule and its answer; what was accepted is what the profile says from now on."""
    if status == "Accepted":
        for row in await _dynamic(work.session(), ref.id, profile_id):
            row.profile = with_update(row.profile, update, at)
            row.updated_at = row.confirmed_at = at
    return _keep(work, ref, profile_id, update, status, at, pulled=False)


async def update_pulled(work: Work, ref: StationRef, profile_id: int, at: datetime) -> Json | None:
    """The values for a station that asks for them (PullDynamicScheduleUpdate); None for a profile we do not know.

    They are what the profile says, but no more than everything else in force allows now. The profile itself stays as
    it is, so that the values rise again when a limit goes.
    """
    rows = await _dynamic(work.session(), ref.id, profile_id)
    if not rows:
        _keep(work, ref, profile_id, {}, "Rejected", at, pulled=True)
        return None
    row, unit = rows[-1], _schedule(rows[-1].profile).get("chargingRateUnit", "A")
    others = await load_installed(work.session(), ref.id, without=row.profile_id)
    moment = seconds_of(at)
    update = current_values(row.profile, allowed_at(others, row.evse_number, moment, str(unit), moment).limit)
    row.confirmed_at = at
    _keep(work, ref, profile_id, update, "Accepted", at, pulled=True)
    return update


async def dynamic_updates(session: AsyncSession, station_id: int, limit: int = 50) -> Sequence[DynamicUpdate]:
    """What a station was told of its Dynamic profiles, the newest first."""
    query = select(DynamicUpdate).where(col(DynamicUpdate.station_id) == station_id)
    return (await session.execute(query.order_by(col(DynamicUpdate.id).desc()).limit(limit))).scalars().all()


def with_update(profile: Json, update: Json, at: datetime) -> Json:
    """The profile with the new values in its only period, and the time they were told."""
    schedule = _schedule(profile)
    periods = cast(list[Json], schedule.get("chargingSchedulePeriod") or [{"startPeriod": 0}])
    values = {name: value for name, value in update.items() if name in VALUES}
    schedule = schedule | {"chargingSchedulePeriod": [periods[0] | values, *periods[1:]]}
    more = cast(list[Json], profile.get("chargingSchedule") or [])[1:]
    return profile | {"chargingSchedule": [schedule, *more], "dynUpdateTime": format_timestamp(at)}


def current_values(profile: Json, allowed: Decimal | None) -> Json:
    """What a Dynamic profile says now. `allowed` (in its unit; A a phase or W in all) bounds limits and setpoints.

    Values of single phases in W are left alone: a bound for all phases says nothing about one.
    """
    schedule = _schedule(profile)
    periods = cast(list[Json], schedule.get("chargingSchedulePeriod") or [{}])
    values = {name: periods[0][name] for name in VALUES if name in periods[0]}
    if allowed is None:
        return values
    if not values:
        return {"limit": limit_json(allowed)}
    by_phase = any(name.endswith(("_L2", "_L3")) for name in values)
    if by_phase and schedule.get("chargingRateUnit") != "A":
        return values
    return {name: _at_most(name, value, allowed) for name, value in values.items()}


def _at_most(name: str, value: Any, allowed: Decimal) -> Any:
    number = decimal_of(value)
    if name.split("_")[0] not in _CAPPED or number is None or number <= allowed:
        return value
    return limit_json(allowed)


async def _dynamic(session: AsyncSession, station_id: int, profile_id: int) -> list[ChargingProfile]:
    """The Dynamic profile with this id that the station has, or may have while its answer is on the way."""
    there = (ProfileState.INSTALLED, ProfileState.SENT, ProfileState.MISSING)
    rows = await profiles_in_use(session, station_id)
    return [row for row in rows if row.profile_id == profile_id and row.kind == DYNAMIC and row.state in there]


def _schedule(profile: Json) -> Json:
    return cast(list[Json], profile.get("chargingSchedule") or [{}])[0]


def _keep(
    work: Work, ref: StationRef, profile_id: int, update: Json, status: str, at: datetime, *, pulled: bool
) -> DynamicUpdate:
    row = DynamicUpdate(
        station_id=ref.id, profile_id=fitting(int(profile_id)), pulled=pulled, status=status[:16], update=update, at=at
    )
    work.session().add(row)
    return row

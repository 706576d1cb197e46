"""Reads of smart charging for pages and API, within the tenant in scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.smart_charging.composite import Stretch, allowed_at, composite_schedule
from csms.smart_charging.limits import WATTS
from csms.smart_charging.profile import Json, decimal_of, seconds_of
from csms.smart_charging.sanity import Circumstances, ProfileWarning, warnings_about
from csms.smart_charging.store import (
    limits_in_force,
    load_installed,
    profiles_in_use,
    running_at,
    station_limits,
)
from models import (
    ChargingNeeds,
    ChargingProfile,
    ChargingProfileReport,
    ChargingStation,
    CompositeSchedule,
    EvChargingSchedule,
    MeterValue,
    ProfileState,
)

__all__ = [
    "Overdraw",
    "composite_schedules",
    "doubtful_profiles",
    "ev_schedules",
    "expected_schedule",
    "latest_needs",
    "limits_in_force",
    "overdrawn",
    "profile_history",
    "profile_warnings",
    "profiles_in_use",
    "reports",
    "station_limits",
]

_SETTLING = timedelta(seconds=60)
_TOLERANCE = Decimal("1.1")


async def profile_history(session: AsyncSession, station_id: int, limit: int = 100) -> list[ChargingProfile]:
    """Everything that was set, rejected, replaced, cleared or ended, newest first."""
    query = select(ChargingProfile).where(col(ChargingProfile.station_id) == station_id)
    ordered = query.order_by(col(ChargingProfile.updated_at).desc(), col(ChargingProfile.id).desc()).limit(limit)
    return list((await session.execute(ordered)).scalars())


async def doubtful_profiles(session: AsyncSession, station_id: int) -> list[ChargingProfile]:
    """Profiles that the station may not have: missing, unanswered, or not confirmed since it last booted (DS_53)."""
    station = await session.get(ChargingStation, station_id)
    booted_at = None if station is None else station.booted_at
    return [row for row in await profiles_in_use(session, station_id) if _is_doubtful(row, booted_at)]


async def reports(session: AsyncSession, station_id: int, limit: int = 20) -> list[ChargingProfileReport]:
    """What the station reported of its profiles, with the differences from our store, newest first."""
    query = select(ChargingProfileReport).where(col(ChargingProfileReport.station_id) == station_id)
    return list((await session.execute(query.order_by(col(ChargingProfileReport.id).desc()).limit(limit))).scalars())


async def composite_schedules(
    session: AsyncSession, station_id: int, evse_number: int | None = None, limit: int = 20
) -> list[CompositeSchedule]:
    """What the station said it would do, beside what we expect, newest first; of one EVSE or all."""
    query = select(CompositeSchedule).where(col(CompositeSchedule.station_id) == station_id)
    if evse_number is not None:
        query = query.where(col(CompositeSchedule.evse_number) == evse_number)
    return list((await session.execute(query.order_by(col(CompositeSchedule.id).desc()).limit(limit))).scalars())


async def expected_schedule(
    session: AsyncSession, station_id: int, evse_number: int, from_at: datetime, duration_s: int, unit: str
) -> tuple[Stretch, ...]:
    """What the station should do by our own store (DS_51), without asking it."""
    installed = await load_installed(session, station_id)
    return composite_schedule(installed, evse_number, seconds_of(from_at), duration_s, unit)


async def profile_warnings(
    session: AsyncSession, station_id: int, evse_number: int, profile: Json, now: datetime, *, with_start: bool = False
) -> list[ProfileWarning]:
    """What is odd about a profile (JSON of 2.x) for this station, before it is sent (DS_52, X16_18); no refusal."""
    limits, in_use = await station_limits(session, station_id), await profiles_in_use(session, station_id)
    return warnings_about(profile, Circumstances(now, evse_number, limits, in_use, with_start))


async def latest_needs(session: AsyncSession, station_id: int, evse_number: int) -> ChargingNeeds | None:
    """What the EV at an EVSE said last that it needs."""
    query = select(ChargingNeeds).where(
        col(ChargingNeeds.station_id) == station_id, col(ChargingNeeds.evse_number) == evse_number
    )
    return (await session.execute(query.order_by(col(ChargingNeeds.id).desc()).limit(1))).scalar_one_or_none()


async def ev_schedules(session: AsyncSession, station_id: int, limit: int = 20) -> list[EvChargingSchedule]:
    """What EVs meant to do and whether it was accepted, newest first."""
    query = select(EvChargingSchedule).where(col(EvChargingSchedule.station_id) == station_id)
    return list((await session.execute(query.order_by(col(EvChargingSchedule.id).desc()).limit(limit))).scalars())


@dataclass(frozen=True, slots=True)
class Overdraw:
    """A transaction that takes more than its limit: the meter is the last judge of a profile (quirk 67)."""

    evse_number: int
    transaction_id: int
    allowed_w: Decimal
    measured_w: Decimal
    sampled_at: datetime


async def overdrawn(session: AsyncSession, station_id: int) -> Sequence[Overdraw]:
    """Open transactions whose newest power is a tenth above what is allowed, a minute after the last change."""
    installed = await load_installed(session, station_id)
    changed = [row.updated_at for row in await profiles_in_use(session, station_id)]
    changed += [limit.set_at for limit in await limits_in_force(session, station_id)]
    found: list[Overdraw] = []
    for number, transaction in (await running_at(session, station_id)).items():
        sample = await _newest_power(session, transaction.id or 0)
        if sample is None or any(sample.sampled_at < moment + _SETTLING for moment in changed):
            continue
        at_s = seconds_of(sample.sampled_at)
        allowed, measured = allowed_at(installed, number, at_s, WATTS, at_s).limit, decimal_of(sample.power_w)
        if allowed is not None and measured is not None and measured > allowed * _TOLERANCE:
            found.append(Overdraw(number, transaction.id or 0, allowed, measured, sample.sampled_at))
    return found


async def _newest_power(session: AsyncSession, transaction_id: int) -> MeterValue | None:
    query = select(MeterValue).where(
        col(MeterValue.transaction_id) == transaction_id, col(MeterValue.power_w).is_not(None)
    )
    return (await session.execute(query.order_by(col(MeterValue.sampled_at).desc()).limit(1))).scalar_one_or_none()


def _is_doubtful(row: ChargingProfile, booted_at: datetime | None) -> bool:
    if row.state in (ProfileState.SENT, ProfileState.MISSING):
        return True
    return booted_at is not None and (row.confirmed_at is None or row.confirmed_at < booted_at)

"""From "no more than this" to charging profiles that a station will probably take, in the order to try (DS_52, DS_54).

Stations differ (quirk 67): some take only stack level 0, some only Relative profiles, some only one unit, some accept a
ChargingStationMaxProfile and ignore it. So a limit is a ladder of profiles; who climbs it judges by what the station
then says it will do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.errors import InvalidInputError
from csms.smart_charging.building import ProfilePlan, build_profile
from csms.smart_charging.composite import ALL_PHASES, convert
from csms.smart_charging.limits import AMPERES, WATTS, StationLimits, choose_unit
from csms.smart_charging.profile import DEFAULT, MAX, OURS, TX, Json, Period
from csms.smart_charging.sanity import Circumstances, ProfileWarning, warnings_about
from csms.smart_charging.store import profiles_in_use, running_at, station_limits, wire_id
from models import ChargingProfile, ChargingStation, Evse, ProfileState

_WORKED = (ProfileState.INSTALLED, ProfileState.ENDED)


@dataclass(frozen=True, slots=True)
class LimitWish:
    """What somebody wants of a station: at most `limit` (A a phase, or W in all) there, from now on."""

    evse_number: int
    """0: the station as a whole."""
    limit: Decimal
    unit: str = AMPERES
    duration_s: int | None = None
    phases: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A profile to try."""

    evse_number: int
    profile: Json


@dataclass(frozen=True, slots=True)
class Advice:
    """What to send, best first, and what is odd about the first."""

    attempts: Sequence[Attempt]
    warnings: Sequence[ProfileWarning]


async def advise_limit(session: AsyncSession, station_id: int, wish: LimitWish, now: datetime) -> Advice:
    """The profiles by which to set a limit. Raises InvalidInputError for a limit below 0."""
    if wish.limit < 0:
        raise InvalidInputError("A limit cannot be below 0; say 0 to pause charging")
    limits = await station_limits(session, station_id)
    in_use = await profiles_in_use(session, station_id)
    base = await _base(session, station_id, wish, now, limits, in_use)
    rungs = await _by_experience(session, station_id, list(_rungs(base, wish, limits)))
    attempts = [Attempt(wish.evse_number, build_profile(rung)) for rung in rungs]
    circumstances = Circumstances(now, wish.evse_number, limits, in_use)
    return Advice(attempts, warnings_about(attempts[0].profile, circumstances))


async def next_profile_id(session: AsyncSession, station_id: int) -> int:
    """The lowest id that no profile of the station has, above those of external constraints (2.1)."""
    used = {row.profile_id for row in await profiles_in_use(session, station_id)}
    return _free_id(used, await station_limits(session, station_id))


async def _base(
    session: AsyncSession,
    station_id: int,
    wish: LimitWish,
    now: datetime,
    limits: StationLimits,
    in_use: Sequence[ChargingProfile],
) -> ProfilePlan:
    """The profile as the specification would have it; a limit of the same kind that is there is replaced."""
    transaction = (await running_at(session, station_id)).get(wish.evse_number) if wish.evse_number else None
    purpose = MAX if wish.evse_number == 0 else DEFAULT if transaction is None else TX
    wire = None if transaction is None else wire_id(transaction)
    same = [row for row in in_use if _is_same(row, wish.evse_number, purpose, wire)]
    highest = max(same, key=lambda row: row.stack_level, default=None)
    unit = await _unit(session, station_id, wish, limits)
    return ProfilePlan(
        profile_id=_free_id({row.profile_id for row in in_use}, limits) if highest is None else highest.profile_id,
        purpose=purpose,
        unit=unit,
        periods=(_period(wish, unit),),
        begins_at=now,
        stack_level=0 if highest is None else highest.stack_level,
        duration_s=wish.duration_s,
        transaction_ocpp_id=wire,
    )


def _rungs(base: ProfilePlan, wish: LimitWish, limits: StationLimits) -> Sequence[ProfilePlan]:
    rungs = [base]
    if base.purpose != MAX:
        rungs.append(replace(base, kind="Relative"))
    if base.stack_level:
        rungs.append(replace(base, stack_level=0))
    other = WATTS if base.unit == AMPERES else AMPERES
    if not limits.units or other in limits.units:
        rungs.append(replace(base, unit=other, periods=(_period(wish, other),)))
    if base.purpose != DEFAULT:
        rungs.append(replace(base, purpose=DEFAULT, transaction_ocpp_id=None))
    return rungs


async def _by_experience(session: AsyncSession, station_id: int, rungs: list[ProfilePlan]) -> list[ProfilePlan]:
    """What a station of the same make and model took last goes first; among the rest the order stays."""
    station = await session.get(ChargingStation, station_id)
    if station is None or not station.model:
        return rungs
    query = (
        select(ChargingProfile)
        .join(ChargingStation, col(ChargingStation.id) == col(ChargingProfile.station_id))
        .where(
            col(ChargingStation.vendor) == station.vendor,
            col(ChargingStation.model) == station.model,
            col(ChargingProfile.source) == OURS,
            col(ChargingProfile.purpose) == rungs[0].purpose,
            col(ChargingProfile.state).in_(_WORKED),
        )
        .order_by(col(ChargingProfile.id).desc())
        .limit(1)
    )
    last = (await session.execute(query)).scalar_one_or_none()
    if last is None:
        return rungs
    took = (last.kind, last.profile["chargingSchedule"][0].get("chargingRateUnit"))
    return sorted(rungs, key=lambda rung: (rung.kind, rung.unit) != took or rung.purpose != last.purpose)


async def _unit(session: AsyncSession, station_id: int, wish: LimitWish, limits: StationLimits) -> str:
    """The unit of the wish where the station says it takes it, else the natural one."""
    if wish.unit in limits.units:
        return wish.unit
    query = select(col(Evse.current_type)).where(col(Evse.station_id) == station_id)
    if wish.evse_number:
        query = query.where(col(Evse.number) == wish.evse_number)
    kinds = set((await session.execute(query)).scalars())
    return choose_unit(limits, "DC" if kinds == {"DC"} else "AC")


def _period(wish: LimitWish, unit: str) -> Period:
    limit = convert(wish.limit, wish.phases or ALL_PHASES, wish.unit, unit)
    return Period(0, limit, wish.phases)


def _is_same(row: ChargingProfile, evse_number: int, purpose: str, wire: str | None) -> bool:
    here = (row.evse_number, row.purpose, row.source) == (evse_number, purpose, OURS)
    return here and (purpose != TX or row.transaction_ocpp_id == wire)


def _free_id(used: set[int], limits: StationLimits) -> int:
    candidate = max(0, limits.max_external_id or 0) + 1
    while candidate in used:
        candidate += 1
    return candidate

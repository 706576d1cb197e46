"""The store of charging profiles and limits: what is in use at a station, read into what the calculations take."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.smart_charging.composite import Installed, Running
from csms.smart_charging.limits import VARIABLES, StationLimits, limits_from
from csms.smart_charging.priority import prioritised
from csms.smart_charging.profile import EXTERNAL, Profile, Schedule, read_profile, read_schedule, seconds_of
from models import ChargingLimit, ChargingProfile, Evse, ProfileState, StationVariable, Transaction

_LARGEST = 2**63 - 1


async def profiles_in_use(session: AsyncSession, station_id: int) -> list[ChargingProfile]:
    """Every profile the station has or may have: installed, sent, awaiting its transaction, missing; oldest first."""
    query = (
        select(ChargingProfile)
        .where(col(ChargingProfile.station_id) == station_id, col(ChargingProfile.removed_at).is_(None))
        .order_by(col(ChargingProfile.id))
    )
    return list((await session.execute(query)).scalars())


async def limits_in_force(session: AsyncSession, station_id: int) -> list[ChargingLimit]:
    """What others impose on the station now, oldest first."""
    query = (
        select(ChargingLimit)
        .where(col(ChargingLimit.station_id) == station_id, col(ChargingLimit.cleared_at).is_(None))
        .order_by(col(ChargingLimit.id))
    )
    return list((await session.execute(query)).scalars())


async def running_at(session: AsyncSession, station_id: int) -> dict[int, Transaction]:
    """The open transactions of a station by EVSE; of several at one, the newest."""
    query = (
        select(Transaction)
        .where(col(Transaction.station_id) == station_id, col(Transaction.is_open))
        .order_by(col(Transaction.started_at), col(Transaction.id))
    )
    return {transaction.evse_number: transaction for transaction in (await session.execute(query)).scalars()}


async def load_installed(session: AsyncSession, station_id: int, without: int | None = None) -> Installed:
    """All that decides what the station may do now. Leaves out the profile with the id `without`."""
    rows = await profiles_in_use(session, station_id)
    installed = [row for row in rows if row.state == ProfileState.INSTALLED and row.profile_id != without]
    imposed = [profile for limit in await limits_in_force(session, station_id) for profile in imposed_by(limit)]
    running = await running_at(session, station_id)
    first = await prioritised(session, station_id, [wire_id(transaction) for transaction in running.values()])
    numbers = select(col(Evse.number)).where(col(Evse.station_id) == station_id).order_by(col(Evse.number))
    return Installed(
        profiles=(*(as_profile(row) for row in installed), *imposed),
        evses=tuple((await session.execute(numbers)).scalars()),
        running={
            number: Running(
                wire_id(transaction), seconds_of(transaction.started_at), has_priority=wire_id(transaction) in first
            )
            for number, transaction in running.items()
        },
    )


async def station_limits(session: AsyncSession, station_id: int) -> StationLimits:
    """What the station says it can take in charging profiles."""
    query = select(StationVariable).where(
        col(StationVariable.station_id) == station_id,
        col(StationVariable.variable).in_(VARIABLES),
        col(StationVariable.attribute) == "Actual",
    )
    return limits_from((await session.execute(query)).scalars())


def as_profile(row: ChargingProfile) -> Profile:
    """A row as the calculations take it; its transaction may be known only to us."""
    told = row.profile if row.transaction_ocpp_id is None else row.profile | {"transactionId": row.transaction_ocpp_id}
    return read_profile(told, row.evse_number, row.source)


def imposed_by(limit: ChargingLimit) -> list[Profile]:
    """An external limit's schedules, each as a profile of a source of its own, so that all of them count."""
    schedules = [read_schedule(schedule) for schedule in cast(Sequence[dict[str, Any]], limit.schedules)]
    anchor_s = seconds_of(limit.set_at)
    return [
        Profile(
            profile_id=0,
            evse_number=limit.evse_number,
            stack_level=0,
            purpose=EXTERNAL,
            kind="Absolute",
            schedule=Schedule(
                schedule.unit,
                schedule.periods,
                anchor_s if schedule.starts_at_s is None else schedule.starts_at_s,
                schedule.duration_s,
            ),
            source=f"{limit.source} {limit.id} {place}",
        )
        for place, schedule in enumerate(schedules)
    ]


def wire_id(transaction: Transaction) -> str:
    """The id of a transaction on the wire."""
    return transaction.ocpp_id or str(transaction.id)


def new_row(
    station_id: int, evse_number: int, profile: dict[str, Any], state: ProfileState, at: datetime
) -> ChargingProfile:
    """A row for a profile (JSON of 2.x), numbers kept within what the database can hold."""
    transaction = profile.get("transactionId")
    return ChargingProfile(
        station_id=station_id,
        evse_number=fitting(evse_number),
        profile_id=fitting(int(profile.get("id", 0))),
        stack_level=fitting(int(profile.get("stackLevel", 0))),
        purpose=str(profile.get("chargingProfilePurpose", ""))[:40],
        kind=str(profile.get("chargingProfileKind", ""))[:16],
        transaction_ocpp_id=None if transaction is None else str(transaction)[:36],
        profile=profile,
        state=state,
        updated_at=at,
    )


def fitting(number: int) -> int:
    """The number, or the nearest one of 64 bits: JSON knows no bounds."""
    return max(-_LARGEST, min(_LARGEST, number))

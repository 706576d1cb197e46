"""Keeps what EVs need and mean to do by ISO 15118, and works out the profiles they get (K15 to K18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.bus.events import ChargingNeedsReported, EvScheduleRejected
from csms.cause import current_cause
from csms.ocpp.timestamps import parse_timestamp
from csms.smart_charging.bidirectional import controlled, speaks_15118_20
from csms.smart_charging.building import ProfilePlan, build_profile
from csms.smart_charging.energy_transfer import allowed_in, is_bidirectional
from csms.smart_charging.installing import end_finished
from csms.smart_charging.limits import StationLimits, choose_unit
from csms.smart_charging.needs import excess, plan_for, read_ev_schedule, read_needs
from csms.smart_charging.profile import TX, Json, seconds_of
from csms.smart_charging.store import (
    fitting,
    load_installed,
    profiles_in_use,
    running_at,
    station_limits,
    wire_id,
)
from csms.stations.ref import StationRef
from csms.work import Work
from models import ChargingNeeds, ChargingProfile, EvChargingSchedule, Evse, NeedsState, Transaction

_FIRST_PLAN_ID = 2**30
"""Plans have ids of their own, one a transaction, so that a newer plan replaces the older by itself (DS_50)."""

_BEFORE_START = timedelta(minutes=10)
"""An EV may say what it needs before its transaction begins; what is older was said by another EV."""


@dataclass(frozen=True, slots=True)
class ChargingPlan:
    """A TxProfile that answers an EV's needs."""

    evse_number: int
    profile: Json
    needs_id: int = 0
    """The latest needs it knows of; what the EV says later waits for a plan of its own."""


async def needs_reported(
    work: Work, ref: StationRef, message: Json, at: datetime, refusal: NeedsState | None = None
) -> str:
    """Keep a NotifyEVChargingNeeds. Returns its answer: Accepted, or Processing while no transaction is known.

    With a `refusal` they are kept, but no profile follows.
    """
    session = work.session()
    evse_number = fitting(int(message["evseId"]))
    transaction = (await running_at(session, ref.id)).get(evse_number)
    for older in await _needs_at(session, ref.id, evse_number):
        older.state = NeedsState.REPLACED
    row = ChargingNeeds(
        station_id=ref.id,
        evse_number=evse_number,
        transaction_ocpp_id=None if transaction is None else wire_id(transaction),
        received_at=at,
        needs=message,
        departs_at=read_needs(message).departs_at,
        state=refusal or NeedsState.WAITING,
    )
    session.add(row)
    await session.flush()
    if refusal is None:
        _announce(work, ref, row.id or 0, evse_number, at)
    return "Processing" if transaction is None else "Accepted"


async def ev_schedule_reported(work: Work, ref: StationRef, message: Json, at: datetime) -> bool:
    """Keep a NotifyEVChargingSchedule and judge it by every limit in force (K16). Returns whether it is accepted."""
    await end_finished(work, ref, at)
    session = work.session()
    evse_number = fitting(int(message["evseId"]))
    base = parse_timestamp(message.get("timeBase")) or at
    installed = await load_installed(session, ref.id)
    beyond = excess(read_ev_schedule(message["chargingSchedule"]), seconds_of(base), installed, evse_number)
    reason = "" if beyond is None else f"After {beyond[0]} s it takes {beyond[1]}, but only {beyond[2]} is allowed."
    running = installed.running.get(evse_number)
    session.add(
        EvChargingSchedule(
            station_id=ref.id,
            evse_number=evse_number,
            transaction_ocpp_id=None if running is None else running.transaction_ocpp_id,
            received_at=at,
            time_base=base,
            schedule=message["chargingSchedule"],
            accepted=beyond is None,
            reason=reason,
        )
    )
    if beyond is not None:
        _announce_rejection(work, ref, evse_number, at)
    return beyond is None


async def plan_charging(session: AsyncSession, station_id: int, evse_number: int, now: datetime) -> ChargingPlan | None:
    """The profile for the EV at an EVSE, from its latest needs and all limits; None without a transaction there."""
    transaction = (await running_at(session, station_id)).get(evse_number)
    if transaction is None:
        return None
    needs = await _needs_at(session, station_id, evse_number)
    limits = await station_limits(session, station_id)
    own_id = _plan_id(transaction, limits)
    evse = (
        await session.execute(select(Evse).where(col(Evse.station_id) == station_id, col(Evse.number) == evse_number))
    ).scalar_one_or_none()
    said = needs[-1].needs if needs else {}
    wanted = read_needs(said)
    is_dc = wanted.is_dc or (evse is not None and evse.current_type == "DC")
    plan = plan_for(
        wanted,
        await load_installed(session, station_id, without=own_id),
        evse_number,
        now,
        choose_unit(limits, "DC" if is_dc or speaks_15118_20(said) else "AC"),
        None if evse is None else evse.max_power_w,
        limits.max_periods,
    )
    level = _level(await profiles_in_use(session, station_id), own_id, wire_id(transaction))
    profile = build_profile(
        ProfilePlan(
            profile_id=own_id,
            purpose=TX,
            unit=plan.unit,
            periods=plan.periods,
            begins_at=now,
            stack_level=level,
            duration_s=plan.duration_s,
            transaction_ocpp_id=wire_id(transaction),
        )
    )
    profile = controlled(profile, said, now, may_discharge=await _may_discharge(session, transaction, said))
    return ChargingPlan(evse_number, profile, (needs[-1].id or 0) if needs else 0)


async def _may_discharge(session: AsyncSession, transaction: Transaction, said: Json) -> bool:
    needs: Json = said.get("chargingNeeds") or {}
    requested = str(needs.get("requestedEnergyTransfer", ""))
    return is_bidirectional(requested) and requested in (await allowed_in(session, transaction) or [])


async def needs_answered(work: Work, ref: StationRef, plan: ChargingPlan, *, accepted: bool) -> None:
    """Note whether the station took the profile that answers the EV's needs."""
    for row in await _needs_at(work.session(), ref.id, plan.evse_number):
        if (row.id or 0) <= plan.needs_id:
            row.state = NeedsState.PLANNED if accepted else NeedsState.FAILED
            row.profile_id, row.transaction_ocpp_id = plan.profile["id"], plan.profile["transactionId"]


async def needs_waiting(session: AsyncSession, station_id: int, evse_number: int) -> bool:
    """Whether an EV there still waits for a profile."""
    return any(row.state == NeedsState.WAITING for row in await _needs_at(session, station_id, evse_number))


async def _needs_at(session: AsyncSession, station_id: int, evse_number: int) -> Sequence[ChargingNeeds]:
    """The needs that count at an EVSE: of what runs there, or still without a transaction."""
    running = (await running_at(session, station_id)).get(evse_number)
    query = select(ChargingNeeds).where(
        col(ChargingNeeds.station_id) == station_id,
        col(ChargingNeeds.evse_number) == evse_number,
        col(ChargingNeeds.state) != NeedsState.REPLACED,
    )
    rows = (await session.execute(query.order_by(col(ChargingNeeds.id)))).scalars()
    return [row for row in rows if _counts(row, running)]


def _counts(row: ChargingNeeds, running: Transaction | None) -> bool:
    if row.transaction_ocpp_id is not None:
        return running is not None and row.transaction_ocpp_id == wire_id(running)
    return running is None or row.received_at >= running.started_at - _BEFORE_START


def _plan_id(transaction: Transaction, limits: StationLimits) -> int:
    own_id = _FIRST_PLAN_ID + (transaction.id or 0) % _FIRST_PLAN_ID
    return max(own_id, (limits.max_external_id or 0) + 1)


def _level(in_use: Sequence[ChargingProfile], own_id: int, transaction_ocpp_id: str) -> int:
    """The plan's own stack level: the lowest that no other profile of the transaction has, or it would replace it."""
    mine = [row for row in in_use if row.purpose == TX and row.transaction_ocpp_id == transaction_ocpp_id]
    taken = {row.stack_level for row in mine if row.profile_id != own_id}
    return next(level for level in range(len(taken) + 1) if level not in taken)


def _announce(work: Work, ref: StationRef, needs_id: int, evse_number: int, at: datetime) -> None:
    work.announce(
        ChargingNeedsReported(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            needs_id=needs_id,
            evse_number=evse_number,
        )
    )


def _announce_rejection(work: Work, ref: StationRef, evse_number: int, at: datetime) -> None:
    where: dict[str, Any] = {"tenant_id": ref.tenant_id, "station_id": ref.id}
    work.announce(EvScheduleRejected(**where, at=at, cause_id=current_cause(), evse_number=evse_number))

"""How a repaired session takes in what a person gives it, and how its station's node learns of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.bus.events import TransactionRepaired
from csms.cause import current_cause
from csms.errors import NotFoundError
from csms.stations.ref import StationRef
from csms.transactions import bounds
from csms.transactions.closing import settle
from csms.transactions.inbox import moments_in, stop_report
from csms.transactions.machine import (
    TRANSACTION_BEGIN,
    TRANSACTION_END,
    Ended,
    News,
    State,
    advance,
    remarked,
    reopened,
)
from csms.transactions.meter import Moment
from csms.transactions.metering import follow
from csms.transactions.opening import Opening, judge
from csms.transactions.reports import StopReport
from csms.transactions.restore import Loaded, load, memory_of
from csms.transactions.running import Running
from csms.work import Work
from models import ChargingStation, Evse, ParkedMessage, Transaction

PLACED = "placed_by_operator"
RECORDED = "recorded_by_operator"


async def find_transaction(session: AsyncSession, transaction_id: int) -> Loaded:
    """Raises NotFoundError for an unknown one, or another tenant's."""
    found = await load(session, col(Transaction.id) == transaction_id, limit=1)
    if not found:
        raise NotFoundError(f"There is no session {transaction_id}.")
    return found[0]


async def find_station(session: AsyncSession, station_id: int) -> StationRef:
    """Whose messages it was."""
    station = await session.get_one(ChargingStation, station_id)
    return StationRef(station_id, station.tenant_id, station.location_id, station.identity)


def end_in(message: ParkedMessage) -> StopReport | None:
    """The end that a message tells of, whichever version it is of; None when it only brings meter values."""
    told = message.payload
    if message.action == "StopTransaction":
        return stop_report(message)
    if told.get("kind") != "Ended":
        return None
    moments = moments_in(message)
    registers = [moment.energy_wh for moment in moments if moment.context == TRANSACTION_END]
    at, reason = datetime.fromisoformat(told["at"]), told["stopped_reason"] or "Local"
    return StopReport(0, None, registers[-1] if registers else None, at, message.received_at, reason, moments)


def add_samples(work: Work, ref: StationRef, found: Loaded, message: ParkedMessage, at: datetime) -> None:
    """Add the meter values of a parked message."""
    row, entry = found
    moments = moments_in(message)
    state, _ = follow(work, ref, entry.id, entry.evse_number, entry.state, moments, message.received_at)
    settle_repair(work, ref, (row, entry), remarked(state, PLACED), (News.METER,), at)


def replace_end(work: Work, ref: StationRef, found: Loaded, report: StopReport, at: datetime) -> None:
    """End it as the report says, whatever was held to be its end before."""
    row, entry = found
    before = reopened(entry.state) if not entry.state.is_open else entry.state
    state, _ = follow(work, ref, entry.id, entry.evse_number, before, report.moments, report.received_at)
    ended_at = bounds.believable(report.at, report.received_at)
    state, news = advance(state, Ended(ended_at, bounds.register(report.meter_wh), report.reason[:24]))
    if RECORDED not in state.remarks:
        state = remarked(state, PLACED)
    if report.token is not None:
        row.stop_id_token = row.stop_id_token or report.token.value[:255]
    row.end_received_at = report.received_at
    settle_repair(work, ref, found, state, news, at)


async def opening_for(work: Work, ref: StationRef, report: StopReport, message: ParkedMessage) -> Opening:
    """What a stop tells of its start: who, and where the meter stood if it brings its samples."""
    begin = _begin_in(report.moments)
    ended_at = bounds.believable(report.at, report.received_at)
    return Opening(
        start_key=f"parked|{message.id}",
        ocpp_id=None,
        evse_number=await _only_evse(work.session(), ref),
        connector_number=1,
        token=report.token,
        decision=await judge(work.session(), ref, report.token, report.received_at),
        started_at=begin.sampled_at if begin else ended_at,
        received_at=report.received_at,
        meter_wh=begin.energy_wh if begin else None,
        remarks=(RECORDED,) if begin else (RECORDED, "partial_start"),
    )


def _begin_in(moments: list[Moment]) -> Moment | None:
    return next((moment for moment in moments if moment.context == TRANSACTION_BEGIN), None)


async def _only_evse(session: AsyncSession, ref: StationRef) -> int:
    """A stop does not say where; a station with one EVSE leaves no doubt."""
    query = select(col(Evse.number)).where(col(Evse.station_id) == ref.id)
    numbers = (await session.execute(query)).scalars().all()
    return numbers[0] if len(numbers) == 1 else 0


def settle_repair(
    work: Work, ref: StationRef, found: Loaded, state: State, news: tuple[News, ...], at: datetime
) -> None:
    """Write it back, and tell the node that holds the station, which remembers what runs there."""
    row, entry = found
    settle(work, ref, None, row, entry, state, news, at, row.end_received_at or at)
    work.announce(_repaired(ref, row, entry, at))


def _repaired(ref: StationRef, row: Transaction, entry: Running, at: datetime) -> TransactionRepaired:
    return TransactionRepaired(
        tenant_id=ref.tenant_id,
        station_id=ref.id,
        at=at,
        cause_id=current_cause(),
        transaction_id=entry.id,
        ocpp_id=entry.ocpp_id,
        evse_number=row.evse_number,
        is_open=row.is_open,
        started_at=row.started_at,
        ended_at=row.ended_at,
        remarks=tuple(row.remarks),
        machine=memory_of(entry.state),
    )

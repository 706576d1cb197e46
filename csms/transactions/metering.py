"""Meter values of running transactions: the hot path. Plain functions that append rows and move a state in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from csms.bus.events import TransactionUpdated
from csms.cause import current_cause
from csms.stations.ref import StationRef
from csms.transactions import bounds
from csms.transactions.energy import COUNTING, Progress
from csms.transactions.machine import State, advance
from csms.transactions.meter import PERIODIC, Moment
from csms.transactions.reports import MeterReport
from csms.transactions.rows import MERGE_METER_VALUE, SET_MACHINE, SET_STATE, meter_row, state_row
from csms.transactions.running import Closed, Running, StationTransactions
from csms.work import Work

_OF_A_TRANSACTION = frozenset((PERIODIC, "Transaction.Begin", "Transaction.End"))
"""Contexts that belong to whatever runs at the connector, when the station names no transaction (X16_14)."""


def record(work: Work, ref: StationRef, known: StationTransactions, report: MeterReport) -> None:
    """Store MeterValues with the transaction they name, or the one that runs there, or the EVSE alone (J01, J02)."""
    entry, evse_number = known.named(report), bounds.evse(report.evse_number)
    if entry is not None and evse_number:
        return _record_running(work, ref, known, entry, report.moments, report.received_at)
    if not evse_number:  # the station's main meter, never a transaction
        return store(work, ref, 0, None, report.moments, report.received_at)
    closed = known.closed.get(str(report.transaction_ref))
    if closed is not None:
        return _record_late(work, ref, known, closed, report)
    unnamed = known.by_evse.get(evse_number)
    if unnamed is None:
        return store(work, ref, evse_number, None, report.moments, report.received_at)
    mine = [moment for moment in report.moments if _belongs(moment, unnamed.state)]
    if mine:
        _record_running(work, ref, known, unnamed, mine, report.received_at)
    others = [moment for moment in report.moments if not _belongs(moment, unnamed.state)]
    store(work, ref, evse_number, None, others, report.received_at)


def _record_late(work: Work, ref: StationRef, known: StationTransactions, closed: Closed, report: MeterReport) -> None:
    """Store what comes after the end; it moves nothing, but must be found (quirk 42)."""
    store(work, ref, closed.evse_number, closed.id, report.moments, report.received_at)
    samples = closed.samples
    for moment in report.moments:
        samples = samples.including(moment.sampled_at)
    if samples is not closed.samples:
        machine = closed.machine | {"samples": samples.to_json()}
        work.append(SET_MACHINE, {"of_id": closed.id, "of_tenant": ref.tenant_id, "new_machine": machine})
        found = replace(closed, samples=samples, machine=machine)
        work.after_commit(lambda: known.close(str(report.transaction_ref), found))


def _belongs(moment: Moment, state: State) -> bool:
    return moment.context in _OF_A_TRANSACTION and moment.sampled_at >= state.started_at


def _record_running(
    work: Work,
    ref: StationRef,
    known: StationTransactions,
    entry: Running,
    moments: Sequence[Moment],
    received_at: datetime,
) -> None:
    state, is_remarkable = follow(work, ref, entry.id, entry.evse_number, entry.state, moments, received_at)
    if state is entry.state:
        return
    if is_remarkable:
        work.append(SET_STATE, state_row(ref, entry.id, state))
    if state.progress is not entry.state.progress:
        announce_progress(work, ref, entry, state, moments[-1].sampled_at)
    work.after_commit(lambda: known.moved(entry.ocpp_id, state))


def follow(
    work: Work,
    ref: StationRef,
    transaction_id: int,
    evse_number: int,
    state: State,
    moments: Sequence[Moment],
    received_at: datetime,
    seq_no: int | None = None,
) -> tuple[State, bool]:
    """Store the moments of a transaction at its EVSE and advance its state by them.

    Returns the state, and whether it holds something that no meter value's row tells and the transaction's must.
    """
    is_remarkable = False
    statement = MERGE_METER_VALUE[work.dialect]
    for moment in moments:
        before = state.progress
        state, news = advance(state, moment)
        samples = state.samples.including(moment.sampled_at)
        if samples is not state.samples:
            state, is_remarkable = replace(state, samples=samples), True
        if len(news) > 1 or _kind(state.progress) != _kind(before):
            is_remarkable = True
        energy_wh = state.energy_wh if state.progress.at is not before.at else _late_energy(state, moment)
        row = meter_row(ref, evse_number, transaction_id, moment, received_at, energy_wh, seq_no)
        work.append(statement, row)
    return state, is_remarkable


def _kind(progress: Progress) -> tuple[str, bool]:
    return progress.source, progress.estimated


def _late_energy(state: State, moment: Moment) -> int | None:
    """The transaction's energy at a moment that did not move it; None where only the order could tell.

    A moment that came late has one, an answer to a question too. But none that could be taken for the newest that
    counted: another context of that moment, or a register at the start with a time after it.
    """
    register_wh, start_wh, counted_at = moment.energy_wh, state.start_wh, state.progress.at
    if moment.context in COUNTING and (counted_at is None or moment.sampled_at >= counted_at):
        return None
    if register_wh is None or start_wh is None or register_wh < start_wh or state.progress.drop is not None:
        return None
    return register_wh - start_wh


def store(
    work: Work,
    ref: StationRef,
    evse_number: int,
    transaction_id: int | None,
    moments: Sequence[Moment],
    received_at: datetime,
) -> None:
    """Store moments that move no transaction."""
    statement = MERGE_METER_VALUE[work.dialect]
    for moment in moments:
        work.append(statement, meter_row(ref, evse_number, transaction_id, moment, received_at, None, None))


def announce_progress(work: Work, ref: StationRef, entry: Running, state: State, sampled_at: datetime) -> None:
    """Tell how far an open transaction has come."""
    progress = state.progress
    work.announce(
        TransactionUpdated(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=sampled_at,
            cause_id=current_cause(),
            transaction_id=entry.id,
            evse_number=entry.evse_number,
            charging_state=state.charging_state,
            energy_wh=progress.energy_wh,
            power_w=progress.power_w,
            soc_percent=progress.soc_percent,
            cost=entry.cost(state, sampled_at),
            currency=entry.currency,
            sampled_at=sampled_at,
        )
    )

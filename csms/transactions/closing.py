"""Writes a state back to its row, prices what has ended, and tells (E06 to E12, X16_05)."""

from collections.abc import Sequence
from datetime import datetime

from csms.bus.events import TransactionEnded
from csms.cause import current_cause
from csms.stations.ref import StationRef
from csms.transactions.machine import News, State
from csms.transactions.metering import announce_progress
from csms.transactions.restore import memory_of, state_values
from csms.transactions.running import Closed, Running, StationTransactions
from csms.work import Work
from models import Transaction

_TOLD_AT_THE_END = {News.END, News.METER, News.START}


def settle(
    work: Work,
    ref: StationRef,
    known: StationTransactions | None,
    row: Transaction,
    entry: Running,
    state: State,
    news: Sequence[News],
    at: datetime,
    received_at: datetime,
) -> None:
    """Bring `row` and, after the commit, the memory of what runs up to `state`; announce what is news.

    The price of an ended transaction follows its energy and times: what comes late may still correct it.
    """
    for column, value in state_values(state).items():
        setattr(row, column, value)
    if not state.is_open:
        row.end_received_at = row.end_received_at or received_at
        row.cost = entry.cost(state, received_at)
        if not _TOLD_AT_THE_END.isdisjoint(news):
            _announce_end(work, ref, row, entry)
    elif news:
        announce_progress(work, ref, entry, state, at)
    entry.state = state
    if known is not None:
        remember(work, known, entry)


def remember(work: Work, known: StationTransactions, *entries: Running) -> None:
    """After the commit, know these transactions as they are now."""

    def update() -> None:
        for entry in entries:
            if entry.state.is_open:
                known.put(entry)
            else:
                known.close(entry.ocpp_id, _closed(entry))

    work.after_commit(update)


def _closed(entry: Running) -> Closed:
    return Closed(entry.id, entry.evse_number, entry.state.samples, memory_of(entry.state))


def _announce_end(work: Work, ref: StationRef, row: Transaction, entry: Running) -> None:
    ended_at = row.ended_at or row.started_at
    work.announce(
        TransactionEnded(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=ended_at,
            cause_id=current_cause(),
            transaction_id=entry.id,
            evse_number=entry.evse_number,
            energy_wh=row.energy_wh,
            cost=row.cost,
            currency=row.currency,
            ended_at=ended_at,
            stop_reason=row.stop_reason or "",
        )
    )

"""Takes in what stations report of transactions; every verb is called inside a unit of work, in the tenant's scope.

Nothing is refused for business reasons, and everything may come twice: after a commit the caller may acknowledge.
"""

from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import col

from csms.bus.events import TransactionRepaired
from csms.stations.ref import StationRef
from csms.transactions import bounds, events, metering, start_stop
from csms.transactions.closing import remember
from csms.transactions.machine import ChargingStateReported, News, advance
from csms.transactions.parking import park
from csms.transactions.reports import (
    EventOutcome,
    EventReport,
    MeterReport,
    StartOutcome,
    StartReport,
    StopOutcome,
    StopReport,
)
from csms.transactions.restore import load, load_closed
from csms.transactions.rows import SET_STATE, state_row
from csms.transactions.running import MAX_CLOSED, Closed, StationTransactions
from csms.transactions.span import span_of
from csms.work import Work
from models import Transaction
from models.db import Database


class Transactions:
    """The verbs of transactions, and what runs at the stations connected here."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stations: dict[int, StationTransactions] = {}

    async def prepare(self, ref: StationRef) -> None:
        """Know what runs at this station; nothing to do when we know already. Not inside a unit of work."""
        if ref.id in self._stations:
            return
        known = StationTransactions()
        at_station = col(Transaction.station_id) == ref.id
        async with self._database.reading() as session:
            for ocpp_id, closed in reversed(await load_closed(session, ref.id, MAX_CLOSED)):
                known.close(ocpp_id, closed)
            for _, entry in reversed(await load(session, at_station, col(Transaction.is_open))):
                known.put(entry)
        self._stations.setdefault(ref.id, known)

    def knows(self, station_id: int) -> bool:
        """Whether the station is prepared."""
        return station_id in self._stations

    def forget(self, station_id: int) -> None:
        """The station has left; another node may serve it next."""
        self._stations.pop(station_id, None)

    def take_over(self, event: TransactionRepaired) -> None:
        """A person decided about a transaction: remember it as it is now, if its station is connected here."""
        known = self._stations.get(event.station_id)
        if known is None:
            return
        samples = span_of(event.machine, event.started_at, event.ended_at)
        entry = known.running.get(event.ocpp_id)
        if not event.is_open:
            known.close(event.ocpp_id, Closed(event.transaction_id, event.evse_number, samples, event.machine))
        elif entry is not None:
            entry.state = replace(entry.state, samples=samples, remarks=event.remarks)

    def record_meter_values(self, work: Work, ref: StationRef, report: MeterReport) -> None:
        """Store MeterValues (J01, J02; 1.6 MeterValues). Needs `prepare`; raises RuntimeError without."""
        if not 0 <= report.evse_number <= bounds.MAX_NUMBER:
            reason = f"There can be no EVSE {report.evse_number}"
            return park(work, ref, "MeterValues", report, reason, "Assign the values to an EVSE")
        known = self._stations.get(ref.id)
        if known is None:
            raise RuntimeError("prepare() the station before recording its meter values")
        metering.record(work, ref, known, report)

    async def start(self, work: Work, ref: StationRef, report: StartReport) -> StartOutcome:
        """1.6 StartTransaction. The same report always gets the same id (X16_01)."""
        return await start_stop.start(work, ref, self._stations.get(ref.id), report)

    async def stop(self, work: Work, ref: StationRef, report: StopReport) -> StopOutcome:
        """1.6 StopTransaction. What belongs to no transaction is parked (X16_04)."""
        return await start_stop.stop(work, ref, self._stations.get(ref.id), report)

    def record_event(
        self, work: Work, ref: StationRef, report: EventReport
    ) -> EventOutcome | Coroutine[Any, Any, EventOutcome]:
        """2.x TransactionEvent. An Updated that only brings meter values of a known transaction needs no query."""
        known = self._stations.get(ref.id)
        quick = None if known is None else events.record_quickly(work, ref, known, report)
        return quick or events.record(work, ref, known, report)

    async def note_status(self, work: Work, ref: StationRef, evse_number: int, status_1_6: str, at: datetime) -> None:
        """A 1.6 connector status tells how the open transaction there fares; it never opens or closes one (DS_40)."""
        known = self._stations.get(ref.id)
        entry = known.by_evse.get(evse_number) if known else None
        charging_state = start_stop.CHARGING_STATES.get(status_1_6)
        if known is None or entry is None or charging_state is None or at < entry.state.started_at:
            return
        state, news = advance(entry.state, ChargingStateReported(charging_state, at))
        if News.STATE not in news:
            return
        work.append(SET_STATE, state_row(ref, entry.id, state))
        metering.announce_progress(work, ref, entry, state, at)
        remember(work, known, replace(entry, state=state))

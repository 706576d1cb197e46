"""The open transactions of connected stations, in memory: so that a meter value costs no query.

A mirror of the database: filled by a query, changed only after a commit, dropped when the station leaves.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from csms.tariffs.pricing import Prices, Rates, rates_of
from csms.transactions.machine import State
from csms.transactions.reports import MeterReport
from csms.transactions.span import Span

MAX_CLOSED = 32
"""Closed transactions remembered per station, for meter values that come after the stop (quirk 42)."""


@dataclass(slots=True)
class Running:
    """One transaction as the hot path needs it."""

    id: int
    ocpp_id: str
    evse_number: int
    state: State
    prices: Prices | None
    currency: str
    _rates: Rates | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._rates = None if self.prices is None else rates_of(self.prices, self.currency)

    def cost(self, state: State, at: datetime) -> Decimal | None:
        """What `state` costs at `at`; None without a tariff."""
        return None if self._rates is None else self._rates.total(state.energy_wh, state.duration_s(at))


@dataclass(frozen=True, slots=True)
class Closed:
    """One that has ended, as its late meter values need it. `machine` is what its row remembers."""

    id: int
    evse_number: int
    samples: Span
    machine: dict[str, Any]


@dataclass(slots=True)
class StationTransactions:
    """What runs at one station."""

    running: dict[str, Running] = field(default_factory=dict[str, Running])
    """By the id on the wire."""
    by_evse: dict[int, Running] = field(default_factory=dict[int, Running])
    """The newest at each EVSE."""
    closed: dict[str, Closed] = field(default_factory=dict[str, Closed])
    """The latest that ended, by the id on the wire."""

    def put(self, entry: Running) -> None:
        """Know an open transaction, in its newest state."""
        self.running[entry.ocpp_id] = entry
        there = self.by_evse.get(entry.evse_number)
        if there is None or there.id <= entry.id:
            self.by_evse[entry.evse_number] = entry

    def close(self, ocpp_id: str, closed: Closed) -> None:
        """Forget that it runs, remember that it was."""
        entry = self.running.pop(ocpp_id, None)
        if entry is not None and self.by_evse.get(entry.evse_number) is entry:
            del self.by_evse[entry.evse_number]
            for other in self.running.values():
                if other.evse_number == entry.evse_number:
                    self.put(other)
        self.closed[ocpp_id] = closed
        if len(self.closed) > MAX_CLOSED:
            del self.closed[next(iter(self.closed))]

    def named(self, report: MeterReport) -> Running | None:
        """The open transaction that meter values name."""
        return None if report.transaction_ref is None else self.running.get(str(report.transaction_ref))

    def moved(self, ocpp_id: str, state: State) -> None:
        """Take over a state that is now durable."""
        entry = self.running.get(ocpp_id)
        if entry is not None:
            entry.state = state

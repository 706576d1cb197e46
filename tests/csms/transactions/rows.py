"""The rows of one transaction as the hot path would leave them, without a database."""

from datetime import datetime
from typing import Any, cast

from csms.stations.ref import StationRef
from csms.transactions.energy import COUNTING
from csms.transactions.machine import Result, State, Update, advance
from csms.transactions.meter import Moment
from csms.transactions.metering import follow
from csms.transactions.restore import state_values
from csms.work import Work
from models import MeterValue, Transaction
from tests.csms.transactions.charger import T0

REF = StationRef(id=1, tenant_id=1, identity="ONE", location_id=1)


class StoredRows:
    """A transaction's row, written only when it must be, and its meter values, merged by moment and context."""

    dialect = "sqlite"

    def __init__(self, state: State) -> None:
        self.transaction = Transaction(**state_values(state))
        self._values: dict[tuple[datetime, str], dict[str, Any]] = {}

    def store(self, state: State, update: Update) -> Result:
        """The state after `update` and what is news, once a handler has stored what it must."""
        after, news = advance(state, update)
        is_remarkable = True
        if isinstance(update, Moment):
            after, is_remarkable = follow(cast(Work, self), REF, 1, 1, state, [update], T0)
        if is_remarkable or not after.is_open:
            self.transaction = Transaction(**state_values(after))
        return after, news

    def append(self, _statement: Any, row: dict[str, Any]) -> None:
        """Take in a meter value: what it says replaces what was said before of the same moment."""
        stored = self._values.setdefault((row["sampled_at"], row["context"]), {})
        stored |= {name: value for name, value in row.items() if value is not None}

    def newest(self) -> MeterValue | None:
        """The newest meter value that counted."""
        counted = [
            row for row in self._values.values() if "transaction_energy_wh" in row and row["context"] in COUNTING
        ]
        newest = max(counted, key=lambda row: (row["sampled_at"], row["context"]), default=None)
        return None if newest is None else MeterValue(**newest)

    def times(self) -> list[datetime]:
        """Of every meter value."""
        return [sampled_at for sampled_at, _ in self._values]

"""Sessions that run at this moment, each line live."""

import heapq
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from nicegui import ui

from components.controls import card
from components.empty import empty_state
from components.formats import Formats
from components.live import follow
from components.status import status_data
from pages.operator.map_rows import Snapshot
from pages.operator.words import connector_words
from pages.session import PageContext

MOST: Final = 12
"""Lines on show; the sessions page has them all."""

_STATES: Final = {"EVConnected": "Preparing", "Idle": "Finishing"}


class SessionList(ui.element, component="running.js"):
    """The browser's half: rows by key, and a clock that ticks there."""

    def __init__(self, rows: list[dict[str, Any]], now_ms: int) -> None:
        super().__init__()
        self.props.update({"rows": rows, "now": now_ms, "statuses": status_data()})

    def load(self, rows: list[dict[str, Any]]) -> None:
        """Show these rows instead, in this order."""
        self.run_method("load", rows)

    def put(self, rows: list[dict[str, Any]]) -> None:
        """Change rows that are on show."""
        self.run_method("put", rows)


class RunningSessions:
    """The newest open sessions; a batch changes lines, and only a start or an end changes which ones are there."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._board = context.services.board
        shown = self._newest()
        self._keys = [transaction["id"] for transaction in shown]
        with card("Running sessions", flush=True) as frame:
            now_ms = round(context.services.clock.now().timestamp() * 1000)
            self._list = SessionList(self._rows(shown), now_ms)
            with self._list:
                empty_state("Nothing is charging", "A session appears here when it starts.", icon="battery-charging")
        self._frame = frame
        self._note()
        follow(self._board, context.tenant.id, ["transactions"], self._update, owner=frame)

    def _update(self, batch: dict[str, Snapshot]) -> None:
        shown = self._newest()
        keys = [transaction["id"] for transaction in shown]
        if keys != self._keys:
            self._keys = keys
            self._list.load(self._rows(shown))
        else:
            self._list.put(self._rows(t for t in shown if str(t["id"]) in batch))
        self._note()

    def _newest(self) -> list[Snapshot]:
        running = self._board.transactions(self._context.tenant.id).values()
        return heapq.nlargest(MOST, running, key=lambda transaction: (transaction["started_at"], transaction["id"]))

    def _note(self) -> None:
        more = len(self._board.transactions(self._context.tenant.id)) - len(self._keys)
        self._frame.sub.set_text(f"The newest {MOST}; {more} more are running" if more > 0 else "")

    def _rows(self, transactions: Iterable[Snapshot]) -> list[dict[str, Any]]:
        tenant_id, formats = self._context.tenant.id, self._context.formats
        return [session_row(t, self._board.station(tenant_id, t["station_id"]), formats) for t in transactions]


def session_row(transaction: Snapshot, station: Snapshot | None, formats: Formats) -> dict[str, Any]:
    """A line in words: what the browser shows as it is, besides the clock."""
    cost, soc = transaction["cost"], transaction["soc_percent"]
    return {
        "key": str(transaction["id"]),
        "href": f"/transactions/{transaction['id']}",
        "station": station["name"] if station else transaction["station"],
        "place": _place(transaction, station),
        "status": _STATES.get(transaction["charging_state"], transaction["charging_state"]),
        "energy": formats.energy(transaction["energy_wh"]),
        "power": formats.power(transaction["power_w"]),
        "soc": soc,
        "soc_text": formats.percent(soc),
        "cost": formats.money(None if cost is None else Decimal(cost), transaction["currency"] or None),
        "started": round(datetime.fromisoformat(transaction["started_at"]).timestamp() * 1000),
    }


def _place(transaction: Snapshot, station: Snapshot | None) -> str:
    """Where it is: the site, or the identity where the name says the site already."""
    plug = connector_words(transaction["evse_number"], transaction["connector_number"])
    if station is None:
        return plug
    named_after_site = station["name"].startswith(station["location"])
    return f"{station['identity'] if named_after_site else station['location']} · {plug}"

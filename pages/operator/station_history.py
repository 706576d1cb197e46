"""What befell a station: faults, lost connections and alerts; and the sessions it has had."""

import asyncio
from typing import Any, Final

from components.controls import button, card, skeleton
from components.data_table import DataTable, Page, Query
from components.empty import Empty, empty_state
from components.live import follow
from csms.stations.queries import EventRow, events
from csms.transactions.queries import TransactionQuery, search_transactions
from models import Severity
from pages.operator.station_view import StationView
from pages.operator.transaction_rows import COLUMNS, live_cells, transaction_row
from pages.operator.words import code_in, connector_words, event_words, readable
from themes.icons import icon
from themes.markup import Tag

PAGE: Final = 12
_ICONS: Final = {"station.offline": "wifi-off", "device.alert": "bell", "station.booted": "rotate-ccw"}
_TONES: Final[dict[str, str]] = {Severity.PROBLEM: "problem", Severity.WARNING: "warning"}


class StationEvents:
    """Newest first; read anew when something is added or resolved, older ones on demand."""

    def __init__(self, view: StationView) -> None:
        self._view = view
        self._last_id: int | None = None
        self._task: asyncio.Task[None] | None = None
        self._state: tuple[Any, ...] = ()
        with card("Events and problems") as frame:
            self._list = Tag("ol", classes="vd-story vd-story--dated", aria_live="polite")
            with self._list:
                self._skeleton = Tag("li")
                with self._skeleton:
                    skeleton(4)
            self._empty = Tag("div")
            self._more = button("Show older", on_click=self._older)
            self._more.set_visibility(False)
        follow(view.board, view.tenant_id, ["events"], self._heard, owner=frame)
        follow(view.board, view.tenant_id, [view.key], self._changed, owner=frame)

    async def load(self) -> None:
        """Read the newest entries."""
        found = await self._read(None)
        if self._list.is_deleted:
            return
        self._list.clear()
        self._empty.clear()
        self._show(found)
        if not found:
            with self._empty:
                empty_state("Nothing has happened", "Faults and lost connections will be listed here.", icon="history")

    async def _older(self) -> None:
        self._show(await self._read(self._last_id))

    async def _read(self, before_id: int | None) -> list[EventRow]:
        async with self._view.context.reading() as session:
            return await events(session, station_id=self._view.id, before_id=before_id, limit=PAGE)

    def _show(self, found: list[EventRow]) -> None:
        self._more.set_visibility(len(found) == PAGE)
        self._last_id = found[-1].event.id if found else self._last_id
        with self._list:
            for row in found:
                self._line(row)

    def _line(self, row: EventRow) -> None:
        event, formats = row.event, self._view.formats
        lasting = event.resolved_at is None
        tone = _TONES.get(event.severity, "quiet") if lasting else "quiet"
        with Tag("li", data_tone=tone, data_event=event.kind):
            with Tag("span", classes="vd-story__dot", aria_hidden="true"):
                icon(_ICONS.get(event.kind, "triangle-alert" if event.severity != Severity.INFO else "info"))
            with Tag("span", event_words(event.text) or readable(event.kind), "vd-story__text"):
                where = connector_words(event.evse_number, event.connector_number) if event.evse_number else ""
                said = ("" if event.text.startswith(where) else where, code_in(event.text), self._how_long(row))
                Tag("span", " · ".join(part for part in said if part), "vd-story__sub")
            Tag("time", formats.moment(event.at), "vd-story__time", datetime=event.at.isoformat())

    def _how_long(self, row: EventRow) -> str:
        event, formats = row.event, self._view.formats
        if event.severity == Severity.INFO:
            return ""
        if event.resolved_at is None:
            return "Still so"
        lasted_s = (event.resolved_at - event.at).total_seconds()
        return f"Over after {formats.duration(lasted_s)}" if lasted_s >= 1 else "Over at once"

    def _heard(self, batch: dict[str, Any]) -> None:
        if any(entry["station_id"] == self._view.id for entry in batch["events"]):
            self._reload()

    def _changed(self, snapshot: dict[str, Any]) -> None:
        """What is over tells no entry; the statuses do."""
        state = (snapshot["online"], snapshot["error_code"], str(snapshot["connectors"]))
        if state != self._state:
            self._state = state
            self._reload()

    def _reload(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self.load())


def sessions_tab(view: StationView) -> None:
    """All sessions of the station, newest first; running ones are live."""

    async def fetch(query: Query) -> Page:
        wanted = TransactionQuery(
            text=query.search,
            station_id=view.id,
            sort=query.sort or "started_at",
            descending=query.descending,
            offset=query.offset,
            limit=query.limit,
        )
        async with view.context.reading() as session:
            rows, total = await search_transactions(session, wanted)
        open_ids.clear()
        open_ids.update(str(row.id) for row in rows if row.is_open)
        return Page([transaction_row(row, view.context) for row in rows], total)

    def update(snapshot: dict[str, Any]) -> None:
        table.patch_row(str(snapshot["id"]), live_cells(snapshot, view.formats))

    open_ids: set[str] = set()
    with card(flush=True):
        Tag("h2", "Sessions of this station", "vd-hidden")
        following = follow(view.board, view.tenant_id, (), update)
        table = DataTable(
            [column for column in COLUMNS if column.name != "station"],
            fetch,
            search="Search token or session id",
            sort="started_at",
            descending=True,
            page_size=PAGE,
            empty=Empty(
                "No sessions yet", "The first one appears here when a car charges at this station.", icon="zap"
            ),
            on_rows=lambda keys: following.watch([f"transaction:{key}" for key in keys if key in open_ids]),
            title="Sessions of this station",
        )

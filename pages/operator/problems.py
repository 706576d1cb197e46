"""What needs a hand: faults, alerts and lost connections that still last, newest first."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from components.age import Age
from components.controls import card, skeleton
from components.empty import empty_state
from components.live import follow
from csms.stations.queries import EventRow, latest_problems
from csms.stations.words import FAULTED, OFFLINE
from pages.operator.map_rows import Snapshot
from pages.operator.words import event_words
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

MOST: Final = 8
_PICTURES: Final = {"station.offline": "wifi-off", "device.alert": "bell"}


class Problems:
    """The list; read again when a station's trouble begins or ends, and never twice at a time."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._loading = asyncio.Lock()
        self._asked = False
        self._troubled = _troubled(context.services.board.stations(context.tenant.id).values())
        with card("Needs attention", flush=True) as frame:
            self._place = Tag("div", aria_live="polite")
            with self._place, Tag("div", classes="problems__wait"):
                skeleton(4)
        board, tenant_id = context.services.board, context.tenant.id
        follow(board, tenant_id, ["events"], self._reload, owner=frame)
        follow(board, tenant_id, ["stations"], self._look, owner=frame)

    async def load(self) -> None:
        """Read and show the list. News that arrive meanwhile make it read once more."""
        self._asked = True
        if self._loading.locked():
            return
        async with self._loading:
            while self._asked and not self._place.is_deleted:
                self._asked = False
                async with self._context.reading() as session:
                    problems = await latest_problems(session, MOST)
                self._show(problems)

    def _look(self, batch: dict[str, Snapshot]) -> None:
        """A station that is well again tells no entry; its status does."""
        before = set(self._troubled)
        ids = {station["id"] for station in batch.values()}
        self._troubled = (self._troubled - ids) | _troubled(batch.values())
        if self._troubled != before:
            self._reload()

    def _reload(self, _: Any = None) -> None:
        self._task = asyncio.create_task(self.load())

    def _show(self, problems: list[EventRow]) -> None:
        if self._place.is_deleted:
            return
        self._place.clear()
        with self._place:
            if not problems:
                empty_state("All is well", "Nothing is out of order, and no connection was lost.", icon="circle-check")
                return
            with Tag("ul", classes="problems"):
                for problem in problems:
                    self._line(problem)

    @staticmethod
    def _line(problem: EventRow) -> None:
        event = problem.event
        with Tag("li"), Tag("a", href=f"/stations/{quote(problem.station, safe='')}"):
            with Tag("span", classes="problems__mark", data_severity=event.severity):
                icon(_PICTURES.get(event.kind, "triangle-alert"))
            with Tag("div", classes="problems__what"):
                with Tag("div", classes="problems__line"):
                    Tag("b", problem.name or problem.station)
                    Age(event.at)
                Tag("div", event_words(event.text), "problems__text")


def _troubled(stations: Iterable[Snapshot]) -> set[int]:
    return {station["id"] for station in stations if station["status"] in (FAULTED, OFFLINE)}

"""Hears what a station's news are while it is being checked."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from csms.bus.bus import Bus
from csms.bus.events import Event

E = TypeVar("E", bound=Event)
_MOST = 2_000


class Watch:
    """Collects the events of one station from its making until `close`."""

    def __init__(self, bus: Bus, station_id: int) -> None:
        self._station_id = station_id
        self._events: list[Event] = []
        self._news = asyncio.Event()
        self.close = bus.subscribe(Event, self._hear)

    @property
    def now(self) -> int:
        """A place in what was heard; `wait` begins to look there."""
        return len(self._events)

    def heard(self, kind: type[E], since: int = 0) -> list[E]:
        """What was heard of one kind."""
        return [event for event in self._events[since:] if isinstance(event, kind)]

    async def wait(self, kind: type[E], fits: Callable[[E], bool], timeout_s: float, *, since: int) -> E | None:
        """The first event that fits, heard already or within `timeout_s`; None when there is none."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    found = next((event for event in self.heard(kind, since) if fits(event)), None)
                    if found is not None:
                        return found
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return None

    async def until(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `holds` is true of what was heard; False when it is not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return holds()
        return True

    def _hear(self, event: Event) -> None:
        if event.station_id == self._station_id and len(self._events) < _MOST:
            self._events.append(event)
            self._news.set()

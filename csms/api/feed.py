"""The tenant's events as they happen, for whoever listens: each with an id, the last ones remembered for a while."""

import asyncio
import secrets
from collections import defaultdict, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from csms.bus.bus import Bus
from csms.bus.events import Event
from csms.bus.outside import OUTSIDE

REMEMBERED: Final = 500
"""Events of a tenant that can be caught up with after a lost connection."""
WAITING: Final = 1000
"""Events that may wait for a listener who is slow."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event with its id: the feed's own name, and a number that grows."""

    number: int
    event: Event


class Listener:
    """The events that wait for one listener."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Told] = asyncio.Queue(WAITING)
        self.has_lost = False
        """It was too slow: events were left out since."""

    def hear(self, told: Told) -> None:
        """Take an event in, or note that there was no room."""
        try:
            self._queue.put_nowait(told)
        except asyncio.QueueFull:
            self.has_lost = True

    async def next(self, timeout_s: float) -> Told | None:
        """The next event, or None after `timeout_s` without one."""
        try:
            return await asyncio.wait_for(self._queue.get(), timeout_s)
        except TimeoutError:
            return None


class EventFeed:
    """Hears the bus for as long as the process lives, and passes events on by tenant."""

    def __init__(self, bus: Bus) -> None:
        self.name = secrets.token_hex(4)
        """Which run of the process the ids belong to."""
        self._number = 0
        self._past: dict[int, deque[Told]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self.stop_hearing: Callable[[], None] = bus.subscribe(Event, self._hear)

    @contextmanager
    def listening(self, tenant_id: int) -> Generator[Listener]:
        """A listener for a tenant's events, from now on."""
        listener = Listener()
        self._listeners[tenant_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[tenant_id].discard(listener)

    def since(self, tenant_id: int, last_id: str) -> list[Told] | None:
        """What happened after the event of this id; None when it is too long ago, or was another process's."""
        name, _, number = last_id.partition("-")
        if name != self.name or not number.isdigit():
            return None
        past = self._past[tenant_id]
        after = int(number)
        if past and past[0].number > after + 1 and len(past) == REMEMBERED:
            return None
        return [told for told in past if told.number > after]

    def id_of(self, told: Told) -> str:
        """The id as listeners see it."""
        return f"{self.name}-{told.number}"

    def _hear(self, event: Event) -> None:
        if type(event) not in OUTSIDE:
            return
        self._number += 1
        told = Told(self._number, event)
        self._past[event.tenant_id].append(told)
        for listener in self._listeners[event.tenant_id]:
            listener.hear(told)

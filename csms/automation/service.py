"""Runs the reactions: news in, requests to stations out, through the same door and the same record as people's."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog

from csms.access.policy import Actor
from csms.bus.bus import Bus
from csms.bus.events import Event
from csms.cause import because_of, new_cause
from csms.clock import Clock
from csms.commands.service import Commands
from csms.config import Settings
from csms.work import Committer
from models import Role
from models.db import Database
from models.scope import tenant_scope

log = structlog.get_logger(__name__)
NAME = "Voltdeck"


@dataclass(frozen=True, slots=True)
class Hands:
    """What a reaction may use."""

    commands: Commands
    committer: Committer
    database: Database
    clock: Clock
    settings: Settings
    turns: WeakValueDictionary[Hashable, asyncio.Lock] = field(
        default_factory=WeakValueDictionary[Hashable, asyncio.Lock]
    )

    def turn(self, key: Hashable) -> asyncio.Lock:
        """Held around what news of the same thing must not do twice, or in the wrong order."""
        return self.turns.setdefault(key, asyncio.Lock())

    def actor(self, tenant_id: int) -> Actor:
        """The platform itself, acting for a tenant; no user, so the audit shows who it was."""
        return Actor(user_id=None, name=NAME, email="", tenant_id=tenant_id, role=Role.ADMIN)


Reaction = Callable[[Hands, Any], Awaitable[None]]
"""Takes the event it was registered for. May wait for stations; runs with the event's tenant in scope."""


class Watcher(Protocol):
    """Reacts to the bus in a way of its own: it remembers, waits or batches."""

    def start(self, bus: Bus, hands: Hands) -> None:
        """Begin to listen."""
        ...

    async def stop(self) -> None:
        """Listen no more and give up what is under way."""
        ...


class Automation:
    """Reacts to the bus, each event in a task of its own. What it misses while down, stations say again."""

    def __init__(
        self,
        bus: Bus,
        hands: Hands,
        reactions: Mapping[type[Event], tuple[Reaction, ...]],
        watchers: Sequence[Watcher] = (),
    ) -> None:
        self._bus = bus
        self._hands = hands
        self._reactions = reactions
        self._watchers = watchers
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to listen."""
        for event_type, reactions in self._reactions.items():
            for reaction in reactions:
                self._unsubscribe.append(self._bus.subscribe(event_type, self._starter(reaction)))
        for watcher in self._watchers:
            watcher.start(self._bus, self._hands)

    async def stop(self) -> None:
        """Listen no more and give up what is under way."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        for watcher in self._watchers:
            await watcher.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _starter(self, reaction: Reaction) -> Callable[[Event], None]:
        def start(event: Event) -> None:
            task = asyncio.create_task(self._react(reaction, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return start

    async def _react(self, reaction: Reaction, event: Event) -> None:
        try:
            with tenant_scope(event.tenant_id), because_of(event.cause_id or new_cause()):
                await reaction(self._hands, event)
        except Exception:
            log.exception("reaction failed", news=type(event).__name__, station_id=event.station_id)

"""The bus: tells local listeners, in order, at once. A failing listener never stops the rest."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from csms.bus.events import Event

log = structlog.get_logger(__name__)
E = TypeVar("E", bound=Event)


class Bus:
    """Publishes events to those who subscribed to their type, or to all."""

    def __init__(self) -> None:
        self._listeners: dict[type[Event], list[Callable[[Event], None]]] = defaultdict(list)

    def subscribe(self, event_type: type[E], listener: Callable[[E], None]) -> Callable[[], None]:
        """Call `listener` with each event of exactly this type (`Event`: with all). Returns what unsubscribes it."""
        listeners = self._listeners[event_type]
        listeners.append(listener)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

        def unsubscribe() -> None:
            if listener in listeners:
                listeners.remove(listener)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

        return unsubscribe

    def publish(self, events: Iterable[Event]) -> None:
        """Tell everyone. Listeners are quick and never wait: slow work belongs to a task of their own."""
        for event in events:
            for listener in (*self._listeners[type(event)], *self._listeners[Event]):
                try:
                    listener(event)
                except Exception:
                    log.exception("listener failed", news=type(event).__name__)

"""The bus: tells local listeners, in order, at once. A failing listener never stops the rest."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from csms.bus.events import Event

log = structlog.get_logger(__name__)
E = TypeVar("E", bound=Event)


class Bus:
    """Publishes events to those who subscribed to their type, or to all."""

    def __init__(self) -> None:
        self._listeners: dict[type[Event], list[Callable[[Event], None]]] = {}
        self._told: dict[type[Event], tuple[Callable[[Event], None], ...]] = {}
        """Who is told of a type, worked out when the first of it is published."""

    def subscribe(self, event_type: type[E], listener: Callable[[E], None]) -> Callable[[], None]:
        """Call `listener` with each event of exactly this type (`Event`: with all). Returns what unsubscribes it."""
        listeners = self._listeners.setdefault(event_type, [])
        listeners.append(listener)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        self._told.clear()

        def unsubscribe() -> None:
            if listener in listeners:
                listeners.remove(listener)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
                self._told.clear()

        return unsubscribe

    def publish(self, events: Iterable[Event]) -> None:
        """Tell everyone. Listeners are quick and never wait: slow work belongs to a task of their own."""
        for event in events:
            for listener in self._told.get(type(event)) or self._listeners_of(type(event)):
                try:
                    listener(event)
                except Exception:
                    log.exception("listener failed", news=type(event).__name__)

    def _listeners_of(self, event_type: type[Event]) -> tuple[Callable[[Event], None], ...]:
        of_type, of_all = self._listeners.get(event_type, ()), self._listeners.get(Event, ())
        told = self._told[event_type] = (*of_type, *(() if event_type is Event else of_all))
        return told

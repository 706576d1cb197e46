"""Messages a station has yet to deliver: the passing ones, and those it must keep until they are acknowledged."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MAX_KEPT = 2_000


@dataclass(slots=True, eq=False)
class Message:
    """One request to the CSMS.

    kept: transaction messages survive a lost connection and a power cut, and go out in order. subject: what the
    station needs to know when the answer comes. droppable: may make room when memory is full (periodic samples).
    """

    action: str
    payload: dict[str, Any]
    subject: dict[str, Any] = field(default_factory=dict[str, Any])
    kept: bool = False
    droppable: bool = False
    attempts: int = 0
    not_before: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return {
            "action": self.action,
            "payload": self.payload,
            "subject": self.subject,
            "droppable": self.droppable,
            "attempts": self.attempts,
        }


class Outbox:
    """First in, first out; a kept message that waits for its next attempt holds back the kept ones behind it."""

    __slots__ = ("_in_flight", "_waiting")

    def __init__(self, kept: list[dict[str, Any]] | None = None) -> None:
        self._waiting: deque[Message] = deque(Message(**stored, kept=True) for stored in kept or ())
        self._in_flight: Message | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def kept(self) -> list[Message]:
        """What must survive, oldest first."""
        return [message for message in self._waiting if message.kept]

    @property
    def is_quiet(self) -> bool:
        """Whether no answer is awaited."""
        return self._in_flight is None

    def add(self, message: Message) -> None:
        """Put a message last; the oldest periodic samples make room when the memory is full."""
        if message.droppable and len(self._waiting) >= MAX_KEPT:
            self._make_room()
        self._waiting.append(message)

    def next(self, now: datetime, *, boot_only: bool) -> Message | None:
        """The message to send now, which stays in the box until `done`; None while another awaits its answer."""
        if self._in_flight is not None:
            return None
        self._in_flight = self._first(now, boot_only=boot_only)
        return self._in_flight

    def done(self, message: Message) -> None:
        """Answered, or given up."""
        self.put_back()
        if message in self._waiting:
            self._waiting.remove(message)

    def put_back(self) -> None:
        """No answer will come: what was in flight goes out again, first of its kind."""
        self._in_flight = None

    def next_attempt_at(self) -> datetime | None:
        """When a delayed message may go out."""
        return min((message.not_before for message in self._waiting if message.not_before), default=None)

    def drop_passing(self) -> list[Message]:
        """The connection is gone: forget what makes sense only now, and return it."""
        self.put_back()
        dropped = [message for message in self._waiting if not message.kept]
        self._waiting = deque(message for message in self._waiting if message.kept)
        return dropped

    def _first(self, now: datetime, *, boot_only: bool) -> Message | None:
        held_back = False
        for message in self._waiting:
            if boot_only and message.action != "BootNotification":
                continue
            waits = message.not_before is not None and message.not_before > now
            if not waits and not (held_back and message.kept):
                return message
            held_back = held_back or message.kept
        return None

    def _make_room(self) -> None:
        for message in self._waiting:
            if message.droppable and message is not self._in_flight:
                self._waiting.remove(message)
                return

"""What we ask of the other side: one request on the wire at a time, the rest waiting in order (TR_60, TR_61, TR_62)."""

from bisect import insort
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from csms.ocpp.errors import QueueFullError

_REMEMBERED_EXPIRED = 8


class Priority(IntEnum):
    """Who goes first when several requests wait; the lower number."""

    URGENT = 0  # stop a transaction
    CONTROL = 1  # start, unlock, reset
    NORMAL = 2  # configuration
    BULK = 3  # reports


@dataclass(slots=True, eq=False)
class Request:
    """A question to the other side. Times are seconds of the caller's monotonic clock; `context` is the caller's."""

    message_id: str
    action: str
    payload: dict[str, Any]
    priority: int
    deadline: float
    timeout_s: float
    text: str
    asked_at: float
    sent_at: float | None = None
    context: Any = None


class RequestQueue:
    """Requests waiting, the one on the wire, and the last few that were given up after sending."""

    __slots__ = ("_expired", "_limit", "_waiting", "outstanding")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: list[Request] = []
        self._expired: deque[Request] | None = None
        self.outstanding: Request | None = None

    def __len__(self) -> int:
        return len(self._waiting) + (self.outstanding is not None)

    def add(self, request: Request) -> None:
        """Let a request wait behind those of its priority. Raises QueueFullError."""
        if len(self._waiting) >= self._limit:
            raise QueueFullError(f"{self._limit} requests already wait")
        insort(self._waiting, request, key=lambda waiting: waiting.priority)

    def next(self, now: float) -> Request | None:
        """Put the next request on the wire, unless one is there. What is overdue stays for `expire`."""
        if self.outstanding is not None:
            return None
        for place, request in enumerate(self._waiting):
            if request.deadline > now:
                del self._waiting[place]
                request.sent_at = now
                self.outstanding = request
                return request
        return None

    def answered(self, message_id: str | int) -> tuple[Request, bool] | None:
        """The request an answer belongs to and whether it was already given up; None when nobody asked."""
        request = self.outstanding
        if request is not None and request.message_id == message_id:
            self.outstanding = None
            return request, False
        for late in self._expired or ():
            if late.message_id == message_id:
                self._forget(late)
                return late, True
        return None

    def expire(self, now: float) -> list[Request]:
        """Give up every request whose deadline has passed, the one on the wire first."""
        overdue: list[Request] = []
        if self.outstanding is not None and self.outstanding.deadline <= now:
            overdue.append(self.outstanding)
            self._remember(self.outstanding)
            self.outstanding = None
        if self._waiting:
            overdue.extend(request for request in self._waiting if request.deadline <= now)
            self._waiting = [request for request in self._waiting if request.deadline > now]
        return overdue

    def next_deadline(self) -> float | None:
        """When `expire` will next have something to give up."""
        deadlines = [request.deadline for request in self._waiting]
        if self.outstanding is not None:
            deadlines.append(self.outstanding.deadline)
        return min(deadlines, default=None)

    def abandon(self) -> list[Request]:
        """Empty everything; the request on the wire comes first."""
        left = [self.outstanding] if self.outstanding is not None else []
        left += self._waiting
        self.outstanding, self._waiting, self._expired = None, [], None
        return left

    def _remember(self, request: Request) -> None:
        if self._expired is None:
            self._expired = deque(maxlen=_REMEMBERED_EXPIRED)
        self._expired.append(request)

    def _forget(self, request: Request) -> None:
        if self._expired is not None:
            self._expired.remove(request)
        if not self._expired:
            self._expired = None

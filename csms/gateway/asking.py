"""How a request is put: urgent ones first, slow ones with more time (TR_61, TR_62); and what its answer teaches."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csms.clock import Clock
from csms.gateway.requests import Learn, Question
from csms.ocpp.requests import Priority
from csms.stations.ref import StationRef
from csms.work import Work

Json = dict[str, Any]

_PRIORITIES = {
    "RemoteStopTransaction": Priority.URGENT,
    "RequestStopTransaction": Priority.URGENT,
    "RemoteStartTransaction": Priority.CONTROL,
    "RequestStartTransaction": Priority.CONTROL,
    "UnlockConnector": Priority.CONTROL,
    "Reset": Priority.CONTROL,
    "ChangeAvailability": Priority.CONTROL,
    "AFRRSignal": Priority.CONTROL,
    "UpdateDynamicSchedule": Priority.CONTROL,
    "GetConfiguration": Priority.BULK,
    "GetBaseReport": Priority.BULK,
    "GetReport": Priority.BULK,
    "GetChargingProfiles": Priority.BULK,
    "GetLog": Priority.BULK,
    "GetDiagnostics": Priority.BULK,
}
_SLOW = 2
_ODDLY_ANSWERED = frozenset({"GetLocalListVersion"})
"""Requests whose lessons understand what some firmware answers against the schema (quirk 77)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that a station answered with a valid result, for whoever learns from it."""

    ref: StationRef
    action: str
    payload: Json
    """The request as sent."""
    answer: Json
    at: datetime
    """When the answer came."""


Lesson = Callable[[Work, Asked], Awaitable[None]]
"""Keeps what an answer says, in the unit of work that archives it. Looks at the status: it is called for any."""


def both(first: Lesson, second: Lesson) -> Lesson:
    """One lesson after the other, for an answer that teaches two things."""

    async def learn(work: Work, asked: Asked) -> None:
        await first(work, asked)
        await second(work, asked)

    return learn


@dataclass(frozen=True, slots=True)
class Asking:
    """What the dialects need to make a question for one station."""

    ref: StationRef
    clock: Clock
    timeout_s: float
    lessons: Mapping[str, Lesson]

    def question(self, action: str, payload: Json, *, validate: bool = True) -> Question:
        """The request with its place in the queue and its deadline; what gathers a lot may take twice as long."""
        priority = _PRIORITIES.get(action, Priority.NORMAL)
        timeout_s = self.timeout_s * (_SLOW if priority is Priority.BULK else 1)
        odd = action in _ODDLY_ANSWERED
        return Question(action, payload, priority, timeout_s, validate, self._learn(action, payload), odd)

    def _learn(self, action: str, payload: Json) -> Learn | None:
        lesson = self.lessons.get(action)
        if lesson is None:
            return None

        async def learn(work: Work, answer: Json) -> None:
            await lesson(work, Asked(self.ref, action, payload, answer, self.clock.now()))

        return learn

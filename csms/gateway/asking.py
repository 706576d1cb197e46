"""How a request is put: urgent ones first, slow ones with more time (TR_61, TR_62)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csms.clock import Clock
from csms.gateway.requests import Learn, Question
from csms.ocpp.requests import Priority
from csms.stations.ref import StationRef

Json = dict[str, Any]

_PRIORITIES = {
    "RemoteStopTransaction": Priority.URGENT,
    "RequestStopTransaction": Priority.URGENT,
    "RemoteStartTransaction": Priority.CONTROL,
    "RequestStartTransaction": Priority.CONTROL,
    "UnlockConnector": Priority.CONTROL,
    "Reset": Priority.CONTROL,
    "ChangeAvailability": Priority.CONTROL,
    "GetConfiguration": Priority.BULK,
    "GetBaseReport": Priority.BULK,
    "GetReport": Priority.BULK,
    "GetLog": Priority.BULK,
    "GetDiagnostics": Priority.BULK,
}
_SLOW = 2


@dataclass(frozen=True, slots=True)
class Asking:
    """What the dialects need to make a question for one station."""

    ref: StationRef
    clock: Clock
    timeout_s: float

    def now(self) -> datetime:
        """When an answer is taken in."""
        return self.clock.now()

    def question(self, action: str, payload: Json, *, validate: bool, learn: Learn | None) -> Question:
        """The request with its place in the queue and its deadline; what gathers a lot may take twice as long."""
        priority = _PRIORITIES.get(action, Priority.NORMAL)
        timeout_s = self.timeout_s * (_SLOW if priority is Priority.BULK else 1)
        return Question(action, payload, priority, timeout_s, validate, learn)

"""What looks wrong with an identity, for its history: refused passwords (TR_12), two devices taking turns (TR_82)."""

from collections import OrderedDict
from typing import Any

from csms.gateway.context import Services
from csms.stations.doctor import Cause
from csms.stations.ref import StationRef
from csms.stations.service import EventReport, record_event
from models import Severity
from models.scope import tenant_scope

WRONG_PASSWORD = "station.wrong_password"  # noqa: S105 - the name of an event
CONTESTED = "station.identity_contested"
_REPEATED_AFTER_S = 600.0
_TURNS = 5
_REMEMBERED = 10_000


class Suspicions:
    """Notes in the stations' histories, of each kind one in ten minutes: a fleet with a wrong password is no flood."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._noted: OrderedDict[tuple[int, str], float] = OrderedDict()
        self._turns: OrderedDict[int, tuple[float, int]] = OrderedDict()

    def wrong_password(self, ref: StationRef) -> None:
        """A handshake in the station's name was refused."""
        self._note(ref, WRONG_PASSWORD, "A connection was refused: wrong or missing password")

    def unfit(self, ref: StationRef, cause: Cause, text: str) -> None:
        """A handshake was refused for its certificate or its security profile (A00.FR.408, TR_14)."""
        severity = Severity.WARNING if cause == Cause.CERTIFICATE_REJECTED else Severity.INFO
        self._note(ref, f"station.{cause.value}", f"A connection was refused: {text}", severity)

    def replaced(self, ref: StationRef) -> None:
        """A new connection took the place of one that seemed open; often within minutes, there are two devices."""
        now = self._services.clock.monotonic()
        since, turns = self._turns.get(ref.id, (now, 0))
        since, turns = (since, turns + 1) if now - since < _REPEATED_AFTER_S else (now, 1)
        self._turns[ref.id] = (since, turns)
        _bound(self._turns)
        if turns >= _TURNS:
            self._note(ref, CONTESTED, "Connections replace each other: two devices may be using this identity")

    def _note(self, ref: StationRef, kind: str, text: str, severity: Severity = Severity.INFO) -> None:
        now, key = self._services.clock.monotonic(), (ref.id, kind)
        noted = self._noted.get(key)
        if noted is not None and now - noted < _REPEATED_AFTER_S:
            return
        self._noted[key] = now
        _bound(self._noted)
        report = EventReport(kind, severity, text, self._services.clock.now())
        with tenant_scope(ref.tenant_id):
            self._services.background.spawn(self._services.committer.run(lambda work: record_event(work, ref, report)))


def _bound(memory: OrderedDict[Any, Any]) -> None:
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)

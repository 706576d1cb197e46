"""A station that sends more than it may, for so long that slowing it does not help (TR_68)."""

from csms.gateway.context import Services
from csms.stations.history import announce_event, event_row
from csms.stations.ref import StationRef
from csms.stations.service import EventReport
from csms.work import Work
from models import Severity, StationEvent
from models.scope import tenant_scope

FLOOD = "station.flood"
_BREATHER_S = 5.0
"""Who was not slowed for so long has stopped flooding."""


class FloodWatch:
    """Told whenever a station is slowed; knows since when it has been without a breather."""

    __slots__ = ("_last", "_limit_s", "_since")

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._since = self._last = float("-inf")

    def is_over_the_top(self, now: float) -> bool:
        """Whether it has been slowed for the limit."""
        if now - self._last > _BREATHER_S:
            self._since = now
        self._last = now
        return now - self._since >= self._limit_s


def note_flood(services: Services, ref: StationRef) -> None:
    """Raise the alarm in the station's history. It is over as it happens: the station is sent away."""
    at = services.clock.now()
    text = (
        "Sent far more messages than it may, and was disconnected. It may be repeating itself: look at its frames, "
        "restart it or update its firmware."
    )
    report = EventReport(FLOOD, Severity.WARNING, text, at)

    def unit(work: Work) -> None:
        work.append(StationEvent, event_row(ref, report) | {"resolved_at": at})
        announce_event(work, ref, report)

    with tenant_scope(ref.tenant_id):
        services.background.spawn(services.committer.run(unit))

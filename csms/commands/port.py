"""The seam to the sockets: the engine says what it wants of a station; the gateway knows how to get it there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from csms.commands.commands import StationCommand
from csms.errors import StationRefusedError
from csms.stations.ref import StationRef


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request that the station answered with a result."""

    action: str
    """OCPP action as sent."""
    payload: dict[str, Any]
    """The request as sent."""
    status: str | None
    """The answer's own status word, if it has one: Accepted, Rejected, Scheduled …"""
    answer: dict[str, Any] = field(default_factory=dict[str, Any])
    """The answer as received."""


LateAnswer = Callable[[Callable[[Delivery | StationRefusedError], None]], None]
"""`StationTimeoutError.late`: hand it a listener, who is told what the station answers after all (TR_52)."""


class CommandPort(Protocol):
    """Carries a command to a station and brings its answer back."""

    async def deliver(self, ref: StationRef, command: StationCommand) -> Delivery:
        """Send `command` and wait for the answer.

        Raises StationOfflineError (not sent), StationBusyError (not sent), UnsupportedActionError (not sent),
        InvalidInputError (not sent: the payload breaks the schema), StationRefusedError (a CALLERROR came back) and
        StationTimeoutError (sent; the outcome is unknown; its `late` is a LateAnswer or None).
        """
        ...

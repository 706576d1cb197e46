"""What a protocol version must be able to say for the station, and how it answers requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from csms.ocpp.errors import ErrorCode
from csms.ocpp.frames import Call
from csms.simulator.electrics import Reading
from csms.simulator.faults import Fault
from csms.simulator.outbox import Message
from csms.simulator.session import Session

if TYPE_CHECKING:
    from csms.simulator.evse import Evse


class RefusalError(Exception):
    """The request is answered by a CALLERROR."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission to charge, from a token shown at the station or from a remote start."""

    token: str
    token_type: str = "ISO14443"  # noqa: S105 - a kind of token, no secret
    group: str | None = None
    remote_start_id: int | None = None


class Face(Protocol):
    """One protocol version's tongue. Saying something puts a message into the station's outbox.

    Reasons and triggers are given in 2.x words.
    """

    @property
    def sample_interval_s(self) -> int:
        """Seconds between periodic meter values; 0 for none."""
        ...

    @property
    def connection_timeout_s(self) -> int:
        """Seconds a driver has to plug in after showing a token."""
        ...

    @property
    def attempts(self) -> int:
        """How often a refused transaction message is sent at most."""
        ...

    @property
    def retry_interval_s(self) -> int:
        """Seconds before the second attempt; each further one waits that much longer."""
        ...

    @property
    def accepts_unknown_offline(self) -> bool:
        """Whether a token nobody knows may charge while the CSMS cannot be asked."""
        ...

    @property
    def heartbeat_interval_s(self) -> int: ...

    @heartbeat_interval_s.setter
    def heartbeat_interval_s(self, seconds: int) -> None: ...

    def start_up(self) -> None:
        """The station has booted: settings that waited for it take effect."""
        ...

    def boot(self, reason: str) -> None: ...

    def heartbeat(self) -> None: ...

    def station_status(self) -> None: ...

    def status_of(self, evse: "Evse", connector_number: int) -> str:
        """The connector's status in this version's words."""
        ...

    def connector_status(self, evse: "Evse", connector_number: int) -> None: ...

    def authorize(self, evse: "Evse", grant: Grant, trigger: str) -> None:
        """Ask whether a token may charge; `trigger` is what a session that follows from it began with."""
        ...

    def started(self, evse: "Evse", session: Session, trigger: str) -> None: ...

    def authorized(self, evse: "Evse", session: Session, trigger: str) -> None:
        """A running transaction became known to belong to a token."""
        ...

    def state_changed(self, evse: "Evse", session: Session) -> None: ...

    def sampled(
        self, evse: "Evse", session: Session | None, reading: Reading, at: datetime, context: str = "Sample.Periodic"
    ) -> None: ...

    def ended(self, evse: "Evse", session: Session, reason: str, trigger: str, token: str | None) -> None: ...

    def problem(self, evse: "Evse", fault: Fault, *, cleared: bool) -> None:
        """A fault appeared, or is gone."""
        ...

    def serve(self, call: Call) -> dict[str, Any]:
        """Do what the CSMS asks; returns the answer's payload. Raises RefusalError."""
        ...

    def filled_in(self, message: Message) -> dict[str, Any]:
        """The payload with what was unknown when the message was written."""
        ...

    def answered(self, message: Message, payload: dict[str, Any]) -> None:
        """The CSMS has accepted the message."""
        ...

    def settings_json(self) -> list[Any]:
        """Changed settings, for the state file."""
        ...

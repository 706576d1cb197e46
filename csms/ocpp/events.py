"""What a received frame means for the one who holds the socket; `RpcPeer.receive` returns one of these per frame."""

from dataclasses import dataclass

from csms.ocpp.errors import SchemaViolationError
from csms.ocpp.frames import Call, CallError, CallResult
from csms.ocpp.requests import Request
from csms.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Received:
    """A valid request: hand it to the worker, then answer it by `reply` or `refuse`."""

    call: Call


@dataclass(frozen=True, slots=True)
class Answered:
    """Our question was answered.

    `late`: after it had expired. `violation`: the answer breaks its schema (a payload that was no object
    is given as {}). `reply`: text to send at once, by which 2.1 tells the other side about the violation.
    """

    request: Request
    answer: CallResult | CallError
    late: bool = False
    violation: SchemaViolationError | None = None
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Send `text` at once: the refusal of a frame, with its `code` as sent, or, where `code` is None, an earlier
    answer again. `call_text` is the frame, to be archived even when refused (TR_50); `action` where it was readable.
    """

    text: str
    code: str | None
    call_text: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to send, nothing to do."""

    reason: str


Event = Received | Answered | Reply | Ignored

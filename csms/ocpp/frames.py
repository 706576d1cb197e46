"""OCPP-J messages between text and value: the JSON array around every payload (OCPP-J section 4)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any, cast

import orjson

from csms.ocpp.errors import ErrorCode, FrameError, SchemaViolationError
from csms.ocpp.version import OcppVersion
from csms.quick import quick

UNREADABLE_ID = "-1"
"""The message id of a CALLERROR about a message whose own id could not be read (2.0.1 Part 4, 4.2.3)."""

MAX_DESCRIPTION = 255
MAX_MESSAGE_ID = 36
MAX_MESSAGE_ID_16 = 255


class MessageType(IntEnum):
    """The first element of every message; the last two exist since 2.1."""

    CALL = 2
    CALLRESULT = 3
    CALLERROR = 4
    CALLRESULTERROR = 5
    SEND = 6


@quick
@dataclass(frozen=True, slots=True)
class Call:
    """A request as received. `text` is the frame itself; `expects_answer` is False for a SEND of 2.1."""

    message_id: str | int
    action: str
    payload: dict[str, Any]
    text: str
    expects_answer: bool = True


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a request that was served."""

    message_id: str | int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CallError:
    """The answer to a request that was refused; `code` is the text as received, see `errors.read_code`."""

    message_id: str | int
    code: str
    description: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OtherFrame:
    """A message to pass over: of a type this version does not know, or a CALLRESULTERROR."""

    reason: str


Frame = Call | CallResult | CallError | OtherFrame


def parse_frame(text: str, version: OcppVersion) -> Frame:
    """Read one message. A null payload counts as {}; a payload may still be no object, which its schema will say.

    Raises FrameError for anything that is no message of `version`.
    """
    parts = _elements(text)
    kind = parts[0]
    if type(kind) is not int:
        raise FrameError("The message type is not an integer")
    if kind == MessageType.CALL:
        return _read_call(parts, text, version)
    if kind == MessageType.CALLRESULT:
        return _read_result(parts)
    if kind == MessageType.CALLERROR:
        return _read_error(parts)
    if version is OcppVersion.V21 and kind == MessageType.SEND:
        return _read_call(parts, text, version, expects_answer=False)
    return OtherFrame(_why_passed_over(kind, version))


def _elements(text: str) -> list[Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FrameError("The message is not JSON") from error
    if not isinstance(message, list) or not message:
        raise FrameError("The message is not a JSON array with a message type")
    return cast(list[Any], message)


def _read_call(parts: list[Any], text: str, version: OcppVersion, *, expects_answer: bool = True) -> Call:
    message_id: Any = parts[1] if len(parts) > 1 else None
    if not _is_message_id(message_id, version):
        raise FrameError("The message id is missing or not allowed", answerable=expects_answer)
    if len(parts) != 4:
        raise FrameError("A CALL has four elements", message_id, answerable=expects_answer)
    action, payload = parts[2], parts[3]
    if type(action) is not str:
        raise FrameError("The action is not a string", message_id, answerable=expects_answer)
    return Call(message_id, action, {} if payload is None else payload, text, expects_answer)


def _is_message_id(value: object, version: OcppVersion) -> bool:
    """1.6 stations number their messages or send over-long ids, and want back what they sent; 2.x is strict."""
    if type(value) is str:
        if version is OcppVersion.V16:
            return len(value) <= MAX_MESSAGE_ID_16
        return 0 < len(value) <= MAX_MESSAGE_ID
    return type(value) is int and version is OcppVersion.V16


def _read_result(parts: list[Any]) -> CallResult:
    if len(parts) not in (2, 3):
        raise FrameError("A CALLRESULT has three elements", answerable=False)
    payload = parts[2] if len(parts) == 3 else None
    return CallResult(_answered_id(parts), {} if payload is None else payload)


def _read_error(parts: list[Any]) -> CallError:
    # Stations leave out the details, and some the description.
    if not 3 <= len(parts) <= 5:
        raise FrameError("A CALLERROR has five elements", answerable=False)
    details: Any = parts[4] if len(parts) == 5 else None
    return CallError(
        _answered_id(parts),
        code=_as_text(parts[2]),
        description=_as_text(parts[3]) if len(parts) > 3 else "",
        details=cast(dict[str, Any], details) if isinstance(details, dict) else {},
    )


def _answered_id(parts: list[Any]) -> str | int:
    if type(parts[1]) is str or type(parts[1]) is int:
        return parts[1]
    raise FrameError("The message id of an answer is not a string", answerable=False)


def _as_text(value: object) -> str:
    if type(value) is str:
        return value
    return "" if value is None else orjson.dumps(value).decode()


def _why_passed_over(kind: int, version: OcppVersion) -> str:
    if version is OcppVersion.V21 and kind == MessageType.CALLRESULTERROR:
        return "The other side could not read our answer"
    return f"Message type {kind} is unknown in OCPP {version.value}"


def encode_call(message_id: str, action: str, payload: dict[str, Any]) -> str:
    """The text of a request. Raises SchemaViolationError where the payload cannot be JSON."""
    return _to_json((MessageType.CALL, message_id, action, payload))


def encode_result(message_id: str | int, payload: dict[str, Any]) -> str:
    """The text of an answer. Raises SchemaViolationError where the payload cannot be JSON."""
    return _to_json((MessageType.CALLRESULT, message_id, payload))


def encode_error(message_id: str | int, code: str, description: str, details: dict[str, Any] | None = None) -> str:
    """The text of a refusal; `code` in the version's spelling. The description is cut to 255 characters."""
    return _to_json((MessageType.CALLERROR, message_id, code, description[:MAX_DESCRIPTION], details or {}))


def encode_result_error(message_id: str | int, code: str, description: str) -> str:
    """2.1: the text that tells the other side its answer was unusable."""
    return _to_json((MessageType.CALLRESULTERROR, message_id, code, description[:MAX_DESCRIPTION], {}))


def _to_json(message: tuple[Any, ...]) -> str:
    try:
        return orjson.dumps(message, default=_plain).decode()
    except orjson.JSONEncodeError as error:
        raise SchemaViolationError(ErrorCode.FORMAT_VIOLATION, "The payload cannot be written as JSON", "") from error


def _plain(value: object) -> float:
    """Money and energy are Decimal inside; JSON knows numbers only."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")

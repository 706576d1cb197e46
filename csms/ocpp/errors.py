"""What can go wrong in OCPP-J: the codes of a CALLERROR in each version's spelling, and our exceptions.

OcppError
├── FrameError              what arrived is no OCPP-J message
├── SchemaViolationError    a payload its schema does not allow
├── UnknownActionError      this side of this version sends no such request
└── QueueFullError          too many requests already wait
"""

from enum import StrEnum

from csms.ocpp.version import OcppVersion


class ErrorCode(StrEnum):
    """Why a CALL is refused, independent of the version; `wire_code` gives the spelling to send."""

    NOT_IMPLEMENTED = "NotImplemented"  # the action is unknown
    NOT_SUPPORTED = "NotSupported"  # the action is known, but not served here
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"
    SECURITY_ERROR = "SecurityError"
    FORMAT_VIOLATION = "FormatViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"


# Both odd spellings stand in the 1.6 specification; its errata will not correct them. The last two codes came with 2.0.
_SPELLED_IN_16 = {
    ErrorCode.FORMAT_VIOLATION: "FormationViolation",
    ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION: "OccurenceConstraintViolation",
    ErrorCode.RPC_FRAMEWORK_ERROR: "FormationViolation",
    ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED: "GenericError",
}
_READ = {code.value: code for code in ErrorCode} | {
    "FormationViolation": ErrorCode.FORMAT_VIOLATION,
    "OccurenceConstraintViolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
}


def wire_code(code: ErrorCode, version: OcppVersion) -> str:
    """The error code as `version` spells it; the nearest one where the version lacks it."""
    if version is OcppVersion.V16:
        return _SPELLED_IN_16.get(code, code.value)
    return code.value


def read_code(text: str) -> ErrorCode | None:
    """The code a received CALLERROR means; stations use either spelling in any version. None if unknown."""
    return _READ.get(text)


class OcppError(Exception):
    """Base of everything `csms.ocpp` raises."""


class FrameError(OcppError):
    """Received text is no OCPP-J message.

    `message_id` is the id to answer to, None when it could not be read; `answerable` is False for what
    was meant as an answer, since an error must not be answered by an error.
    """

    def __init__(self, reason: str, message_id: str | int | None = None, *, answerable: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.message_id = message_id
        self.answerable = answerable


class SchemaViolationError(OcppError):
    """A payload breaks its schema: the first breach found.

    `path` is where, such as `meterValue/0/timestamp` (empty for the payload itself); `description`
    says what, and never quotes the payload's values.
    """

    def __init__(self, code: ErrorCode, description: str, path: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.path = path


class UnknownActionError(OcppError):
    """No request of that name is sent by this side in this version."""


class QueueFullError(OcppError):
    """As many requests wait for the other side as are allowed to."""

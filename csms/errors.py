"""Every error a person or program outside may meet.

VoltdeckError
├── NotFoundError            unknown, or another tenant's: never told apart
├── PermissionDeniedError    signed in, but the role does not reach
├── SignInError              wrong e-mail or password, expired sign-in
│   └── LinkExpiredError         a link that was used, taken back, or has expired
├── InvalidInputError        what was given cannot be accepted, and why
├── ConflictError            what was asked contradicts what is
├── UndeliverableError       what was owed cannot be delivered, now or later
└── StationError
    ├── StationOfflineError      no socket to send on
    ├── StationTimeoutError      asked, no answer: the outcome is unknown
    ├── StationBusyError         too many requests already wait
    ├── UnsupportedActionError   the station's OCPP version has no such message
    └── StationRefusedError      it answered with an OCPP error
"""

from collections.abc import Callable
from typing import Any


class VoltdeckError(Exception):
    """Base of all. `code` is the dotted name programs see; str(error) is the sentence people see."""

    code = "error"


class NotFoundError(VoltdeckError):
    """The thing does not exist for this tenant."""

    code = "not_found"


class PermissionDeniedError(VoltdeckError):
    """The actor's role does not include the permission."""

    code = "permission.denied"


class SignInError(VoltdeckError):
    """Signing in failed; the text never says which half was wrong."""

    code = "sign_in.failed"


class LinkExpiredError(SignInError):
    """A link, or a step of signing in, that was used, taken back, or has expired."""

    code = "link.expired"


class InvalidInputError(VoltdeckError):
    """A value cannot be accepted; the text names it and says what would be."""

    code = "input.invalid"


class ConflictError(VoltdeckError):
    """The request contradicts the present state."""

    code = "conflict"


class UndeliverableError(VoltdeckError):
    """An obligation cannot be met, and trying again is no use."""

    code = "undeliverable"


class StationError(VoltdeckError):
    """A charging station could not do what was asked of it."""

    code = "station.error"


class StationOfflineError(StationError):
    """The station has no open connection."""

    code = "station.offline"


class StationTimeoutError(StationError):
    """The station did not answer in time; whether it acted is unknown.

    `late` is called with whoever wants to hear of it, should the answer come after all (TR_52); None where it cannot.
    """

    code = "station.timeout"

    def __init__(self, text: str, late: "Callable[[Callable[[Any], None]], None] | None" = None) -> None:
        super().__init__(text)
        self.late = late


class StationBusyError(StationError):
    """Too many requests already wait for this station."""

    code = "station.busy"


class UnsupportedActionError(StationError):
    """The station's OCPP version does not know the message."""

    code = "station.unsupported_action"


class StationRefusedError(StationError):
    """The station answered with an OCPP CALLERROR."""

    code = "station.refused"

    def __init__(self, error_code: str, description: str = "", details: dict[str, Any] | None = None) -> None:
        super().__init__(f"{error_code}: {description}" if description else error_code)
        self.error_code = error_code
        self.description = description
        self.details = details or {}

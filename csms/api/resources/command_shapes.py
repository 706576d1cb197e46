"""What is asked of stations and what they answer, as programs write and read it."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field
from starlette.responses import JSONResponse, Response

from csms.api.errors import SchemaError
from csms.api.problems import problem, status_of
from csms.api.shapes import Body, Flag, Moment, Shape, Text, Whole
from csms.commands.service import CommandResult
from csms.errors import (
    ConflictError,
    InvalidInputError,
    StationBusyError,
    StationOfflineError,
    StationTimeoutError,
    UnsupportedActionError,
    VoltdeckError,
)
from models import Command, CommandState

_FAILURES: Final[tuple[type[VoltdeckError], ...]] = (
    ConflictError,
    StationBusyError,
    StationOfflineError,
    StationTimeoutError,
    UnsupportedActionError,
)
_ERRORS: Final = {each.code: each for each in _FAILURES} | {InvalidInputError.code: SchemaError}
OUTCOMES: Final[dict[int | str, dict[str, Any]]] = {
    409: {"description": "The station is offline, or its registration forbids this"},
    422: {"description": "The payload breaks the schema of the station's version; nothing was sent"},
    501: {"description": "The station's OCPP version has no such action"},
    503: {"description": "Too many requests already wait for the station"},
    504: {"description": "No answer in time; the station may have acted"},
}
_Number = Annotated[Whole, Field(ge=1, le=9999)]


class CallErrorShape(Shape):
    """An OCPP CALLERROR."""

    error_code: str = Field(examples=["NotSupported"])
    error_description: str
    error_details: dict[str, Any]


class AnswerShape(Shape):
    """What the station answered: a result, or a CALLERROR."""

    command_id: int
    state: Literal["answered", "refused"]
    status: str | None = Field(examples=["Accepted"])
    """The answer's own status word, if it has one; of a CALLERROR its code."""
    answer: dict[str, Any] | None = Field(examples=[{"status": "Accepted"}])
    """The CALLRESULT as it came, secrets masked."""
    call_error: CallErrorShape | None
    remote_start_id: int | None = None
    """Found again on the session that follows a start."""


class AskedShape(Shape):
    """Asked, and not waited for."""

    command_id: int
    state: Literal["asked"] = "asked"


class CommandShape(Shape):
    """A request to a station, and what became of it."""

    volatile: ClassVar[frozenset[str]] = frozenset({"state", "answeredAt", "status", "answer", "callError", "code"})

    id: int
    station: str = Field(examples=["DE-BER-001"])
    action: str = Field(examples=["Reset"])
    payload: dict[str, Any]
    """As sent, secrets masked."""
    state: str = Field(examples=["answered"])
    """asked, answered, refused (a CALLERROR), unknown (no answer in time) or undelivered (never sent)."""
    status: str | None
    answer: dict[str, Any] | None
    call_error: CallErrorShape | None
    code: str | None = Field(examples=["station.offline"])
    """What went wrong, as the errors call it."""
    asked_at: Moment
    answered_at: Moment | None
    cause_id: str
    user_id: int | None
    remote_start_id: int | None


ASKED: Final[dict[int | str, dict[str, Any]]] = OUTCOMES | {
    202: {"model": AskedShape, "description": "Asked; follow it at the address in Location"}
}


class StartBody(Body):
    """Begin a session."""

    id_token: str = Field(min_length=1, max_length=36, pattern=r"^[\x20-\x7e]+$", examples=["04A2B3C4D5E680"])
    id_token_type: str = Field(default="ISO14443", max_length=20, pattern="^[A-Za-z0-9]+$")
    evse_number: _Number | None = Field(default=None, examples=[1])


class ResetBody(Body):
    """Restart."""

    immediate: Flag = False
    """Else after running sessions (1.6: Soft)."""
    evse_number: _Number | None = None


class UnlockBody(Body):
    """Release a cable."""

    evse_number: _Number = Field(examples=[1])
    connector_number: _Number = 1


class AvailabilityBody(Body):
    """In or out of service: the station, an EVSE or a connector."""

    operative: Flag = Field(examples=[False])
    evse_number: _Number | None = None
    connector_number: _Number | None = None


class TriggerBody(Body):
    """Have the station send a message now."""

    message: str = Field(min_length=1, max_length=50, pattern="^[A-Za-z0-9]+$", examples=["StatusNotification"])
    evse_number: _Number | None = None
    connector_number: _Number | None = None


class VariableBody(Body):
    """A variable of the device model; in 1.6 a configuration key, without component."""

    variable: Text = Field(min_length=1, examples=["HeartbeatInterval"])
    component: Text = Field(default="", examples=["OCPPCommCtrlr"])
    component_instance: Text = ""
    evse_number: Whole = Field(default=0, ge=0, le=9999)
    connector_number: Whole = Field(default=0, ge=0, le=9999)
    variable_instance: Text = ""
    attribute: Literal["Actual", "Target", "MinSet", "MaxSet"] = "Actual"


class NewValueBody(VariableBody):
    """A variable and its new value."""

    value: str = Field(max_length=2500, pattern=r"^[^\u0000]*$", examples=["300"])


class GetVariablesBody(Body):
    """Which variables to read; none: all."""

    variables: list[VariableBody] = Field(default_factory=list[VariableBody], max_length=100)


class SetVariablesBody(Body):
    """Variables to write."""

    variables: list[NewValueBody] = Field(min_length=1, max_length=100)


class RotateBody(Body):
    """A password of your own, or none for a random one."""

    password: str | None = Field(default=None, min_length=16, max_length=20, pattern="^[!-~]+$")


class RotatedShape(Shape):
    """How the change of a password went."""

    changed: bool
    """The station took it. If it did not say so for certain, both passwords open the door until one is used."""
    password: str
    """The new one, told this once."""
    command: AnswerShape


def told(result: CommandResult) -> Response:
    """The station's own word with 200, or why there is none."""
    if result.state in (CommandState.ANSWERED, CommandState.REFUSED):
        return JSONResponse(answer_of(result).document())
    error = _ERRORS.get(result.code, StationTimeoutError)
    headers = {"Location": address_of(result.command_id)}
    if error is StationBusyError:
        headers["Retry-After"] = "5"
    return problem(status_of(error), error.code, result.error or "", headers=headers)


def answer_of(result: CommandResult) -> AnswerShape:
    refusal = None if result.call_error is None else CallErrorShape.model_validate(result.call_error)
    return AnswerShape(
        command_id=result.command_id,
        state="answered" if result.state == CommandState.ANSWERED else "refused",
        status=result.answer_status,
        answer=result.answer if refusal is None else None,
        call_error=refusal,
        remote_start_id=result.remote_start_id,
    )


def address_of(command_id: int) -> str:
    return f"/api/v1/commands/{command_id}"


def told_command(row: Command, identity: str) -> CommandShape:
    is_refused = row.state == CommandState.REFUSED and row.answer is not None
    told = row.model_dump() | {
        "station": identity,
        "status": row.answer_status,
        "answer": None if is_refused else row.answer,
        "call_error": row.answer if is_refused else None,
        "code": row.error_code or None,
    }
    return CommandShape.model_validate(told)

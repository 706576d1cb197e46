"""What is asked of stations: any OCPP request verbatim, the dashboard's own verbs, and how it all went."""

import secrets
from typing import Annotated, Any, ClassVar, Final, Literal

from fastapi import Body as InBody
from fastapi import Depends, Path, Query
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col
from starlette.responses import JSONResponse, Response

from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.errors import SchemaError
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.problems import problem, status_of
from csms.api.routing import new_router
from csms.api.shapes import BigRowId, Body, Flag, Identity, Listed, Moment, RowId, Shape, Text, Whole
from csms.commands.commands import (
    ChangeAvailability,
    ClearCache,
    GetVariables,
    RawRequest,
    RequestStart,
    Reset,
    SetVariable,
    SetVariables,
    StationCommand,
    TriggerMessage,
    UnlockConnector,
    VariableName,
)
from csms.commands.rotation import rotate_password
from csms.commands.service import CommandResult
from csms.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StationBusyError,
    StationOfflineError,
    StationTimeoutError,
    UnsupportedActionError,
    VoltdeckError,
)
from models import ChargingStation, Command, CommandState

router = new_router("commands")
_ORDER = Ordering(col(Command.id), {"id": Key(col(Command.id), int)}, "-id")
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
_Wait = Annotated[bool, Query(description="Wait for the outcome; else 202 at once, with the id to follow.")]
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


_ASKED: Final[dict[int | str, dict[str, Any]]] = OUTCOMES | {
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


@router.post(
    "/stations/{identity}/commands/{action}",
    response_model=AnswerShape,
    responses=_ASKED,
)
async def send_command(
    call: SignedIn,
    identity: Identity,
    action: Annotated[str, Path(pattern="^[A-Za-z0-9]{1,64}$", examples=["TriggerMessage"])],
    payload: Annotated[dict[str, Any], InBody(examples=[{"requestedMessage": "StatusNotification"}])],
    wait: _Wait = True,
    validate: Annotated[
        bool, Query(description="Check the payload against the schema; else send it all the same.")
    ] = True,
) -> Response:
    """Send any OCPP request of the station's version, verbatim. Several at once wait for each other in order."""
    return await _ask(call, identity, RawRequest(action, payload, validate), wait)


@router.post("/stations/{identity}/start", response_model=AnswerShape, responses=_ASKED)
async def start_transaction(call: SignedIn, identity: Identity, body: StartBody, wait: _Wait = True) -> Response:
    """Begin a session for a token (F01, F02)."""
    if wait:
        commands = call.services.commands
        asked = commands.request_start(call.actor, identity, body.evse_number, body.id_token, body.id_token_type)
        return told(await asked)
    number = secrets.randbelow(2**31 - 1) + 1
    return await _ask(call, identity, RequestStart(body.evse_number, body.id_token, body.id_token_type, number), False)


@router.post("/transactions/{transaction_id}/stop", response_model=AnswerShape, responses=OUTCOMES)
async def stop_transaction(call: SignedIn, transaction_id: RowId) -> Response:
    """End a running session (F03)."""
    return told(await call.services.commands.request_stop(call.actor, transaction_id))


@router.post("/stations/{identity}/reset", response_model=AnswerShape, responses=_ASKED)
async def reset_station(call: SignedIn, identity: Identity, body: ResetBody, wait: _Wait = True) -> Response:
    """Restart a station or one EVSE (B11, B12)."""
    return await _ask(call, identity, Reset(body.immediate, body.evse_number), wait)


@router.post("/stations/{identity}/unlock", response_model=AnswerShape, responses=_ASKED)
async def unlock_connector(call: SignedIn, identity: Identity, body: UnlockBody, wait: _Wait = True) -> Response:
    """Release a cable (F05)."""
    return await _ask(call, identity, UnlockConnector(body.evse_number, body.connector_number), wait)


@router.post("/stations/{identity}/availability", response_model=AnswerShape, responses=_ASKED)
async def change_availability(
    call: SignedIn, identity: Identity, body: AvailabilityBody, wait: _Wait = True
) -> Response:
    """Put a station, an EVSE or a connector in or out of service (G03, G04)."""
    command = ChangeAvailability(body.evse_number, body.connector_number, body.operative)
    return await _ask(call, identity, command, wait)


@router.post("/stations/{identity}/trigger", response_model=AnswerShape, responses=_ASKED)
async def trigger_message(call: SignedIn, identity: Identity, body: TriggerBody, wait: _Wait = True) -> Response:
    """Have the station send a message now (F06)."""
    command = TriggerMessage(body.message, body.evse_number, body.connector_number)
    return await _ask(call, identity, command, wait)


@router.post("/stations/{identity}/clear-cache", response_model=AnswerShape, responses=_ASKED)
async def clear_cache(call: SignedIn, identity: Identity, wait: _Wait = True) -> Response:
    """Have the station forget remembered authorizations (C11)."""
    return await _ask(call, identity, ClearCache(), wait)


@router.post(
    "/stations/{identity}/variables/read",
    response_model=AnswerShape,
    responses=_ASKED,
)
async def read_variables(call: SignedIn, identity: Identity, body: GetVariablesBody, wait: _Wait = True) -> Response:
    """Ask the station for variables or configuration keys (B06, B07); what comes back is kept."""
    names = tuple(VariableName(**one.model_dump()) for one in body.variables)
    return await _ask(call, identity, GetVariables(names), wait)


@router.post(
    "/stations/{identity}/variables/write",
    response_model=AnswerShape,
    responses=_ASKED,
)
async def write_variables(call: SignedIn, identity: Identity, body: SetVariablesBody, wait: _Wait = True) -> Response:
    """Write variables or configuration keys (B05), in as many requests as the station's limits ask for."""
    variables = [SetVariable(**one.model_dump()) for one in body.variables]
    command = variables[0] if len(variables) == 1 else SetVariables(tuple(variables))
    return await _ask(call, identity, command, wait)


@router.post("/stations/{identity}/password/rotate", response_model=RotatedShape, responses=OUTCOMES)
async def rotate_station_password(
    call: SignedIn, identity: Identity, body: Annotated[RotateBody | None, InBody()] = None
) -> Response:
    """Give the station a new password, on station and platform together (A01)."""
    given = body.password if body is not None else None
    done = await rotate_password(call.services.commands, call.services.database, call.actor, identity, given)
    if done.result.state not in (CommandState.ANSWERED, CommandState.REFUSED):
        return told(done.result)
    shape = RotatedShape(
        changed=done.result.state == CommandState.ANSWERED and done.result.answer_status == "Accepted",
        password=done.password,
        command=_answer(done.result),
    )
    return JSONResponse(shape.document(), headers={"Cache-Control": "no-store"})


@router.get("/commands", response_model=Listed[CommandShape])
async def list_commands(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    station: Annotated[str, Query(max_length=255, description="Identity of one station.")] = "",
    action: Annotated[str, Query(max_length=64)] = "",
    state: Annotated[CommandState | None, Query()] = None,
) -> Listed[CommandShape]:
    """What was asked of stations, newest first."""
    call.require(Permission.STATIONS_VIEW)
    query = _commands()
    if station:
        query = query.where(col(ChargingStation.identity_key) == station.casefold())
    if action:
        query = query.where(col(Command.action) == action)
    if state is not None:
        query = query.where(col(Command.state) == state)
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: _shape(row[0], row[1]))


@router.get("/commands/{command_id}", response_model=CommandShape)
async def get_command(call: SignedIn, command_id: BigRowId) -> CommandShape:
    """One request, and what became of it by now."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        found: Any = (await session.execute(_commands().where(col(Command.id) == command_id))).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no command {command_id}.")
    return _shape(found[0], found[1])


async def _ask(call: Call, identity: str, command: StationCommand, wait: bool) -> Response:
    if wait:
        return told(await call.services.commands.request(call.actor, identity, command))
    command_id = await call.services.commands.begin(call.actor, identity, command)
    return JSONResponse(AskedShape(command_id=command_id).document(), 202, {"Location": _address(command_id)})


def told(result: CommandResult) -> Response:
    """The station's own word with 200, or why there is none."""
    if result.state in (CommandState.ANSWERED, CommandState.REFUSED):
        return JSONResponse(_answer(result).document())
    error = _ERRORS.get(result.code, StationTimeoutError)
    headers = {"Location": _address(result.command_id)}
    if error is StationBusyError:
        headers["Retry-After"] = "5"
    return problem(status_of(error), error.code, result.error or "", headers=headers)


def _answer(result: CommandResult) -> AnswerShape:
    refusal = None if result.call_error is None else CallErrorShape.model_validate(result.call_error)
    return AnswerShape(
        command_id=result.command_id,
        state="answered" if result.state == CommandState.ANSWERED else "refused",
        status=result.answer_status,
        answer=result.answer if refusal is None else None,
        call_error=refusal,
        remote_start_id=result.remote_start_id,
    )


def _address(command_id: int) -> str:
    return f"/api/v1/commands/{command_id}"


def _commands() -> Any:
    query = select(Command, col(ChargingStation.identity))
    return query.join(ChargingStation, col(ChargingStation.id) == col(Command.station_id))


def _shape(row: Command, identity: str) -> CommandShape:
    is_refused = row.state == CommandState.REFUSED and row.answer is not None
    told = row.model_dump() | {
        "station": identity,
        "status": row.answer_status,
        "answer": None if is_refused else row.answer,
        "call_error": row.answer if is_refused else None,
        "code": row.error_code or None,
    }
    return CommandShape.model_validate(told)

"""What is asked of stations: any OCPP request verbatim, the dashboard's own verbs, and how it all went."""

import secrets
from typing import Annotated, Any

from fastapi import Body as InBody
from fastapi import Depends, Path, Query
from sqlalchemy import select
from sqlmodel import col
from starlette.responses import JSONResponse, Response

from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.resources.command_shapes import (
    ASKED,
    OUTCOMES,
    AnswerShape,
    AskedShape,
    AvailabilityBody,
    CommandShape,
    GetVariablesBody,
    ResetBody,
    RotateBody,
    RotatedShape,
    SetVariablesBody,
    StartBody,
    TriggerBody,
    UnlockBody,
    address_of,
    answer_of,
    told,
    told_command,
)
from csms.api.routing import new_router
from csms.api.shapes import BigRowId, Identity, Listed, RowId
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
from csms.errors import NotFoundError
from models import ChargingStation, Command, CommandState

router = new_router("commands")
_Wait = Annotated[bool, Query(description="Wait for the outcome; else 202 at once, with the id to follow.")]
_ORDER = Ordering(col(Command.id), {"id": Key(col(Command.id), int)}, "-id")


@router.post(
    "/stations/{identity}/commands/{action}",
    response_model=AnswerShape,
    responses=ASKED,
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


@router.post("/stations/{identity}/start", response_model=AnswerShape, responses=ASKED)
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


@router.post("/stations/{identity}/reset", response_model=AnswerShape, responses=ASKED)
async def reset_station(call: SignedIn, identity: Identity, body: ResetBody, wait: _Wait = True) -> Response:
    """Restart a station or one EVSE (B11, B12)."""
    return await _ask(call, identity, Reset(body.immediate, body.evse_number), wait)


@router.post("/stations/{identity}/unlock", response_model=AnswerShape, responses=ASKED)
async def unlock_connector(call: SignedIn, identity: Identity, body: UnlockBody, wait: _Wait = True) -> Response:
    """Release a cable (F05)."""
    return await _ask(call, identity, UnlockConnector(body.evse_number, body.connector_number), wait)


@router.post("/stations/{identity}/availability", response_model=AnswerShape, responses=ASKED)
async def change_availability(
    call: SignedIn, identity: Identity, body: AvailabilityBody, wait: _Wait = True
) -> Response:
    """Put a station, an EVSE or a connector in or out of service (G03, G04)."""
    command = ChangeAvailability(body.evse_number, body.connector_number, body.operative)
    return await _ask(call, identity, command, wait)


@router.post("/stations/{identity}/trigger", response_model=AnswerShape, responses=ASKED)
async def trigger_message(call: SignedIn, identity: Identity, body: TriggerBody, wait: _Wait = True) -> Response:
    """Have the station send a message now (F06)."""
    command = TriggerMessage(body.message, body.evse_number, body.connector_number)
    return await _ask(call, identity, command, wait)


@router.post("/stations/{identity}/clear-cache", response_model=AnswerShape, responses=ASKED)
async def clear_cache(call: SignedIn, identity: Identity, wait: _Wait = True) -> Response:
    """Have the station forget remembered authorizations (C11)."""
    return await _ask(call, identity, ClearCache(), wait)


@router.post(
    "/stations/{identity}/variables/read",
    response_model=AnswerShape,
    responses=ASKED,
)
async def read_variables(call: SignedIn, identity: Identity, body: GetVariablesBody, wait: _Wait = True) -> Response:
    """Ask the station for variables or configuration keys (B06, B07); what comes back is kept."""
    names = tuple(VariableName(**one.model_dump()) for one in body.variables)
    return await _ask(call, identity, GetVariables(names), wait)


@router.post(
    "/stations/{identity}/variables/write",
    response_model=AnswerShape,
    responses=ASKED,
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
        command=answer_of(done.result),
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
        return await _ORDER.page(session, query, page, lambda row: told_command(row[0], row[1]))


@router.get("/commands/{command_id}", response_model=CommandShape)
async def get_command(call: SignedIn, command_id: BigRowId) -> CommandShape:
    """One request, and what became of it by now."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        found: Any = (await session.execute(_commands().where(col(Command.id) == command_id))).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no command {command_id}.")
    return told_command(found[0], found[1])


async def _ask(call: Call, identity: str, command: StationCommand, wait: bool) -> Response:
    if wait:
        return told(await call.services.commands.request(call.actor, identity, command))
    command_id = await call.services.commands.begin(call.actor, identity, command)
    return JSONResponse(AskedShape(command_id=command_id).document(), 202, {"Location": address_of(command_id)})


def _commands() -> Any:
    query = select(Command, col(ChargingStation.identity))
    return query.join(ChargingStation, col(ChargingStation.id) == col(Command.station_id))

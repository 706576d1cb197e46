"""EVSEs kept free for somebody."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.resources.command_shapes import OUTCOMES, AnswerShape, told
from csms.api.routing import new_router
from csms.api.shapes import Body, Identity, Listed, Moment, Shape, Whole
from csms.errors import InvalidInputError
from csms.reservations.queries import ReservationRow, reservations
from csms.stations.managing import find_station

router = new_router("reservations", "/stations/{identity}/reservations")


class ReservationShape(Shape):
    """A reservation, and how it stands."""

    id: int
    reservation_id: int
    """The number on the wire."""
    station: str
    evse_number: int
    """0: any of the station."""
    connector_type: str
    id_token: str
    id_token_type: str
    group: str | None
    state: str = Field(examples=["live"])
    answer_status: str
    expires_at: Moment
    ended_at: Moment | None
    end_reason: str
    transaction_id: int | None


class ReservationBody(Body):
    """A reservation to be."""

    id_token: str = Field(min_length=1, max_length=36, pattern=r"^[\x20-\x7e]+$", examples=["04A2B3C4D5E680"])
    id_token_type: str = Field(default="ISO14443", max_length=20, pattern="^[A-Za-z0-9]+$")
    expires_at: Moment
    evse_number: Whole | None = Field(default=None, ge=1, le=9999)
    group: str | None = Field(default=None, max_length=36, pattern=r"^[\x20-\x7e]+$")


@router.get("", response_model=Listed[ReservationShape])
async def list_reservations(
    call: SignedIn, identity: Identity, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Listed[ReservationShape]:
    """The latest reservations of a station, last to expire first."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        station = await find_station(session, identity)
        rows = await reservations(session, call.services.clock.now(), station_id=station.id, limit=limit)
    return Listed(data=[_shape(row) for row in rows])


@router.post("", response_model=AnswerShape, responses=OUTCOMES)
async def create_reservation(call: SignedIn, identity: Identity, body: ReservationBody) -> Response:
    """Keep an EVSE, or any of the station, for a token and its group (H01)."""
    if body.expires_at <= call.services.clock.now():
        raise InvalidInputError("A reservation must expire in the future.")
    asked = call.services.commands.reserve_now(
        call.actor,
        identity,
        body.id_token,
        body.expires_at,
        id_token_type=body.id_token_type,
        evse_number=body.evse_number,
        group=body.group,
    )
    return told(await asked)


@router.post("/{reservation_id}/cancel", response_model=AnswerShape, responses=OUTCOMES)
async def cancel_reservation(
    call: SignedIn,
    identity: Identity,
    reservation_id: Annotated[int, Path(ge=0, le=2**31 - 1, description="The number on the wire.", examples=[1])],
) -> Response:
    """Give a reservation up (H02)."""
    return told(await call.services.commands.cancel_reservation(call.actor, identity, reservation_id))


def _shape(row: ReservationRow) -> ReservationShape:
    facts = row.reservation.model_dump()
    return ReservationShape.model_validate(
        facts | {"reservation_id": row.reservation.ocpp_id, "station": row.identity, "state": str(row.state)}
    )

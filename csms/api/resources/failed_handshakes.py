"""Connections of the tenant's stations that failed before OCPP began, each with its cause and cure in plain words."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from pydantic import Field
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Identity, Listed, Moment, Shape
from csms.stations.doctor import ADVICE, Cause, failures_of_tenant
from csms.stations.managing import find_station
from models import FailedHandshake

router = new_router("failed handshakes")
_ORDER = Ordering(
    col(FailedHandshake.id),
    {"lastAt": Key(col(FailedHandshake.last_at), datetime), "id": Key(col(FailedHandshake.id), int)},
    "-lastAt",
)


class FailedHandshakeShape(Shape):
    """Tries that failed for the same reason, from the same address, under the same identity."""

    id: int
    identity: str = Field(examples=["DE-BER-001"])
    """As given in the URL."""
    cause: Cause = Field(examples=[Cause.WRONG_CREDENTIALS])
    meaning: str
    """What happened, for people."""
    cure: str
    """What to do about it."""
    detail: str
    """What was found wrong the last time, beyond the cause."""
    address: str
    path: str
    user_agent: str
    offered: str = Field(examples=["ocpp1.6"])
    count: int
    first_at: Moment
    last_at: Moment


@router.get("/failed-handshakes", response_model=Listed[FailedHandshakeShape])
async def list_failed_handshakes(
    call: SignedIn, page: Annotated[PageAsk, Depends(_ORDER.asked)]
) -> Listed[FailedHandshakeShape]:
    """Connections of your stations that failed, the latest first."""
    call.require(Permission.STATIONS_MANAGE)
    async with call.reading() as session:
        return await _ORDER.page(session, failures_of_tenant(), page, lambda row: _shape(row[0]))


@router.get("/stations/{identity}/failed-handshakes", response_model=Listed[FailedHandshakeShape])
async def list_failed_handshakes_of_station(
    call: SignedIn, identity: Identity, page: Annotated[PageAsk, Depends(_ORDER.asked)]
) -> Listed[FailedHandshakeShape]:
    """The same of one station."""
    call.require(Permission.STATIONS_MANAGE)
    async with call.reading() as session:
        station = await find_station(session, identity)
        return await _ORDER.page(session, failures_of_tenant(station.id), page, lambda row: _shape(row[0]))


def _shape(row: FailedHandshake) -> FailedHandshakeShape:
    advice = ADVICE[Cause(row.cause)]
    return FailedHandshakeShape.model_validate(row.model_dump() | {"meaning": advice.meaning, "cure": advice.cure})

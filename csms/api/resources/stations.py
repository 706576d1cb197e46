"""Charging stations with their EVSEs and connectors."""

from typing import Annotated

from fastapi import Depends, Query, Response
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.resources.station_shapes import (
    WORD,
    ConnectorShape,
    EvseShape,
    StationBody,
    StationShape,
    find_shape,
    require_shape,
    shapes_of,
)
from csms.api.routing import new_router
from csms.api.shapes import Identity, Listed, Number
from csms.errors import NotFoundError
from csms.stations.managing import remove_station
from csms.stations.registering import put_station
from csms.work import Work
from models import ChargingStation

router = new_router("stations", "/stations")
_ORDER = Ordering(
    col(ChargingStation.id),
    {
        "identity": Key(col(ChargingStation.identity_key)),
        "name": Key(col(ChargingStation.name)),
        "id": Key(col(ChargingStation.id), int),
    },
    "identity",
)


@router.get("", response_model=Listed[StationShape])
async def list_stations(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    text: Annotated[str, Query(max_length=100, description="In identity, name, vendor, model or serial number.")] = "",
    status: Annotated[list[str] | None, Query(max_length=10, description="One of these words.")] = None,
    location_id: Annotated[int | None, Query(alias="locationId", ge=1, le=2**31 - 1)] = None,
    online: Annotated[bool | None, Query(description="Connected now, or not.")] = None,
) -> Listed[StationShape]:
    """Stations with EVSEs and connectors."""
    call.require(Permission.STATIONS_VIEW)
    query = select(ChargingStation, WORD.label("word"))
    query = query.where(col(ChargingStation.decommissioned_at).is_(None))
    if text.strip():
        this = ChargingStation
        columns = (this.identity, this.name, this.vendor, this.model, this.serial_number)
        query = query.where(or_(*(col(column).icontains(text.strip(), autoescape=True) for column in columns)))
    if status:
        query = query.where(WORD.in_(status))
    if location_id is not None:
        query = query.where(col(ChargingStation.location_id) == location_id)
    if online is not None:
        query = query.where(col(ChargingStation.is_online).is_(online))
    async with call.reading() as session:
        rows, following = await _ORDER.rows(session, query, page)
        return Listed(data=await shapes_of(session, [(row[0], row.word) for row in rows]), next=following)


@router.get("/{identity}", response_model=StationShape)
async def get_station(call: SignedIn, identity: Identity) -> StationShape:
    """One station."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        return await require_shape(session, identity)


@router.put("/{identity}", response_model=StationShape, responses={201: {"model": StationShape}, 409: {}})
async def replace_station(
    call: SignedIn, identity: Identity, body: StationBody, match: IfMatch, response: Response
) -> StationShape:
    """Create or replace a station: 201 when it is new. Its random password, if one was made, is told this once."""

    async def unit(work: Work) -> tuple[StationShape, bool]:
        call.require(Permission.STATIONS_MANAGE)
        session = work.session()
        match.require(await find_shape(session, identity))
        setup = body.setup(identity)
        done = await put_station(work, call.actor, setup, call.services.secret_key, call.services.clock.now())
        shape = await require_shape(session, identity)
        shape.password = done.password
        return shape, done.is_new

    shape, is_new = await call.run(unit)
    response.status_code = 201 if is_new else 200
    if shape.password is not None:
        response.headers["Cache-Control"] = "no-store"
    return shape


@router.delete("/{identity}", status_code=204)
async def delete_station(call: SignedIn, identity: Identity, match: IfMatch) -> None:
    """Take a station out of the fleet. Its connection ends at once, its sessions stay; 409 while somebody charges."""

    async def unit(work: Work) -> None:
        call.require(Permission.STATIONS_MANAGE)
        match.require(await require_shape(work.session(), identity))
        await remove_station(work, call.actor, identity, call.services.clock.now())

    await call.run(unit)


@router.get("/{identity}/evses", response_model=Listed[EvseShape])
async def list_evses_of_station(call: SignedIn, identity: Identity) -> Listed[EvseShape]:
    """The EVSEs of a station, with their connectors."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        return Listed(data=(await require_shape(session, identity)).evses)


@router.get("/{identity}/evses/{number}", response_model=EvseShape)
async def get_evse(call: SignedIn, identity: Identity, number: Number) -> EvseShape:
    """One EVSE of a station."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        return await _evse(session, identity, number)


@router.get("/{identity}/evses/{number}/connectors/{connector}", response_model=ConnectorShape)
async def get_connector(call: SignedIn, identity: Identity, number: Number, connector: Number) -> ConnectorShape:
    """One connector of an EVSE."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        for one in (await _evse(session, identity, number)).connectors:
            if one.number == connector:
                return one
    raise NotFoundError(f"EVSE {number} of {identity} has no connector {connector}.")


async def _evse(session: AsyncSession, identity: str, number: int) -> EvseShape:
    for evse in (await require_shape(session, identity)).evses:
        if evse.number == number:
            return evse
    raise NotFoundError(f"{identity} has no EVSE {number}.")

"""Stations' local lists of tokens: what each holds, whether that is what it should, and who is left alone."""

from typing import Annotated, ClassVar

from fastapi import Depends
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Identity, Listed, Moment, Shape
from csms.authorization.keeping import ListState, keep_list, list_states
from csms.errors import NotFoundError
from csms.stations.managing import find_station
from csms.work import Work
from models import ChargingStation

router = new_router("local-lists", "/local-lists")
_ORDER = Ordering(col(ChargingStation.id), {"station": Key(col(ChargingStation.identity_key))}, "station")


class LocalListShape(Shape):
    """A station's list."""

    volatile: ClassVar[frozenset[str]] = frozenset(
        {"state", "isEnabled", "version", "isCertain", "entries", "leftOut", "syncedAt", "triedAt", "error"}
    )

    station: str = Field(examples=["DE-BER-001"])
    state: str = Field(examples=["current"])
    """off, unsupported, current, failed, offline or waiting."""
    keep: bool | None
    """Whether it is kept in step with the tokens; null: where the station is set to use a list."""
    is_enabled: bool
    """Whether the station is set to use one."""
    version: int | None
    """As the station said or took last; -1: it has no lists."""
    is_certain: bool
    """Whether we know what it holds."""
    entries: int
    left_out: int
    """Tokens that have no room or word there."""
    synced_at: Moment | None
    tried_at: Moment | None
    error: str
    """What went wrong when it was tried last."""


class LocalListBody(Body):
    """What is done with a list."""

    keep: Flag | None
    """true: kept in step; false: left alone; null: as the station is set."""


@router.get("", response_model=Listed[LocalListShape])
async def list_local_lists(call: SignedIn, page: Annotated[PageAsk, Depends(_ORDER.asked)]) -> Listed[LocalListShape]:
    """The lists of all stations that have one, by station."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        states = await list_states(session)
    shown, following = _ORDER.pick(states, page, lambda one: (one.identity.casefold(), one.station_id))
    return Listed(data=[_shape(one) for one in shown], next=following)


@router.get("/{identity}", response_model=LocalListShape)
async def get_local_list(call: SignedIn, identity: Identity) -> LocalListShape:
    """The list of one station. 404 where it has none."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        station = await find_station(session, identity)
        return await _require(session, station)


@router.put("/{identity}", response_model=LocalListShape)
async def replace_local_list_choice(
    call: SignedIn, identity: Identity, body: LocalListBody, match: IfMatch
) -> LocalListShape:
    """Keep a station's list in step with the tokens, or leave it alone."""

    async def unit(work: Work) -> LocalListShape:
        call.require(Permission.STATIONS_CONFIGURE)
        station = await find_station(work.session(), identity)
        match.require(await _require(work.session(), station))
        await keep_list(work, call.actor, station.id or 0, body.keep, call.services.clock.now())
        return await _require(work.session(), station)

    return await call.run(unit)


async def _require(session: AsyncSession, station: ChargingStation) -> LocalListShape:
    states = await list_states(session, station.id)
    if not states:
        raise NotFoundError(f"There is no local list at the station {station.identity}.")
    return _shape(states[0])


def _shape(state: ListState) -> LocalListShape:
    return LocalListShape(
        station=state.identity,
        state=state.word,
        keep=state.choice,
        is_enabled=state.is_enabled,
        version=state.version,
        is_certain=state.is_certain,
        entries=state.entries,
        left_out=state.left_out,
        synced_at=state.synced_at,
        tried_at=state.tried_at,
        error=state.error,
    )

"""Stations' local authorization lists: what each holds, whether that is what it should, and who is left alone."""

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
from csms.authorization.keeping import ListState, keep_list, states_of, stations_with_list
from csms.stations.managing import find_station
from csms.work import Work
from models import ChargingStation

router = new_router("local lists")
_ORDER = Ordering(col(ChargingStation.id), {"station": Key(col(ChargingStation.identity_key))}, "station")


class LocalListShape(Shape):
    """A station's list. What it says of the station moves by itself; what was chosen does not."""

    volatile: ClassVar[frozenset[str]] = frozenset(
        {"state", "isEnabled", "version", "entries", "leftOut", "syncedAt", "triedAt", "error"}
    )

    station: str = Field(examples=["DE-BER-001"])
    state: str = Field(examples=["current"])
    """off: left alone; current: holds what it should; waiting, offline, failed: not yet; unsupported: it has none."""
    keep: bool | None
    """What was chosen: kept in step, or left alone; null: as the station is set."""
    is_enabled: bool
    """The station's own word: it is set to use a list."""
    version: int | None
    """At the station; 0: none or empty, -1: it knows no such lists, null: nobody asked."""
    entries: int
    left_out: int
    """Tokens that have no room or word there."""
    synced_at: Moment | None
    tried_at: Moment | None
    error: str
    """What went wrong at the last try."""


class LocalListBody(Body):
    """What is done with a list."""

    keep: Flag | None = Field(examples=[True])
    """True: kept in step with the tokens; false: left alone; null: as the station is set."""


@router.get("/local-lists", response_model=Listed[LocalListShape])
async def list_local_lists(call: SignedIn, page: Annotated[PageAsk, Depends(_ORDER.asked)]) -> Listed[LocalListShape]:
    """The lists of all stations that have one, by identity."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        rows, following = await _ORDER.rows(session, stations_with_list(), page)
        states = await states_of(session, [row[0] for row in rows])
    return Listed(data=[_shape(state) for state in states], next=following)


@router.get("/stations/{identity}/local-list", response_model=LocalListShape)
async def get_local_list(call: SignedIn, identity: Identity) -> LocalListShape:
    """How the list of one station stands."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return await _of(session, await find_station(session, identity))


@router.put("/stations/{identity}/local-list", response_model=LocalListShape)
async def replace_local_list(call: SignedIn, identity: Identity, body: LocalListBody, match: IfMatch) -> LocalListShape:
    """Have a list kept in step, or left alone. Saying again what holds already has it looked at again, at once."""

    async def unit(work: Work) -> LocalListShape:
        call.require(Permission.STATIONS_CONFIGURE)
        session = work.session()
        station = await find_station(session, identity)
        match.require(await _of(session, station))
        await keep_list(work, call.actor, station.id or 0, body.keep, call.services.clock.now())
        return await _of(session, station)

    return await call.run(unit)


async def _of(session: AsyncSession, station: ChargingStation) -> LocalListShape:
    return _shape((await states_of(session, [station]))[0])


def _shape(state: ListState) -> LocalListShape:
    return LocalListShape(
        station=state.identity,
        state=state.word,
        keep=state.choice,
        is_enabled=state.is_enabled,
        version=state.version,
        entries=state.entries,
        left_out=state.left_out,
        synced_at=state.synced_at,
        tried_at=state.tried_at,
        error=state.error,
    )

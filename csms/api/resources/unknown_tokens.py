"""Tokens that stations asked about and nobody registered: adopted, or dismissed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Actor, Permission
from csms.api.call import Call, SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.resources.id_tokens import IdTokenShape, TokenFields, told_token
from csms.api.routing import new_router
from csms.api.shapes import Listed, Moment, RowId, Shape
from csms.authorization.adopting import adopt_sighting, dismiss_sighting, find_sighting, recall_sighting
from csms.authorization.queries import SightingEntry, select_sightings
from csms.errors import InvalidInputError, NotFoundError
from csms.work import Work
from models import ChargingStation, TokenSighting

router = new_router("unknown-tokens", "/unknown-tokens")
_ORDER = Ordering(
    col(TokenSighting.id),
    {"lastSeenAt": Key(col(TokenSighting.last_seen_at), datetime), "id": Key(col(TokenSighting.id), int)},
    "-lastSeenAt",
)
Verb = Callable[[Work, Actor, int, datetime], Awaitable[None]]


class UnknownTokenShape(Shape):
    """A token that was seen."""

    id: int
    value: str = Field(examples=["04A2B3C4D5E680"])
    type: str = Field(examples=["ISO14443"])
    """Empty from 1.6, which does not say."""
    station: str = Field(examples=["DE-BER-001"])
    """Where it was seen last."""
    first_seen_at: Moment
    last_seen_at: Moment
    count: int
    """How often."""
    dismissed_at: Moment | None


class AdoptBody(TokenFields):
    """The token to be. It keeps its value, and its type where the station named one. A group must exist."""


@router.get("", response_model=Listed[UnknownTokenShape])
async def list_unknown_tokens(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    dismissed: Annotated[bool, Query(description="Those that are offered no more.")] = False,
    station: Annotated[str, Query(max_length=255, description="Last seen at this station.")] = "",
) -> Listed[UnknownTokenShape]:
    """Unknown tokens, the one seen last first."""
    call.require(Permission.TOKENS_VIEW)
    query = select_sightings(dismissed=dismissed)
    if station:
        query = query.where(col(ChargingStation.identity_key) == station.casefold())
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: _shape(SightingEntry.of(row)))


@router.get("/{sighting_id}", response_model=UnknownTokenShape)
async def get_unknown_token(call: SignedIn, sighting_id: RowId) -> UnknownTokenShape:
    """One unknown token. 404 once somebody has adopted it, or it has aged out."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return await _require(session, sighting_id)


@router.post("/{sighting_id}/adopt", response_model=IdTokenShape, status_code=201)
async def adopt_unknown_token(call: SignedIn, sighting_id: RowId, body: AdoptBody, response: Response) -> IdTokenShape:
    """Register it: it is accepted from now on."""

    async def unit(work: Work) -> IdTokenShape:
        call.require(Permission.TOKENS_MANAGE)
        await find_sighting(work.session(), sighting_id)
        try:
            token = await adopt_sighting(work, call.actor, sighting_id, body.form(""), call.services.clock.now())
        except NotFoundError as error:  # a driver, group or location of the body
            raise InvalidInputError(str(error)) from None
        return await told_token(call, work.session(), token)

    made = await call.run(unit)
    response.headers["Location"] = f"/api/v1/id-tokens/{quote(made.value, safe='')}"
    return made


@router.post("/{sighting_id}/dismiss", response_model=UnknownTokenShape)
async def dismiss_unknown_token(call: SignedIn, sighting_id: RowId) -> UnknownTokenShape:
    """Offer it no more, however often it is shown."""
    return await _decide(call, sighting_id, dismiss_sighting)


@router.post("/{sighting_id}/recall", response_model=UnknownTokenShape)
async def recall_unknown_token(call: SignedIn, sighting_id: RowId) -> UnknownTokenShape:
    """Offer a dismissed one again."""
    return await _decide(call, sighting_id, recall_sighting)


async def _decide(call: Call, sighting_id: int, verb: Verb) -> UnknownTokenShape:
    async def unit(work: Work) -> UnknownTokenShape:
        await verb(work, call.actor, sighting_id, call.services.clock.now())
        return await _require(work.session(), sighting_id)

    return await call.run(unit)


async def _require(session: AsyncSession, sighting_id: int) -> UnknownTokenShape:
    row = await find_sighting(session, sighting_id)
    query = select_sightings(dismissed=row.dismissed_at is not None).where(col(TokenSighting.id) == sighting_id)
    return _shape(SightingEntry.of((await session.execute(query)).one()))


def _shape(entry: SightingEntry) -> UnknownTokenShape:
    return UnknownTokenShape.model_validate(entry.sighting.model_dump() | {"station": entry.station_identity})

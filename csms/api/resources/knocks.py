"""Chargers that nobody registered and that came to the tenant's address: claimed as stations, or refused."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Actor, Permission
from csms.api.call import Call, SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.resources.station_shapes import StationShape, require_shape
from csms.api.routing import new_router
from csms.api.shapes import BigRowId, Body, Listed, Moment, Shape, Text, Whole
from csms.errors import NotFoundError
from csms.stations import knocking
from csms.stations.addresses import usual_profile
from csms.stations.managing import StationPlan
from csms.work import Work
from models import Knock, KnockState

router = new_router("knocks", "/knocks")
_ORDER = Ordering(
    col(Knock.id), {"lastAt": Key(col(Knock.last_at), datetime), "id": Key(col(Knock.id), int)}, "-lastAt"
)
_Verb = Callable[[Work, Actor, int, datetime], Awaitable[None]]


class KnockShape(Shape):
    """A charger that nobody registered, under the identity it came with."""

    volatile: ClassVar[frozenset[str]] = frozenset({"address", "userAgent", "offered", "count", "lastAt"})

    id: int
    identity: str = Field(examples=["DE-BER-002"])
    state: KnockState
    address: str
    """The network address it came from last."""
    user_agent: str
    offered: str = Field(examples=["ocpp1.6"])
    """The subprotocols it offers: which OCPP versions it speaks."""
    password_mark: str | None = Field(examples=["5f0c8b4e0d57"])
    """Stands for the password that it sent last; null where it sent none, or has been claimed."""
    passwords_differ: bool
    """Different passwords were tried under this identity: more than one device, or somebody guessing."""
    count: int
    first_at: Moment
    last_at: Moment
    decided_at: Moment | None


class ClaimBody(Body):
    """The station that the charger becomes."""

    location_id: Whole = Field(ge=1, le=2**31 - 1, examples=[1])
    name: Text = ""
    security_profile: Whole | None = Field(default=None, ge=0, le=3)
    """Left out: 2 where chargers can come by TLS, else 1."""
    password_mark: str | None = Field(default=None, min_length=1, max_length=64, pattern="^[0-9a-f]+$")
    """As the charger showed it: the password that it uses is accepted. Left out: a new one is made. Whoever knows the
    tenant's address can knock under any identity, so accept one only where the charger is surely yours."""


class ClaimedShape(StationShape):
    """The station that it is now. `password` is the new one, told this once."""

    keeps_password: bool
    """It goes on with the password that it uses already."""


@router.get("", response_model=Listed[KnockShape])
async def list_knocks(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    state: Annotated[KnockState, Query(description="What became of them.")] = KnockState.WAITING,
) -> Listed[KnockShape]:
    """Unknown chargers that wait for a decision, the latest first."""
    call.require(Permission.STATIONS_MANAGE)
    query = select(Knock).where(col(Knock.state) == state)
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: _shape(row[0]))


@router.get("/{knock_id}", response_model=KnockShape)
async def get_knock(call: SignedIn, knock_id: BigRowId) -> KnockShape:
    """One unknown charger."""
    call.require(Permission.STATIONS_MANAGE)
    async with call.reading() as session:
        return await _require(session, knock_id)


@router.post("/{knock_id}/claim", response_model=ClaimedShape, status_code=201)
async def claim_knock(call: SignedIn, knock_id: BigRowId, body: ClaimBody, response: Response) -> ClaimedShape:
    """Make the charger a station. Its new password is told this once; 409 when it has sent another one since."""
    services = call.services
    plan = StationPlan(
        identity="",  # the one it knocked with
        name=body.name,
        location_id=body.location_id,
        security_profile=usual_profile(services.settings) if body.security_profile is None else body.security_profile,
    )

    async def unit(work: Work) -> ClaimedShape:
        now, mark = services.clock.now(), body.password_mark
        added = await knocking.claim(work, call.actor, knock_id, plan, services.secret_key, now, password_mark=mark)
        station = (await require_shape(work.session(), added.ref.identity)).model_dump()
        return ClaimedShape.model_validate(station | {"password": added.password, "keeps_password": mark is not None})

    claimed = await call.run(unit)
    response.headers["Location"] = f"/api/v1/stations/{quote(claimed.identity, safe='')}"
    if claimed.password is not None:
        response.headers["Cache-Control"] = "no-store"
    return claimed


@router.post("/{knock_id}/refuse", response_model=KnockShape)
async def refuse_knock(call: SignedIn, knock_id: BigRowId) -> KnockShape:
    """Hear no more of a charger: it is listed among the refused ones only."""
    return await _decide(call, knock_id, knocking.refuse)


@router.post("/{knock_id}/take-back", response_model=KnockShape)
async def take_back_knock(call: SignedIn, knock_id: BigRowId) -> KnockShape:
    """Let a refused charger wait for a decision again."""
    return await _decide(call, knock_id, knocking.take_back)


async def _decide(call: Call, knock_id: int, verb: _Verb) -> KnockShape:
    async def unit(work: Work) -> KnockShape:
        await verb(work, call.actor, knock_id, call.services.clock.now())
        return await _require(work.session(), knock_id)

    return await call.run(unit)


async def _require(session: AsyncSession, knock_id: int) -> KnockShape:
    knock = (await session.execute(select(Knock).where(col(Knock.id) == knock_id))).scalar_one_or_none()
    if knock is None:
        raise NotFoundError(f"There is no knock {knock_id}.")
    return _shape(knock)


def _shape(knock: Knock) -> KnockShape:
    return KnockShape.model_validate(knock.model_dump() | {"password_mark": knocking.mark_of(knock) or None})

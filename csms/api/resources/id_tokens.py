"""RFID cards and other means of identification."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Actor, Permission
from csms.api.call import Call, SignedIn
from csms.api.etags import IfMatch
from csms.api.limits import Amount, Energy, LimitsBody, LimitsShape, Sum
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Flag, Listed, Moment, TokenValue, Whole
from csms.authorization.limits import LIMIT_NAMES
from csms.authorization.queries import TokenEntry, TokenQuery, select_tokens, token_entry
from csms.authorization.registering import TokenSetup, find_token, put_id_token, require_token
from csms.authorization.tokens import TokenForm, block_token, delete_token, expire_token, unblock_token
from csms.work import Work
from models import IdToken, IdTokenStatus

router = new_router("id-tokens", "/id-tokens")
_ORDER = Ordering(
    col(IdToken.id),
    {
        "value": Key(col(IdToken.value_key)),
        "createdAt": Key(col(IdToken.created_at), datetime),
        "id": Key(col(IdToken.id), int),
    },
    "value",
)
TokenType = Annotated[
    str | None, Query(max_length=20, description="Where tokens of several types have this value: which one.")
]
TokenState = Literal["accepted", "blocked", "expired", "not_yet", "no_credit", "unassigned"]
Verb = Callable[[Work, Actor, int, datetime], Awaitable[IdToken]]


class IdTokenShape(LimitsShape):
    """A token."""

    volatile: ClassVar[frozenset[str]] = frozenset({"state", "credit", "lastUsedAt", "refusedAt", "refusal"})

    id: int
    value: str = Field(examples=["04A2B3C4D5E680"])
    type: str = Field(examples=["ISO14443"])
    status: str = Field(examples=["Accepted"])
    """What was decided about it; its dates are not looked at."""
    state: str = Field(examples=["accepted"])
    """How it stands now: accepted, blocked (or its driver is archived), expired, not_yet or no_credit."""
    group: str | None
    """1.6 parentIdTag, 2.x groupIdToken."""
    valid_from: Moment | None
    expires_at: Moment | None
    label: str
    driver_id: int | None
    allow_concurrent: bool | None
    location_ids: list[int] | None
    credit: Sum | None
    """Left on a prepaid token."""
    credit_currency: str
    max_cost: Sum | None
    """Of one session, as are the two below."""
    max_energy_wh: int | None
    max_time_s: int | None
    created_at: Moment
    last_used_at: Moment | None
    """When it last began a session."""
    refused_at: Moment | None
    """When a station last heard no, and why."""
    refusal: str


class TokenFields(LimitsBody):
    """What can be said of a token."""

    type: str = Field(default="ISO14443", max_length=20, pattern="^[A-Za-z0-9]*$")
    """As 2.x names it: ISO14443, ISO15693, eMAID, KeyCode, MacAddress, Central, Local, EVCCID, VIN, NEMA."""
    group: str | None = Field(default=None, max_length=36, pattern=r"^[ -~]*$")
    """1.6 parentIdTag, 2.x groupIdToken."""
    valid_from: Moment | None = None
    expires_at: Moment | None = None
    label: str = Field(default="", max_length=100, pattern=r"^[^\u0000]*$")
    driver_id: Whole | None = Field(default=None, ge=1, le=2**31 - 1)
    allow_concurrent: Flag | None = None
    """Several sessions at a time; null: as the tenant's policy says."""
    location_ids: list[Annotated[Whole, Field(ge=1, le=2**31 - 1)]] | None = Field(default=None, max_length=1000)
    """Where it is good for; null: everywhere."""
    max_cost: Amount | None = None
    """Of one session, as are the two below."""
    max_energy_wh: Energy | None = None
    max_time_s: Whole | None = Field(default=None, gt=0, le=2**31 - 1)

    def form(self, value: str) -> TokenForm:
        """The same for the services."""
        told: Any = self.model_dump(exclude={"status", *LIMIT_NAMES})
        places = None if self.location_ids is None else tuple(self.location_ids)
        return TokenForm(value, **told | {"location_ids": places, "limits": self.limits()})


class IdTokenBody(TokenFields):
    """A token as it shall be. A group that there is not yet is made."""

    status: IdTokenStatus = IdTokenStatus.ACCEPTED

    def setup(self, value: str) -> TokenSetup:
        """The same for the service."""
        return TokenSetup(self.form(value), self.status)


@router.get("", response_model=Listed[IdTokenShape])
async def list_id_tokens(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    text: Annotated[str, Query(max_length=100, description="In value, label, group or driver's name.")] = "",
    status: Annotated[IdTokenStatus | None, Query()] = None,
    state: Annotated[list[TokenState] | None, Query(description="Any of these, as they stand now.")] = None,
    group: Annotated[str | None, Query(max_length=255)] = None,
    driver_id: Annotated[int | None, Query(alias="driverId", ge=1, le=2**31 - 1)] = None,
) -> Listed[IdTokenShape]:
    """Tokens by value."""
    call.require(Permission.TOKENS_VIEW)
    now = call.services.clock.now()
    query = select_tokens(TokenQuery(text, frozenset(state or ()), driver_id, group), now)
    if status is not None:
        query = query.where(col(IdToken.status) == status)
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: _shape(TokenEntry.of(row), now))


@router.get("/{value}", response_model=IdTokenShape, responses={409: {}})
async def get_id_token(call: SignedIn, value: TokenValue, type: TokenType = None) -> IdTokenShape:
    """One token, however its value is spelled."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return await told_token(call, session, await require_token(session, value, type))


@router.put("/{value}", response_model=IdTokenShape, responses={201: {"model": IdTokenShape}, 409: {}})
async def replace_id_token(
    call: SignedIn, value: TokenValue, body: IdTokenBody, match: IfMatch, response: Response
) -> IdTokenShape:
    """Create or replace a token: 201 when it is new."""

    async def unit(work: Work) -> tuple[IdTokenShape, bool]:
        call.require(Permission.TOKENS_MANAGE)
        session = work.session()
        known = await find_token(session, value, body.type)
        match.require(None if known is None else await told_token(call, session, known))
        token, is_new = await put_id_token(work, call.actor, body.setup(value), call.services.clock.now())
        return await told_token(call, session, token), is_new

    shape, is_new = await call.run(unit)
    response.status_code = 201 if is_new else 200
    return shape


@router.delete("/{value}", status_code=204, responses={409: {}})
async def delete_id_token(call: SignedIn, value: TokenValue, match: IfMatch, type: TokenType = None) -> None:
    """Forget a token: what stations ask about it is answered Invalid. Its sessions stay."""

    async def unit(work: Work) -> None:
        call.require(Permission.TOKENS_MANAGE)
        token = await require_token(work.session(), value, type)
        match.require(await told_token(call, work.session(), token))
        await delete_token(work, call.actor, token.id or 0, call.services.clock.now())

    await call.run(unit)


@router.post("/{value}/block", response_model=IdTokenShape)
async def block_id_token(call: SignedIn, value: TokenValue, type: TokenType = None) -> IdTokenShape:
    """Accept it no longer."""
    return await _do(call, value, type, block_token)


@router.post("/{value}/unblock", response_model=IdTokenShape)
async def unblock_id_token(call: SignedIn, value: TokenValue, type: TokenType = None) -> IdTokenShape:
    """Accept it again."""
    return await _do(call, value, type, unblock_token)


@router.post("/{value}/expire", response_model=IdTokenShape)
async def expire_id_token(call: SignedIn, value: TokenValue, type: TokenType = None) -> IdTokenShape:
    """End its validity now."""
    return await _do(call, value, type, expire_token)


async def told_token(call: Call, session: AsyncSession, token: IdToken) -> IdTokenShape:
    """A token as it is answered."""
    return _shape(await token_entry(session, token.id or 0), call.services.clock.now())


async def _do(call: Call, value: str, type: str | None, verb: Verb) -> IdTokenShape:
    async def unit(work: Work) -> IdTokenShape:
        call.require(Permission.TOKENS_MANAGE)
        token = await require_token(work.session(), value, type)
        changed = await verb(work, call.actor, token.id or 0, call.services.clock.now())
        return await told_token(call, work.session(), changed)

    return await call.run(unit)


def _shape(entry: TokenEntry, now: datetime) -> IdTokenShape:
    told = {"state": entry.state(now), "last_used_at": entry.last_used_at}
    return IdTokenShape.model_validate(entry.token.model_dump() | told)

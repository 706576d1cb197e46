"""RFID cards and other means of identification."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Listed, Moment, Shape, TokenValue, Whole
from csms.authorization.limits import LIMIT_NAMES, Limits
from csms.authorization.registering import TokenSetup, find_token, put_id_token, require_token
from csms.authorization.tokens import TokenForm, delete_token
from csms.work import Work
from models import IdToken, IdTokenStatus

router = new_router("id-tokens", "/id-tokens")
_ORDER = Ordering(col(IdToken.id), {"value": Key(col(IdToken.value_key)), "id": Key(col(IdToken.id), int)}, "value")
_Type = Annotated[
    str | None, Query(max_length=20, description="Where tokens of several types have this value: which one.")
]


Amount = Annotated[Decimal, Field(gt=0, lt=2**31, max_digits=15, decimal_places=6)]


class IdTokenShape(Shape):
    """A token."""

    id: int
    value: str = Field(examples=["04A2B3C4D5E680"])
    type: str = Field(examples=["ISO14443"])
    status: str = Field(examples=["Accepted"])
    """What was decided about it; its dates are not looked at."""
    group: str | None
    """1.6 parentIdTag, 2.x groupIdToken."""
    valid_from: Moment | None
    expires_at: Moment | None
    label: str
    driver_id: int | None
    allow_concurrent: bool | None
    location_ids: list[int] | None
    credit: Decimal | None
    """Left on a prepaid token."""
    credit_currency: str
    max_transactions: int | None
    max_energy_day_wh: int | None
    max_energy_month_wh: int | None
    max_cost_day: Decimal | None
    max_cost_month: Decimal | None
    max_cost: Decimal | None
    max_energy_wh: int | None
    max_time_s: int | None
    created_at: Moment


class IdTokenBody(Body):
    """A token as it shall be."""

    type: str = Field(default="ISO14443", max_length=20, pattern="^[A-Za-z0-9]*$")
    """As 2.x names it: ISO14443, ISO15693, eMAID, KeyCode, MacAddress, Central, Local, EVCCID, VIN, NEMA."""
    status: IdTokenStatus = IdTokenStatus.ACCEPTED
    group: str | None = Field(default=None, max_length=36, pattern=r"^[ -~]*$")
    """1.6 parentIdTag, 2.x groupIdToken; made if there is none yet."""
    valid_from: Moment | None = None
    expires_at: Moment | None = None
    label: str = Field(default="", max_length=100, pattern=r"^[^\u0000]*$")
    driver_id: Whole | None = Field(default=None, ge=1, le=2**31 - 1)
    allow_concurrent: Flag | None = None
    """Several sessions at a time; null: as the tenant's policy says."""
    location_ids: list[Annotated[Whole, Field(ge=1, le=2**31 - 1)]] | None = Field(default=None, max_length=1000)
    """Where it is good for; null: everywhere."""
    max_transactions: Whole | None = Field(default=None, ge=1, le=1000)
    """At a time."""
    max_energy_day_wh: Whole | None = Field(default=None, gt=0, le=2**31 - 1)
    max_energy_month_wh: Whole | None = Field(default=None, gt=0, le=2**31 - 1)
    max_cost_day: Amount | None = None
    max_cost_month: Amount | None = None
    max_cost: Amount | None = None
    """Of one session, as are the two below."""
    max_energy_wh: Whole | None = Field(default=None, gt=0, le=2**31 - 1)
    max_time_s: Whole | None = Field(default=None, gt=0, le=2**31 - 1)

    def setup(self, value: str) -> TokenSetup:
        """The same for the service."""
        told: Any = self.model_dump(exclude={"status", *LIMIT_NAMES})
        places = None if self.location_ids is None else tuple(self.location_ids)
        limits = Limits(**{name: getattr(self, name) for name in LIMIT_NAMES})
        form = TokenForm(value, **told | {"location_ids": places, "limits": limits})
        return TokenSetup(form, self.status)


@router.get("", response_model=Listed[IdTokenShape])
async def list_id_tokens(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    text: Annotated[str, Query(max_length=100, description="In value or label.")] = "",
    status: Annotated[IdTokenStatus | None, Query()] = None,
    group: Annotated[str | None, Query(max_length=255)] = None,
    driver_id: Annotated[int | None, Query(alias="driverId", ge=1, le=2**31 - 1)] = None,
) -> Listed[IdTokenShape]:
    """Tokens by value."""
    call.require(Permission.TOKENS_VIEW)
    query = select(IdToken)
    if text.strip():
        columns = (col(IdToken.value), col(IdToken.label))
        query = query.where(or_(*(column.icontains(text.strip(), autoescape=True) for column in columns)))
    if status is not None:
        query = query.where(col(IdToken.status) == status)
    if group is not None:
        query = query.where(col(IdToken.group) == group)
    if driver_id is not None:
        query = query.where(col(IdToken.driver_id) == driver_id)
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: IdTokenShape.model_validate(row[0]))


@router.get("/{value}", response_model=IdTokenShape, responses={409: {}})
async def get_id_token(call: SignedIn, value: TokenValue, type: _Type = None) -> IdTokenShape:
    """One token, however its value is spelled."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return IdTokenShape.model_validate(await require_token(session, value, type))


@router.put("/{value}", response_model=IdTokenShape, responses={201: {"model": IdTokenShape}, 409: {}})
async def replace_id_token(
    call: SignedIn, value: TokenValue, body: IdTokenBody, match: IfMatch, response: Response
) -> IdTokenShape:
    """Create or replace a token: 201 when it is new."""

    async def unit(work: Work) -> tuple[IdTokenShape, bool]:
        call.require(Permission.TOKENS_MANAGE)
        match.require(await _current(work.session(), value, body.type))
        token, is_new = await put_id_token(work, call.actor, body.setup(value), call.services.clock.now())
        return IdTokenShape.model_validate(token), is_new

    shape, is_new = await call.run(unit)
    response.status_code = 201 if is_new else 200
    return shape


@router.delete("/{value}", status_code=204, responses={409: {}})
async def delete_id_token(call: SignedIn, value: TokenValue, match: IfMatch, type: _Type = None) -> None:
    """Forget a token: what stations ask about it is answered Invalid. Its sessions stay."""

    async def unit(work: Work) -> None:
        call.require(Permission.TOKENS_MANAGE)
        token = await require_token(work.session(), value, type)
        match.require(IdTokenShape.model_validate(token))
        await delete_token(work, call.actor, token.id or 0, call.services.clock.now())

    await call.run(unit)


async def _current(session: AsyncSession, value: str, type: str) -> IdTokenShape | None:
    token = await find_token(session, value, type)
    return None if token is None else IdTokenShape.model_validate(token)

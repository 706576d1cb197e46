"""What was used of the limits of a token or a driver so far."""

from dataclasses import asdict

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.limits import Sum
from csms.api.resources.id_tokens import TokenType
from csms.api.routing import new_router
from csms.api.shapes import RowId, Shape, TokenValue
from csms.authorization.drivers import find_driver
from csms.authorization.limits import Allotment, Limits
from csms.authorization.registering import require_token
from csms.transactions.use import books_of, use_of

tokens = new_router("id-tokens", "/id-tokens")
drivers = new_router("drivers", "/drivers")


class UseShape(Shape):
    """Sessions that run count as far as their meters have told; days and months are those of the tenant's clock."""

    transactions: int
    """That run now."""
    energy_day_wh: int
    energy_month_wh: int
    cost_day: Sum
    cost_month: Sum
    currency: str = Field(examples=["EUR"])


@tokens.get("/{value}/use", response_model=UseShape, responses={409: {}})
async def get_id_token_use(call: SignedIn, value: TokenValue, type: TokenType = None) -> UseShape:
    """What a token has used today and this month."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        row = await require_token(session, value, type)
        return await _use(call, session, Allotment("token", row.id or 0, Limits.of(row)))


@drivers.get("/{driver_id}/use", response_model=UseShape)
async def get_driver_use(call: SignedIn, driver_id: RowId) -> UseShape:
    """What all tokens of a driver together have used today and this month."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        row = await find_driver(session, driver_id)
        return await _use(call, session, Allotment("driver", driver_id, Limits.of(row)))


async def _use(call: Call, session: AsyncSession, allotment: Allotment) -> UseShape:
    books = await books_of(session, call.tenant.id)
    use = await use_of(session, allotment, call.services.clock.now(), books)
    return UseShape.model_validate(asdict(use) | {"currency": books.currency})

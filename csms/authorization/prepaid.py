"""Prepaid tokens, and what one transaction of a token may come to (2.1: C17, E16)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.keys import token_key
from csms.errors import InvalidInputError, NotFoundError
from models import IdToken


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that one transaction of a token may come to; None: no limit."""

    max_cost: Decimal | None = None
    max_energy_wh: int | None = None
    max_time_s: int | None = None
    credit: Decimal | None = None
    """What is left on the token, in `credit_currency`; None: it is not prepaid."""
    credit_currency: str = ""


async def allowance_of(session: AsyncSession, value: str, type: str = "") -> Allowance | None:
    """What the token `value` of the tenant in scope may use; None where it is unknown or has no limit at all."""
    row = await _find(session, value, type)
    if row is None:
        return None
    found = Allowance(row.max_cost, row.max_energy_wh, row.max_time_s, row.credit, row.credit_currency)
    return None if found == Allowance(credit_currency=row.credit_currency) else found


async def take_from_credit(session: AsyncSession, value: str, type: str, amount: Decimal, currency: str) -> bool:
    """Reduce the credit of a prepaid token, or (negative amount) give back. Whether there was such a credit.

    It may fall below zero: what was charged was charged. A credit in another currency is left alone.
    """
    row = await _find(session, value, type, for_update=True)
    if row is None or row.credit is None or (row.credit_currency and row.credit_currency != currency):
        return False
    row.credit -= amount
    await session.flush()
    return True


async def set_allowance(
    session: AsyncSession,
    id_token_id: int,
    *,
    max_cost: Decimal | None = None,
    max_energy_wh: int | None = None,
    max_time_s: int | None = None,
) -> IdToken:
    """Limit each transaction of a token from now on. Raises NotFoundError, InvalidInputError."""
    for limit in (max_cost, max_energy_wh, max_time_s):
        if limit is not None and not 0 < limit < 2**31:
            raise InvalidInputError(f"A limit is more than 0, or left out for none; got {limit}.")
    row = await _by_id(session, id_token_id)
    row.max_cost, row.max_energy_wh, row.max_time_s = max_cost, max_energy_wh, max_time_s
    await session.flush()
    return row


async def top_up(session: AsyncSession, id_token_id: int, amount: Decimal, currency: str) -> IdToken:
    """Pay into a token, which makes it prepaid. Raises NotFoundError, and InvalidInputError for another currency."""
    row = await _by_id(session, id_token_id, for_update=True)
    if row.credit is not None and row.credit_currency not in ("", currency):
        raise InvalidInputError(f"This token is paid in {row.credit_currency}, not in {currency}.")
    if not amount.is_finite() or not 0 < amount < 10**9:
        raise InvalidInputError(f"An amount to pay in is more than 0; got {amount}.")
    row.credit, row.credit_currency = (row.credit or Decimal(0)) + amount, currency
    await session.flush()
    return row


async def _by_id(session: AsyncSession, id_token_id: int, *, for_update: bool = False) -> IdToken:
    query = select(IdToken).where(col(IdToken.id) == id_token_id).execution_options(populate_existing=True)
    row = (await session.execute(query.with_for_update() if for_update else query)).scalar_one_or_none()
    if row is None:
        raise NotFoundError("There is no such token.")
    return row


async def _find(session: AsyncSession, value: str, type: str, *, for_update: bool = False) -> IdToken | None:
    """The token as a decision would find it; several of one value and no type: the oldest."""
    query = select(IdToken).where(col(IdToken.value_key) == token_key(value)[:255]).order_by(col(IdToken.id))
    query = query.execution_options(populate_existing=True)
    rows = (await session.execute(query.with_for_update() if for_update else query)).scalars()
    return next((row for row in rows if _fits(row.type, type)), None)


def _fits(registered: str, presented: str) -> bool:
    return not registered or not presented or registered.casefold() == presented.casefold()


def cache_until(credit: Decimal | None, now: datetime) -> datetime | None:
    """Until when a station may remember the verdict on a token: one on a credit is good for the moment (C17)."""
    return None if credit is None else now

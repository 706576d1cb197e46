"""Reads of tokens for pages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import Driver, IdToken


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token and who holds it. `status` is what was decided about it; its dates are not looked at."""

    value: str
    type: str
    label: str
    driver: str
    status: str
    expires_at: datetime | None


async def search_tokens(session: AsyncSession, text: str = "", limit: int = 30) -> list[TokenRow]:
    """Tokens whose value, label or driver contains `text`, by driver and value."""
    query = select(
        col(IdToken.value),
        col(IdToken.type),
        col(IdToken.label),
        col(Driver.name),
        col(IdToken.status),
        col(IdToken.expires_at),
    ).outerjoin(Driver, col(Driver.id) == col(IdToken.driver_id))
    if text:
        columns = (col(IdToken.value), col(IdToken.label), col(Driver.name))
        query = query.where(or_(*(column.icontains(text.strip(), autoescape=True) for column in columns)))
    query = query.order_by(col(Driver.name).nulls_last(), col(IdToken.value_key)).limit(limit)
    found = (await session.execute(query)).all()
    return [TokenRow(value, kind, label, driver or "", status, at) for value, kind, label, driver, status, at in found]

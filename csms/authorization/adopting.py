"""What people decide about unknown tokens that stations have seen: adopt, dismiss, take back. All audited."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.tokens import TYPES, TokenForm, add_token
from csms.errors import NotFoundError
from csms.work import Work
from models import IdToken, TokenSighting

_FROM_16 = "ISO14443"
"""1.6 does not say a kind, and nearly all that its readers read are such cards."""


async def adopt_sighting(work: Work, actor: Actor, sighting_id: int, form: TokenForm, at: datetime) -> IdToken:
    """Register a token that was seen, as the form says but with its own value, and with the kind that the station
    named. Raises PermissionDeniedError, NotFoundError, ConflictError."""
    require(actor, Permission.TOKENS_MANAGE)
    seen = await find_sighting(work.session(), sighting_id)
    kind = seen.type if seen.type in TYPES and seen.type else form.type or _FROM_16
    return await add_token(work, actor, replace(form, value=seen.value, type=kind), at)


async def dismiss_sighting(work: Work, actor: Actor, sighting_id: int, at: datetime) -> None:
    """Offer it no more, however often it is shown. Raises PermissionDeniedError, NotFoundError."""
    await _set_dismissed(work, actor, sighting_id, at, "sighting.dismiss", at)


async def recall_sighting(work: Work, actor: Actor, sighting_id: int, at: datetime) -> None:
    """Offer it again. Raises PermissionDeniedError, NotFoundError."""
    await _set_dismissed(work, actor, sighting_id, None, "sighting.recall", at)


async def find_sighting(session: AsyncSession, sighting_id: int) -> TokenSighting:
    """A sighting of the tenant in scope. Raises NotFoundError."""
    query = select(TokenSighting).where(col(TokenSighting.id) == sighting_id)
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise NotFoundError("This card is not waiting any more: somebody decided about it, or it has aged out.")
    return row


async def _set_dismissed(
    work: Work, actor: Actor, sighting_id: int, dismissed_at: datetime | None, action: str, at: datetime
) -> None:
    require(actor, Permission.TOKENS_MANAGE)
    row = await find_sighting(work.session(), sighting_id)
    row.dismissed_at = dismissed_at
    await work.session().flush()
    audit.record(work, actor, action, f"unknown card {row.id}", at=at)

"""Links and steps that work once and not for long. The database holds only the hash of what they carry."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.tokens import hash_token, new_token
from csms.errors import LinkExpiredError
from csms.work import Work
from models import OneTimeLink

_KEPT = timedelta(days=1)
"""After it has expired; then it is swept by the next one that is made."""
_GONE = "This link has been used or has expired."


async def issue_link(
    work: Work,
    purpose: str,
    *,
    now: datetime,
    lasts: timedelta,
    user_id: int | None = None,
    tenant_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> str:
    """Make a link of this purpose. Returns the token to put into its URL or cookie."""
    session, token = work.session(), new_token()
    await session.execute(delete(OneTimeLink).where(col(OneTimeLink.expires_at) < now - _KEPT))
    session.add(
        OneTimeLink(
            token_hash=hash_token(token),
            purpose=purpose,
            user_id=user_id,
            tenant_id=tenant_id,
            details=details or {},
            expires_at=now + lasts,
        )
    )
    await session.flush()
    return token


async def find_link(
    session: AsyncSession, token: str, purpose: str, now: datetime, tenant_id: int | None = None
) -> OneTimeLink:
    """The link, while it can be used on this tenant's hostname. Raises LinkExpiredError."""
    query = select(OneTimeLink).where(*_usable(token, purpose, now, tenant_id))
    link = (await session.execute(query)).scalar_one_or_none()
    if link is None:
        raise LinkExpiredError(_GONE)
    return link


async def use_link(
    session: AsyncSession, token: str, purpose: str, now: datetime, tenant_id: int | None = None
) -> OneTimeLink:
    """Use the link up. Raises LinkExpiredError when somebody else did, or it has expired."""
    used = await session.scalars(
        update(OneTimeLink)
        .where(*_usable(token, purpose, now, tenant_id))
        .values(used_at=now)
        .returning(OneTimeLink)
        .execution_options(synchronize_session=False)
    )
    link = used.one_or_none()
    if link is None:
        raise LinkExpiredError(_GONE)
    return link


async def drop_links(session: AsyncSession, user_id: int) -> None:
    """Make every link of a person worthless."""
    await session.execute(delete(OneTimeLink).where(col(OneTimeLink.user_id) == user_id))


def _usable(token: str, purpose: str, now: datetime, tenant_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return (
        col(OneTimeLink.token_hash) == hash_token(token),
        col(OneTimeLink.purpose) == purpose,
        col(OneTimeLink.tenant_id).is_(None) if tenant_id is None else col(OneTimeLink.tenant_id) == tenant_id,
        col(OneTimeLink.used_at).is_(None),
        col(OneTimeLink.expires_at) > now,
    )

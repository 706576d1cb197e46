"""Counts what changes the lists that stations hold, and tells of it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.bus.events import TokensChanged
from csms.cause import current_cause
from csms.work import Work
from models import AuthorizationPolicy


async def policy_of(session: AsyncSession) -> AuthorizationPolicy:
    """The policy of the tenant in scope; one with the defaults is stored where there is none."""
    policy = (await session.execute(select(AuthorizationPolicy).with_for_update())).scalar_one_or_none()
    if policy is None:
        policy = AuthorizationPolicy()
        session.add(policy)
        await session.flush()
    return policy


async def tokens_changed(work: Work, tenant_id: int, at: datetime) -> None:
    """Something that a local list may hold has changed in this unit of work."""
    policy = await policy_of(work.session())
    policy.list_revision += 1
    await work.session().flush()
    work.announce(TokensChanged(tenant_id=tenant_id, at=at, cause_id=current_cause()))


async def list_revision(session: AsyncSession) -> int:
    """How often it changed so far."""
    return await session.scalar(select(col(AuthorizationPolicy.list_revision))) or 0

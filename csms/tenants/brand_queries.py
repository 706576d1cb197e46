"""Reads of a tenant's brand: what is published, what was, and who works on what may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import desc, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import BrandDraft, BrandImage, BrandVersion, Tenant
from models.scope import current_tenant_id

FOUNDER = "Voltdeck"
"""Author of the brand that a tenant began with."""


@dataclass(frozen=True, slots=True)
class Published:
    """One version of the brand."""

    number: int
    tokens: dict[str, Any]
    author: str
    published_at: datetime
    restores: int | None = None

    @classmethod
    def of(cls, row: BrandVersion) -> Self:
        """A version as it is stored."""
        return cls(row.number, row.tokens, row.author, row.published_at, row.restores)


async def published_now(session: AsyncSession) -> Published:
    """What the hosts of the tenant in scope show. Before anything was published it is version 1, from the founding."""
    return (await published_versions(session, 1))[0]


async def published_versions(session: AsyncSession, most: int = 50) -> list[Published]:
    """The versions of the tenant in scope, newest first."""
    query = select(BrandVersion).order_by(desc(col(BrandVersion.number))).limit(most)
    rows = (await session.execute(query)).scalars().all()
    return [Published.of(row) for row in rows] or [await _founding(session)]


async def version_of(session: AsyncSession, number: int) -> Published | None:
    """One version of the tenant in scope."""
    row = (await session.execute(select(BrandVersion).where(col(BrandVersion.number) == number))).scalar_one_or_none()
    return None if row is None else Published.of(row)


async def draft_of(session: AsyncSession, user_id: int | None) -> BrandDraft | None:
    """What this person is working on for the tenant in scope."""
    return None if user_id is None else await session.get(BrandDraft, (current_tenant_id(), user_id))


async def other_drafts(session: AsyncSession, user_id: int | None) -> Sequence[BrandDraft]:
    """What others are working on, the latest first."""
    drafts = (await session.execute(select(BrandDraft).order_by(desc(col(BrandDraft.saved_at))))).scalars().all()
    return [draft for draft in drafts if draft.user_id != user_id]


async def stored_image(session: AsyncSession, name: str) -> bytes | None:
    """The PNG of this name, if the tenant in scope has it."""
    query = select(col(BrandImage.data)).where(col(BrandImage.name) == name)
    return (await session.execute(query)).scalar_one_or_none()


async def _founding(session: AsyncSession) -> Published:
    tenant = (await session.execute(select(Tenant).where(col(Tenant.id) == current_tenant_id()))).scalar_one()
    return Published(1, tenant.brand, FOUNDER, tenant.created_at)

"""Reads of webhooks and their deliveries, within the tenant in scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.errors import NotFoundError
from models import Webhook, WebhookDelivery


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook with how its last delivery went."""

    webhook: Webhook
    last_state: str | None
    last_at: datetime | None


async def webhooks(session: AsyncSession) -> list[WebhookRow]:
    """All of the tenant, oldest first."""
    newest = (
        select(func.max(col(WebhookDelivery.id)).label("id"))
        .where(col(WebhookDelivery.last_attempt_at).is_not(None))
        .group_by(col(WebhookDelivery.webhook_id))
        .subquery()
    )
    query = (
        select(Webhook, WebhookDelivery)
        .outerjoin(
            WebhookDelivery,
            (col(WebhookDelivery.webhook_id) == col(Webhook.id)) & col(WebhookDelivery.id).in_(select(newest.c.id)),
        )
        .order_by(col(Webhook.id))
    )
    return [
        WebhookRow(webhook, last.state if last else None, last.last_attempt_at if last else None)
        for webhook, last in (await session.execute(query)).all()
    ]


async def webhook(session: AsyncSession, webhook_id: int) -> Webhook:
    """One webhook. Raises NotFoundError."""
    found = await session.get(Webhook, webhook_id)
    if found is None:
        raise NotFoundError(f"There is no webhook {webhook_id}.")
    return found


async def deliveries(
    session: AsyncSession, webhook_id: int, *, states: Sequence[str] = (), offset: int = 0, limit: int = 25
) -> tuple[list[WebhookDelivery], int]:
    """A page of its deliveries, newest first, and how many there are in all."""
    query = select(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id)
    if states:
        query = query.where(col(WebhookDelivery.state).in_(states))
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = await session.scalars(query.order_by(col(WebhookDelivery.id).desc()).offset(offset).limit(limit))
    return list(rows.all()), total

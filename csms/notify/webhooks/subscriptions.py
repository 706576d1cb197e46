"""Who wants to hear of what, in memory, so that an event nobody subscribed to costs nothing; and what is then owed."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from csms.bus.events import Event
from csms.bus.outside import OUTSIDE, said
from csms.obligations import DeliverWebhook
from csms.work import Work
from models import Webhook, WebhookDelivery
from models.db import Database
from models.scope import platform_scope


@dataclass(frozen=True, slots=True)
class _Subscription:
    webhook_id: int
    events: frozenset[str]


class Subscriptions:
    """The active webhooks of every tenant; `load()` at start, after a change, and now and then for other processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_tenant: dict[int, list[_Subscription]] = {}

    async def load(self) -> None:
        """Read them anew."""
        with platform_scope():
            async with self._database.reading() as session:
                rows = (await session.scalars(select(Webhook).where(col(Webhook.is_active)))).all()
        by_tenant: dict[int, list[_Subscription]] = {}
        for row in rows:
            by_tenant.setdefault(row.tenant_id, []).append(_Subscription(row.id or 0, frozenset(row.events)))
        self._by_tenant = by_tenant

    def oblige(self, work: Work) -> None:
        """Write what the unit's events owe to webhooks into the unit itself: one commit for both."""
        for event in work.events:
            subscribed = self._by_tenant.get(event.tenant_id)
            if subscribed and (outside := OUTSIDE.get(type(event))) is not None:
                for one in subscribed:
                    if outside.name in one.events:
                        owe_delivery(work, one.webhook_id, outside.name, event)


def owe_delivery(work: Work, webhook_id: int, name: str, event: Event) -> None:
    """Write the delivery of an event and the obligation to make it."""
    body = {
        "type": name,
        "timestamp": event.at.isoformat(),
        "cause": event.cause_id,
        "data": said(event),
    }
    owe(work, event.tenant_id, webhook_id, name, body, at=event.at)


def owe(
    work: Work,
    tenant_id: int,
    webhook_id: int,
    name: str,
    body: dict[str, Any],
    *,
    at: Any,
    replay_of: str | None = None,
) -> str:
    """Write a delivery and the obligation to make it; returns the delivery's key."""
    key = str(uuid.uuid4())
    row = {
        "tenant_id": tenant_id,
        "key": key,
        "webhook_id": webhook_id,
        "event": name,
        "body": body,
        "created_at": at,
        "state": "waiting",
        "attempts": 0,
        "last_attempt_at": None,
        "response_status": None,
        "response_text": "",
        "duration_ms": None,
        "replay_of": replay_of,
    }
    work.append(WebhookDelivery, row)
    work.owe(DeliverWebhook(key=key), at=at, tenant_id=tenant_id)
    return key

"""Verbs of webhooks: add, change, remove, another secret, try out, send again. Each is audited."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.bus.outside import BY_NAME
from csms.clock import Clock
from csms.errors import InvalidInputError, NotFoundError
from csms.notify.webhooks import queries
from csms.notify.webhooks.signing import new_secret
from csms.notify.webhooks.subscriptions import Subscriptions, owe
from csms.notify.webhooks.targets import Networks, check_url, resolve
from csms.sealing import Sealer
from csms.work import Committer, Work
from models import Webhook, WebhookDelivery
from models.scope import tenant_scope

TEST = "webhook.test"
"""The event of a try-out; nobody subscribes to it."""
MOST = 20
"""Webhooks of one tenant."""


@dataclass(frozen=True, slots=True)
class WebhookForm:
    """What somebody chose."""

    url: str
    events: tuple[str, ...]
    description: str = ""
    is_active: bool = True


class Webhooks:
    """A tenant's webhooks, on behalf of people and programs with the permission programs.manage."""

    def __init__(
        self,
        committer: Committer,
        clock: Clock,
        sealer: Sealer,
        subscriptions: Subscriptions,
        allowed: Networks = (),
    ) -> None:
        self._committer = committer
        self._clock = clock
        self._sealer = sealer
        self._subscriptions = subscriptions
        self._allowed = allowed

    async def add(self, actor: Actor, form: WebhookForm) -> tuple[int, str]:
        """Add a webhook; returns its id and its signing secret. Raises InvalidInputError."""
        require(actor, Permission.PROGRAMS_MANAGE)
        form = await self._tidy(form)
        secret, key = new_secret(), str(uuid.uuid4())

        async def unit(work: Work) -> int:
            session, now = work.session(), self._clock.now()
            if (await session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
                raise InvalidInputError(f"There are {MOST} webhooks already; remove one that is no longer needed.")
            row = Webhook(
                key=key,
                url=form.url,
                description=form.description,
                events=list(form.events),
                is_active=form.is_active,
                sealed_secret=self._sealer.seal(secret, key),
                created_at=now,
            )
            session.add(row)
            await session.flush()
            audit.record_change(work, actor, "webhook.added", f"webhook {row.url}", {}, _told(row), at=now)
            return row.id or 0

        return await self._change(actor, unit), secret

    async def change(self, actor: Actor, webhook_id: int, form: WebhookForm) -> None:
        """Change a webhook; turning it on forgets its failures. Raises NotFoundError, InvalidInputError."""
        require(actor, Permission.PROGRAMS_MANAGE)
        form = await self._tidy(form)

        async def unit(work: Work) -> None:
            row = await queries.webhook(work.session(), webhook_id)
            before = _told(row)
            if form.is_active and not row.is_active:
                row.failing_since, row.disabled_at, row.disabled_because = None, None, ""
            row.url, row.description, row.events = form.url, form.description, list(form.events)
            row.is_active = form.is_active
            subject = f"webhook {row.url}"
            audit.record_change(work, actor, "webhook.changed", subject, before, _told(row), at=self._clock.now())

        await self._change(actor, unit)

    async def remove(self, actor: Actor, webhook_id: int) -> None:
        """Remove a webhook with its log. Raises NotFoundError."""
        require(actor, Permission.PROGRAMS_MANAGE)

        async def unit(work: Work) -> None:
            session = work.session()
            row = await queries.webhook(session, webhook_id)
            audit.record_change(
                work, actor, "webhook.removed", f"webhook {row.url}", _told(row), {}, at=self._clock.now()
            )
            await session.execute(delete(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id))
            await session.delete(row)

        await self._change(actor, unit)

    async def rotate_secret(self, actor: Actor, webhook_id: int) -> str:
        """Give it another signing secret, which holds from the next request on. Raises NotFoundError."""
        require(actor, Permission.PROGRAMS_MANAGE)
        secret = new_secret()

        async def unit(work: Work) -> None:
            row = await queries.webhook(work.session(), webhook_id)
            row.sealed_secret = self._sealer.seal(secret, row.key)
            audit.record(work, actor, "webhook.secret_rotated", f"webhook {row.url}", at=self._clock.now())

        await self._change(actor, unit)
        return secret

    async def try_out(self, actor: Actor, webhook_id: int) -> str:
        """Send it a `webhook.test`; returns the delivery's key. Raises NotFoundError."""
        require(actor, Permission.PROGRAMS_MANAGE)

        async def unit(work: Work) -> str:
            row, now = await queries.webhook(work.session(), webhook_id), self._clock.now()
            body = {"type": TEST, "timestamp": now.isoformat(), "cause": None, "data": {"greeting": "It works."}}
            return owe(work, actor.tenant_id, row.id or 0, TEST, body, at=now)

        return await self._change(actor, unit)

    async def send_again(self, actor: Actor, webhook_id: int, keys: Sequence[str]) -> int:
        """Deliver once more what these deliveries said, under new ids; returns how many. Raises NotFoundError."""
        require(actor, Permission.PROGRAMS_MANAGE)

        async def unit(work: Work) -> int:
            session, now = work.session(), self._clock.now()
            row = await queries.webhook(session, webhook_id)
            wanted = select(WebhookDelivery).where(
                col(WebhookDelivery.webhook_id) == webhook_id, col(WebhookDelivery.key).in_(keys)
            )
            found = (await session.scalars(wanted)).all()
            if not found:
                raise NotFoundError("There is no such delivery.")
            for one in found:
                owe(work, actor.tenant_id, webhook_id, one.event, one.body, at=now, replay_of=one.replay_of or one.key)
            audit.record(work, actor, "webhook.sent_again", f"webhook {row.url}", {"deliveries": len(found)}, at=now)
            return len(found)

        return await self._change(actor, unit)

    async def _tidy(self, form: WebhookForm) -> WebhookForm:
        unknown = [name for name in form.events if name not in BY_NAME]
        if unknown:
            raise InvalidInputError(f"There is no event {unknown[0]}; there are {', '.join(BY_NAME)}.")
        if not form.events:
            raise InvalidInputError("Choose at least one event to be told of.")
        url = check_url(form.url, self._allowed)
        await resolve(url, self._allowed)
        return replace(form, url=url, description=form.description.strip()[:200])

    async def _change(self, actor: Actor, unit: Any) -> Any:
        with tenant_scope(actor.tenant_id):
            result = await self._committer.run(unit)
        await self._subscriptions.load()
        return result


def _told(row: Webhook) -> dict[str, Any]:
    """What the audit says of a webhook; never its secret."""
    return {"url": row.url, "events": sorted(row.events), "description": row.description, "active": row.is_active}

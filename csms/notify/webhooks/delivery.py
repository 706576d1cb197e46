"""Makes one delivery, signed, to a checked address. A webhook that fails for days is stopped; its people are told."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import orjson
import structlog
from sqlalchemy import delete, select
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor
from csms.clock import Clock
from csms.errors import UndeliverableError
from csms.notify.webhooks.signing import signed_headers
from csms.notify.webhooks.subscriptions import Subscriptions
from csms.notify.webhooks.targets import Networks, Target, TargetError, resolve
from csms.obligations import DeliverWebhook, SendMail
from csms.sealing import Sealer
from csms.work import Committer, Work
from models import ChargingStation, DeliveryState, Membership, Role, User, Webhook, WebhookDelivery
from models.db import Database

log = structlog.get_logger(__name__)
TIMEOUT_S: Final = 10.0
GIVE_UP_AFTER: Final = timedelta(days=3)
"""Without one success, after which a webhook is stopped."""
KEEP: Final = timedelta(days=30)
_READ_BYTES: Final = 2_000
_GONE: Final = 410


class DeliveryFailedError(RuntimeError):
    """The address did not take it; it is tried again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt. `status` is None when there was no answer; `text` says what or why."""

    status: int | None
    text: str
    duration_ms: int

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Deliveries:
    """Meets `DeliverWebhook`. `allowed` are private networks that webhooks may reach all the same."""

    def __init__(
        self,
        committer: Committer,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        subscriptions: Subscriptions,
        allowed: Networks = (),
    ) -> None:
        self._committer = committer
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._subscriptions = subscriptions
        self._allowed = allowed

    async def deliver(self, owed: DeliverWebhook, *, is_last: bool) -> None:
        """Try once, and write down how it went. Raises when it is to be tried again, UndeliverableError when not."""
        async with self._database.reading() as session:
            found = (
                await session.execute(
                    select(WebhookDelivery, Webhook)
                    .join(Webhook, col(Webhook.id) == col(WebhookDelivery.webhook_id))
                    .where(col(WebhookDelivery.key) == owed.key)
                )
            ).one_or_none()
            if found is None:
                raise UndeliverableError("The webhook was removed.")
            delivery, webhook = found
            if delivery.state == DeliveryState.DELIVERED:
                return  # an earlier attempt got through, and its worker died before it could say so
            identity = await _identity(session, delivery.body)
        if not webhook.is_active:
            await self._committer.run(
                lambda work: self._note(work, owed.key, Answer(None, "The webhook is off.", 0), True)
            )
            raise UndeliverableError("The webhook is off.")
        answer = await self._send(webhook, delivery, identity)
        is_gone = answer.status == _GONE
        was_stopped = await self._committer.run(lambda work: self._note(work, owed.key, answer, is_last or is_gone))
        if was_stopped:
            await self._subscriptions.load()
        if not answer.is_success:
            words = f"{answer.status}: {answer.text[:200]}" if answer.status else answer.text
            raise UndeliverableError(words) if is_gone else DeliveryFailedError(words)

    async def forget_old(self) -> None:
        """Delete the log of deliveries that had their time."""
        old = delete(WebhookDelivery).where(col(WebhookDelivery.created_at) < self._clock.now() - KEEP)
        await self._committer.run(lambda work: work.session().execute(old))

    async def _send(self, webhook: Webhook, delivery: WebhookDelivery, identity: str | None) -> Answer:
        body: dict[str, Any] = {"id": delivery.key, **delivery.body}
        if identity is not None:
            body["data"] = {"station": identity, **body["data"]}
        content = orjson.dumps(body)
        secret = self._sealer.open(webhook.sealed_secret, webhook.key)
        headers = signed_headers(secret, delivery.key, int(self._clock.now().timestamp()), content)
        headers |= {"content-type": "application/json", "user-agent": "Voltdeck-Webhooks/1"}
        begun = time.monotonic()
        try:
            target = await resolve(webhook.url, self._allowed)
            status, text = await _post(target, content, headers)
        except TargetError as error:
            status, text = None, str(error)
        except httpx.HTTPError as error:
            status, text = None, f"{type(error).__name__}: {error}"[:500] or type(error).__name__
        return Answer(status, text, round((time.monotonic() - begun) * 1000))

    async def _note(self, work: Work, key: str, answer: Answer, is_last: bool) -> bool:
        """Keep how the attempt went; returns whether the webhook was stopped for it."""
        session, now = work.session(), self._clock.now()
        delivery = (await session.scalars(select(WebhookDelivery).where(col(WebhookDelivery.key) == key))).one_or_none()
        if delivery is None:
            return False
        delivery.attempts += 1
        delivery.last_attempt_at = now
        delivery.response_status, delivery.response_text = answer.status, answer.text
        delivery.duration_ms = answer.duration_ms
        delivery.state = (
            DeliveryState.DELIVERED
            if answer.is_success
            else DeliveryState.GIVEN_UP
            if is_last
            else DeliveryState.WAITING
        )
        webhook = await session.get_one(Webhook, delivery.webhook_id)
        if answer.is_success:
            webhook.failing_since = None
        elif webhook.is_active:
            webhook.failing_since = webhook.failing_since or now
            if answer.status == _GONE:
                await self._stop(work, webhook, "It answered 410 Gone: it wants no more.", now)
            elif now - webhook.failing_since >= GIVE_UP_AFTER:
                await self._stop(work, webhook, "Nothing could be delivered for three days.", now)
            return not webhook.is_active
        return False

    async def _stop(self, work: Work, webhook: Webhook, why: str, now: datetime) -> None:
        webhook.is_active = False
        webhook.disabled_at, webhook.disabled_because = now, why
        actor = Actor(None, "Voltdeck", "", webhook.tenant_id, Role.ADMIN)
        audit.record(work, actor, "webhook.stopped", f"webhook {webhook.url}", {"reason": why}, at=now)
        admins = (
            select(col(User.email))
            .join(Membership, col(Membership.user_id) == col(User.id))
            .where(col(Membership.role) == Role.ADMIN, col(Membership.tenant_id) == webhook.tenant_id)
        )
        for email in (await work.session().scalars(admins)).all():
            work.owe(
                SendMail(
                    to=email,
                    subject="A webhook was stopped",
                    paragraphs=[
                        f"The webhook to {webhook.url} was stopped. {why}",
                        "What happened since is kept in its log for 30 days and can be sent again once it is back.",
                    ],
                ),
                at=now,
            )


async def _post(target: Target, content: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """POST without following redirects; of the answer only the beginning is read."""
    async with (
        httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST",
            target.url,
            content=content,
            headers={**headers, "host": target.host},
            extensions={"sni_hostname": target.name},
        ) as response,
    ):
        beginning = b""
        async for chunk in response.aiter_raw():
            beginning += chunk
            if len(beginning) >= _READ_BYTES:
                break
    text = beginning[:_READ_BYTES].decode("utf-8", "replace").replace("\x00", "")
    return response.status_code, text


async def _identity(session: Any, body: dict[str, Any]) -> str | None:
    """Programs know a station by its identity; events by its number."""
    station_id = body.get("data", {}).get("stationId")
    return (
        None
        if station_id is None
        else await session.scalar(select(col(ChargingStation.identity)).where(col(ChargingStation.id) == station_id))
    )

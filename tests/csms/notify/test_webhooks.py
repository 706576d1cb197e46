"""Webhooks: owed with the event, signed, repeated until they arrive, stopped when they never do; each of one tenant."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from csms.access.policy import Actor
from csms.bus.events import StationDisconnected, TransactionEnded
from csms.clock import ManualClock
from csms.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from csms.jobs.outbox import PAUSES, Claim, Outbox
from csms.notify.webhooks import queries
from csms.notify.webhooks.delivery import Deliveries
from csms.notify.webhooks.service import WebhookForm, Webhooks
from csms.notify.webhooks.subscriptions import Subscriptions
from csms.notify.webhooks.targets import TargetError, networks, resolve
from csms.obligations import DeliverWebhook, SendMail
from csms.sealing import Sealer
from csms.work import Committer, Work
from models import AuditEntry, DeliveryState, Membership, Role, User, WebhookDelivery
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import LONG_AGO, SmallTenant, TwoTenants

HERE = networks("127.0.0.0/8")


@dataclass
class Receiver:
    """A program that listens; answers `statuses` in turn, then 204."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?x=1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((headers, body))
        status = self.statuses.pop(0) if self.statuses else 204
        text = "" if status == 204 else "no thanks"
        writer.write(
            f"HTTP/1.1 {status} Said\r\nContent-Length: {len(text)}\r\nLocation: http://127.0.0.1:1/\r\n\r\n{text}".encode()
        )
        await writer.drain()
        writer.close()


@dataclass
class Scene:
    webhooks: Webhooks
    outbox: Outbox
    subscriptions: Subscriptions
    committer: Committer
    database: Database
    clock: ManualClock
    receiver: Receiver
    mails: list[SendMail]
    tenants: TwoTenants

    def admin(self, tenant: SmallTenant, role: Role = Role.ADMIN) -> Actor:
        return Actor(None, "Ann", f"ann@{tenant.key}.example", tenant.id, role, address="203.0.113.5")

    async def add(self, tenant: SmallTenant, *events: str) -> tuple[int, str]:
        form = WebhookForm(self.receiver.url, events or ("station.disconnected",))
        return await self.webhooks.add(self.admin(tenant), form)

    async def happen(self, tenant: SmallTenant, event: Any = None) -> None:
        told = event or StationDisconnected(
            tenant_id=tenant.id, station_id=tenant.station.id, at=self.clock.now(), reason="gone"
        )
        with tenant_scope(tenant.id):
            await self.committer.run(lambda work: work.announce(told))

    async def log(self, tenant: SmallTenant) -> list[WebhookDelivery]:
        with tenant_scope(tenant.id):
            async with self.database.reading() as session:
                return list((await session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id))).all())  # type: ignore[arg-type]

    async def audit(self, tenant: SmallTenant) -> list[AuditEntry]:
        with tenant_scope(tenant.id):
            async with self.database.reading() as session:
                return list((await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all())  # type: ignore[arg-type]


@pytest.fixture
async def scene(
    database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants
) -> AsyncGenerator[Scene]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    sealer, subscriptions, mails = Sealer(b"key", "webhooks"), Subscriptions(database), []
    committer.oblige(subscriptions.oblige)
    deliveries = Deliveries(committer, database, clock, sealer, subscriptions, HERE)

    async def deliver(owed: DeliverWebhook, claim: Claim) -> None:
        await deliveries.deliver(owed, is_last=claim.attempts >= len(PAUSES))

    async def send(mail: SendMail, _: Claim) -> None:
        mails.append(mail)

    yield Scene(
        Webhooks(committer, clock, sealer, subscriptions, HERE),
        Outbox(committer, clock, {DeliverWebhook: deliver, SendMail: send}),
        subscriptions,
        committer,
        database,
        clock,
        receiver,
        mails,
        two_tenants,
    )
    server.close()
    await server.wait_closed()


async def test_an_event_arrives_signed_as_the_standard_says(scene: Scene) -> None:
    green = scene.tenants.green
    _, secret = await scene.add(green)
    await scene.happen(green)
    assert await scene.outbox.meet_due() == 1
    [(headers, body)] = scene.receiver.requests
    said = orjson.loads(body)
    assert said["type"] == "station.disconnected"
    assert said["data"] == {"station": green.station.identity, "stationId": green.station.id, "reason": "gone"}
    assert said["id"] == headers["webhook-id"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    [delivery] = await scene.log(green)
    assert (delivery.state, delivery.response_status, delivery.attempts) == (DeliveryState.DELIVERED, 204, 1)


async def test_only_what_was_asked_for_and_only_the_own_tenants(scene: Scene) -> None:
    green, blue = scene.tenants.green, scene.tenants.blue
    await scene.add(green, "transaction.ended")
    await scene.add(blue)
    await scene.happen(green)
    assert await scene.outbox.meet_due() == 0
    ended = TransactionEnded(
        tenant_id=green.id,
        station_id=green.station.id,
        at=scene.clock.now(),
        transaction_id=1,
        evse_number=1,
        energy_wh=5000,
        cost=None,
        currency="EUR",
        ended_at=scene.clock.now(),
        stop_reason="Local",
    )
    await scene.happen(green, ended)
    await scene.happen(blue)
    assert await scene.outbox.meet_due() == 2
    assert [one.event for one in await scene.log(green)] == ["transaction.ended"]
    assert [one.event for one in await scene.log(blue)] == ["station.disconnected"]


async def test_owed_in_the_commit_of_the_event_or_not_at_all(scene: Scene) -> None:
    green = scene.tenants.green
    await scene.add(green)

    def fail(work: Work) -> None:
        work.announce(
            StationDisconnected(tenant_id=green.id, station_id=green.station.id, at=scene.clock.now(), reason="")
        )
        raise ValueError("taken back")

    with tenant_scope(green.id), pytest.raises(ValueError, match="taken back"):
        await scene.committer.run(fail)
    assert await scene.log(green) == []


async def test_repeated_with_the_same_id_until_it_is_taken(scene: Scene) -> None:
    green = scene.tenants.green
    await scene.add(green)
    scene.receiver.statuses = [500, 302]
    await scene.happen(green)
    await scene.outbox.meet_due()
    for pause in PAUSES[:2]:
        assert [one.state for one in await scene.log(green)] == [DeliveryState.WAITING]
        scene.clock.forward(pause.total_seconds())
        await scene.outbox.meet_due()
    assert len({headers["webhook-id"] for headers, _ in scene.receiver.requests}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in scene.receiver.requests}) == 3
    [delivery] = await scene.log(green)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 3)


async def test_stopped_with_notice_after_three_days(scene: Scene) -> None:
    green, blue = scene.tenants.green, scene.tenants.blue
    await _admins(scene)
    webhook_id, _ = await scene.add(green)
    scene.receiver.statuses = [503] * 100
    await scene.happen(green)
    await scene.outbox.meet_due()
    for _ in range(7):
        scene.clock.forward(timedelta(hours=12).total_seconds())
        await scene.happen(green)
        await scene.outbox.meet_due()
    assert [mail.to for mail in scene.mails] == ["boss@green.example"]
    with tenant_scope(green.id):
        async with scene.database.reading() as session:
            row = await queries.webhook(session, webhook_id)
    assert (row.is_active, row.disabled_because) == (False, "Nothing could be delivered for three days.")
    assert "webhook.stopped" in [entry.action for entry in await scene.audit(green)]
    before = len(await scene.log(green))
    await scene.happen(green)
    assert len(await scene.log(green)) == before, "nothing more is owed to it"
    assert await scene.log(blue) == []


async def test_gone_means_gone(scene: Scene) -> None:
    green = scene.tenants.green
    await scene.add(green)
    scene.receiver.statuses = [410]
    await scene.happen(green)
    await scene.outbox.meet_due()
    [delivery] = await scene.log(green)
    assert (delivery.state, delivery.response_status) == (DeliveryState.GIVEN_UP, 410)
    assert await scene.outbox.meet_due() == 0


async def test_sent_again_and_tried_out(scene: Scene) -> None:
    green, blue = scene.tenants.green, scene.tenants.blue
    webhook_id, _ = await scene.add(green)
    await scene.happen(green)
    await scene.outbox.meet_due()
    [first] = await scene.log(green)
    assert await scene.webhooks.send_again(scene.admin(green), webhook_id, [first.key]) == 1
    await scene.webhooks.try_out(scene.admin(green), webhook_id)
    await scene.outbox.meet_due()
    types = sorted(orjson.loads(body)["type"] for _, body in scene.receiver.requests)
    assert types == ["station.disconnected", "station.disconnected", "webhook.test"]
    assert (await scene.log(green))[1].replay_of == first.key
    other, _ = await scene.add(blue)
    with pytest.raises(NotFoundError):
        await scene.webhooks.send_again(scene.admin(blue), other, [first.key])


async def test_another_secret_holds_from_the_next_request_on(scene: Scene) -> None:
    green = scene.tenants.green
    webhook_id, first = await scene.add(green)
    second = await scene.webhooks.rotate_secret(scene.admin(green), webhook_id)
    assert first != second
    await scene.happen(green)
    await scene.outbox.meet_due()
    [(headers, body)] = scene.receiver.requests
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(second.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    told = str([entry.details for entry in await scene.audit(green)])
    assert first not in told
    assert second not in told


async def test_neither_another_role_nor_another_tenant(scene: Scene) -> None:
    green, blue = scene.tenants.green, scene.tenants.blue
    webhook_id, _ = await scene.add(green)
    form = WebhookForm(scene.receiver.url, ("station.booted",))
    with pytest.raises(PermissionDeniedError):
        await scene.webhooks.add(scene.admin(green, Role.OPERATOR), form)
    for attempt in (
        scene.webhooks.change(scene.admin(blue), webhook_id, form),
        scene.webhooks.remove(scene.admin(blue), webhook_id),
        scene.webhooks.rotate_secret(scene.admin(blue), webhook_id),
        scene.webhooks.try_out(scene.admin(blue), webhook_id),
    ):
        with pytest.raises(NotFoundError):
            await attempt


async def test_changes_are_audited_with_before_and_after(scene: Scene) -> None:
    green = scene.tenants.green
    webhook_id, _ = await scene.add(green)
    form = WebhookForm(scene.receiver.url, ("station.booted",), "Stock", is_active=False)
    await scene.webhooks.change(scene.admin(green), webhook_id, form)
    await scene.webhooks.remove(scene.admin(green), webhook_id)
    added, changed, removed = await scene.audit(green)
    assert [added.action, changed.action, removed.action] == ["webhook.added", "webhook.changed", "webhook.removed"]
    assert changed.details["before"] == {"events": ["station.disconnected"], "description": "", "active": True}
    assert changed.details["after"] == {"events": ["station.booted"], "description": "Stock", "active": False}
    assert added.address == "203.0.113.5"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://0x7f.1/",
        "https://2130706433/",
        "http://93.184.216.34/",
        "ftp://93.184.216.34/",
        "https://user:pass@93.184.216.34/",
        "https://93.184.216.34/#part",
        "https://",
        "nonsense",
        "https://[::1",
    ],
)
async def test_no_way_into_private_networks(url: str) -> None:
    with pytest.raises(TargetError):
        await resolve(url, ())


async def test_public_addresses_are_pinned() -> None:
    target = await resolve("https://93.184.216.34:8443/a?b=c", ())
    assert (target.url, target.host, target.name) == (
        "https://93.184.216.34:8443/a?b=c",
        "93.184.216.34:8443",
        "93.184.216.34",
    )


@pytest.mark.parametrize("events", [(), ("transaction.exploded",)])
async def test_a_form_that_makes_no_sense(scene: Scene, events: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError):
        await scene.webhooks.add(scene.admin(scene.tenants.green), WebhookForm(scene.receiver.url, events))


async def _admins(scene: Scene) -> None:
    async def unit(work: Work) -> None:
        session = work.session()
        for tenant in (scene.tenants.green, scene.tenants.blue):
            boss = User(email=f"boss@{tenant.key}.example", name="Boss", password_hash="x", created_at=LONG_AGO)
            session.add(boss)
            await session.flush()
            session.add(Membership(user_id=boss.id, tenant_id=tenant.id, role=Role.ADMIN))

    with platform_scope():
        await scene.committer.run(unit)

"""The whole web application over ASGI with a gateway behind it: two tenants, their staff, stations at the socket."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from nicegui import core
from starlette.types import ASGIApp

from csms.acceptance.service import Acceptance
from csms.acceptance.steps import Limits
from csms.access import service as access
from csms.access.oidc import OpenId
from csms.access.outgoing import Outgoing
from csms.access.policy import Actor, Permission
from csms.access.programs import create_key
from csms.access.single_sign_on import SingleSignOn
from csms.bus.bus import Bus
from csms.bus.events import StationRemoved
from csms.clock import ManualClock, SystemClock
from csms.commands.service import Commands
from csms.gateway.server import Gateway
from csms.live.board import Board
from csms.notify.webhooks.service import Webhooks
from csms.notify.webhooks.subscriptions import Subscriptions
from csms.notify.webhooks.targets import networks
from csms.sealing import Sealer
from csms.tenants.directory import TenantDirectory
from csms.transactions.service import Transactions
from csms.work import Committer, Work
from models import Role
from models.db import Database
from models.scope import platform_scope, tenant_scope
from pages.app import create_app
from pages.services import Services
from tests.csms.gateway.stations import give_passwords, settings
from tests.tenancy import SmallTenant, TwoTenants

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def password_hash() -> str:
    return asyncio.run(access.hash_password(PASSWORD))


@dataclass
class World:
    """What the tests hold of the running platform."""

    tenants: TwoTenants
    services: Services
    gateway: Gateway
    app: ASGIApp
    clients: list[httpx.AsyncClient]

    @property
    def database(self) -> Database:
        return self.services.database

    def client(self, tenant: str = "green", credential: str = "", *, address: str = "203.0.113.9") -> httpx.AsyncClient:
        """A program at a tenant's host; `credential` is what it bears."""
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        base_url = f"http://{tenant}.localhost/api/v1"
        self.clients.append(httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers))
        return self.clients[-1]

    async def key(self, tenant: str = "green", *scopes: str, **more: Any) -> str:
        """An API key of a tenant, with all scopes unless told which."""
        this: SmallTenant = getattr(self.tenants, tenant)
        admin = access_actor(this)

        async def unit(work: Work) -> str:
            now = self.services.clock.now()
            given = {"name": "test", "expires_at": None, "at": now} | more
            return (await create_key(work, admin, scopes=scopes or list(Permission), **given)).secret

        with tenant_scope(this.id):
            return await self.services.committer.run(unit)

    async def program(self, tenant: str = "green", *scopes: str) -> httpx.AsyncClient:
        """A program with an API key."""
        return self.client(tenant, await self.key(tenant, *scopes))


def access_actor(tenant: SmallTenant) -> Actor:
    """An Admin of a tenant."""
    return Actor(None, "Admin", f"admin@{tenant.key}.example", tenant.id, Role.ADMIN)


@pytest.fixture
async def world(
    database: Database,
    committer: Committer,
    bus: Bus,
    clock: ManualClock,
    two_tenants: TwoTenants,
    password_hash: str,
    tmp_path: Path,
) -> AsyncGenerator[World]:
    """admin@, operator@ and viewer@ of green.example and blue.example, with one password; every station's is set."""
    await give_passwords(database, [*two_tenants.green.stations, *two_tenants.blue.stations])
    await _hire(committer, two_tenants, clock, password_hash)
    chosen = settings(
        data_dir=tmp_path,
        platform_host="platform.localhost",
        ocpp_call_timeout_s=0.5,
        read_capabilities=False,
        api_requests_per_minute=100_000,
        api_sign_ins_per_minute=100_000,
    )
    directory = TenantDirectory(database, chosen.resolved_platform_domain())
    await directory.load()
    stations_clock = SystemClock()  # sockets and deadlines are real
    gateway = Gateway(chosen, database, committer, stations_clock, Transactions(database))
    commands = Commands(committer, database, clock, gateway, chosen.resolved_secret_key())
    acceptance = Acceptance(bus, committer, database, clock, commands, Limits(0.1, 0.1, 0.1, 0.1))
    bus.subscribe(StationRemoved, gateway.station_removed)
    board = Board(database, bus, clock)
    webhooks = Webhooks(committer, clock, Sealer(b"x", "webhooks"), Subscriptions(database), networks("127.0.0.1"))
    entrance = access.Entrance(committer, database, clock, chosen.resolved_secret_key())
    single_sign_on = SingleSignOn(entrance, OpenId(Outgoing(plain_loopback=True), clock))
    services = Services(
        settings=chosen,
        clock=clock,
        database=database,
        committer=committer,
        directory=directory,
        board=board,
        commands=commands,
        acceptance=acceptance,
        bus=bus,
        entrance=entrance,
        single_sign_on=single_sign_on,
        webhooks=webhooks,
    )
    core.app.user_middleware.clear()
    core.app.middleware_stack = None
    await gateway.start()
    made = World(two_tenants, services, gateway, create_app(services), [])
    yield made
    for client in made.clients:
        await client.aclose()
    await acceptance.stop()
    await gateway.stop()


async def _hire(committer: Committer, tenants: TwoTenants, clock: ManualClock, password_hash: str) -> None:
    async def unit(work: Work) -> None:
        for tenant in (tenants.green, tenants.blue):
            with tenant_scope(tenant.id):
                for role in Role:
                    email = f"{role}@{tenant.key}.example"
                    user = await access.create_user(
                        work.session(), email=email, name=role.title(), password_hash=password_hash, now=clock.now()
                    )
                    await access.add_membership(work.session(), user.id or 0, role)

    with platform_scope():
        await committer.run(unit)

"""The web application in this process, on a real database with two tenants, asked over ASGI."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from nicegui import core
from starlette.types import ASGIApp

from csms.access import service as access
from csms.access.oidc import OpenId
from csms.access.outgoing import Outgoing
from csms.access.single_sign_on import SingleSignOn
from csms.bus.bus import Bus
from csms.clock import ManualClock
from csms.config import Settings
from csms.live.board import Board
from csms.tenants.directory import TenantDirectory
from csms.work import Committer, Work
from models import Role
from models.db import Database
from models.scope import platform_scope, tenant_scope
from pages.app import create_app
from pages.services import Services
from tests.tenancy import TwoTenants

PASSWORD = "correct horse battery"
Visitor = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def services(
    database: Database,
    committer: Committer,
    bus: Bus,
    clock: ManualClock,
    two_tenants: TwoTenants,
    people: None,
    tmp_path: Path,
) -> Services:
    """The engine's parts that pages need; `commands` has no station to talk to."""
    settings = Settings(data_dir=tmp_path, platform_host="platform.localhost", _env_file=None)
    directory = TenantDirectory(database)
    await directory.load()
    board = Board(database, bus, clock)
    await board.rebuild()
    entrance = access.Entrance(committer, database, clock, settings.resolved_secret_key(), hours=12)
    openid = OpenId(Outgoing(plain_loopback=True), clock)
    return Services(
        settings,
        clock,
        database,
        committer,
        directory,
        board,
        commands=SimpleNamespace(),  # type: ignore[arg-type]
        acceptance=SimpleNamespace(),  # type: ignore[arg-type]
        bus=bus,
        webhooks=SimpleNamespace(),  # type: ignore[arg-type]
        entrance=entrance,
        single_sign_on=SingleSignOn(entrance, openid),
    )


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Hashing is slow on purpose: once is enough."""
    return asyncio.run(access.hash_password(PASSWORD))


@pytest.fixture
async def people(committer: Committer, two_tenants: TwoTenants, clock: ManualClock, password_hash: str) -> None:
    """admin@, operator@ and viewer@ of green.example and blue.example, and owner@example.com; one password."""

    async def unit(work: Work) -> None:
        async def person(email: str, **more: Any) -> int:
            user = await access.create_user(
                work.session(), email=email, name=email, password_hash=password_hash, now=clock.now(), **more
            )
            assert user.id is not None
            return user.id

        await person("owner@example.com", is_platform_owner=True)
        for tenant in (two_tenants.green, two_tenants.blue):
            with tenant_scope(tenant.id):
                for role in Role:
                    user_id = await person(f"{role}@{tenant.key}.example")
                    await access.add_membership(work.session(), user_id, role)

    with platform_scope():
        await committer.run(unit)


@pytest.fixture
def web(services: Services) -> ASGIApp:
    """A fresh application; NiceGUI's own is one per process, so what an earlier one added is taken out."""
    core.app.user_middleware.clear()
    core.app.middleware_stack = None
    return create_app(services)


@pytest.fixture
async def visitor(web: ASGIApp) -> AsyncGenerator[Visitor]:
    """visitor("green.localhost") -> a browser without cookies at that host."""
    clients: list[httpx.AsyncClient] = []

    def arrive(host: str = "green.localhost", *, scheme: str = "http", peer: str = "203.0.113.9") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(web, client=(peer, 50000))
        clients.append(httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{host}"))
        return clients[-1]

    yield arrive
    for client in clients:
        await client.aclose()


async def sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    """Send the sign-in form as the browser does."""
    form = {"email": email, "password": password, **fields}
    return await client.post("/sign-in", data=form, headers={"Origin": str(client.base_url).rstrip("/")})

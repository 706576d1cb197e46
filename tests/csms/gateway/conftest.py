"""A running gateway on a real port with a real database, and two tenants whose stations have passwords."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from csms.bus.bus import Bus
from csms.clock import SystemClock
from csms.gateway.server import Gateway
from csms.transactions.service import Transactions
from csms.work import Committer
from models.db import Database
from tests.csms.gateway.stations import give_passwords, settings
from tests.tenancy import TwoTenants

Until = Callable[[Callable[[], bool | Awaitable[bool]]], Awaitable[None]]


@pytest.fixture
async def tenants(database: Database, two_tenants: TwoTenants) -> TwoTenants:
    """The two tenants, their stations ready to sign in with PASSWORD."""
    await give_passwords(database, [*two_tenants.green.stations, *two_tenants.blue.stations])
    return two_tenants


@pytest.fixture
def make_gateway(database: Database, committer: Committer, bus: Bus) -> Callable[..., Gateway]:
    """Makes gateways on the test's database; keywords are settings."""

    def make(**changes: object) -> Gateway:
        clock = SystemClock()
        return Gateway(settings(**changes), database, committer, bus, clock, Transactions(database))

    return make


@pytest.fixture
async def gateway(make_gateway: Callable[..., Gateway], tenants: TwoTenants) -> AsyncGenerator[Gateway]:
    running = make_gateway()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
def until() -> Until:
    """Waits for a condition, as long as the test may last."""

    async def wait(holds: Callable[[], bool | Awaitable[bool]]) -> None:
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)

    return wait

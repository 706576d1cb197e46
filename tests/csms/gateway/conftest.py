"""A running gateway on a real port with a real database, and two tenants whose stations have passwords."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest

from csms.clock import SystemClock
from csms.gateway.server import Gateway
from csms.transactions.service import Transactions
from csms.work import Committer
from models.db import Database
from tests.csms.gateway.stations import give_passwords, settings
from tests.tenancy import TwoTenants

StartGateway = Callable[..., Awaitable[Gateway]]
Until = Callable[[Callable[[], bool | Awaitable[bool]]], Awaitable[None]]


@pytest.fixture
async def tenants(database: Database, two_tenants: TwoTenants) -> TwoTenants:
    """The two tenants, their stations ready to sign in with PASSWORD."""
    await give_passwords(database, [*two_tenants.green.stations, *two_tenants.blue.stations])
    return two_tenants


@pytest.fixture
async def start_gateway(database: Database, committer: Committer, tenants: TwoTenants) -> AsyncGenerator[StartGateway]:
    """Starts gateways on the test's database and stops them at its end; keywords are settings."""
    running: list[Gateway] = []

    async def start(**changes: Any) -> Gateway:
        clock = SystemClock()
        transactions = Transactions(database)
        running.append(Gateway(settings(**changes), database, committer, clock, transactions))
        await running[-1].start()
        return running[-1]

    yield start
    for started in running:
        await started.stop()


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    return await start_gateway()


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

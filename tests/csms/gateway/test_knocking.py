"""Chargers that nobody registered: at whose door they knock, what is kept of it, and how they become stations."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from csms.access.policy import Actor
from csms.bus.bus import Bus
from csms.bus.events import ChargerKnocked, Event, HandshakeFailed, StationRemoved
from csms.clock import ManualClock, SystemClock
from csms.errors import ConflictError, PermissionDeniedError
from csms.gateway.knocking import NEW_PER_ADDRESS
from csms.gateway.server import Gateway
from csms.stations.knocking import claim, delete_old_knocks, knocks, mark_of, refuse
from csms.stations.managing import Added, StationPlan, remove_station
from csms.tenants.directory import TenantDirectory
from csms.transactions.service import Transactions
from csms.work import Committer
from models import Knock, KnockState, Role
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.csms.gateway.conftest import Until
from tests.csms.gateway.stations import SECRET_KEY, basic, settings, station_at
from tests.tenancy import SmallTenant, TwoTenants

HOST = "green.localhost"


@pytest.fixture
async def gateway(database: Database, committer: Committer, tenants: TwoTenants, bus: Bus) -> AsyncGenerator[Gateway]:
    directory = TenantDirectory(database)
    await directory.load()
    running = Gateway(settings(), database, committer, SystemClock(), Transactions(database), directory)
    bus.subscribe(StationRemoved, running.station_removed)
    await running.start()
    yield running
    await running.stop()


def clerk(tenant: SmallTenant, role: Role = Role.OPERATOR) -> Actor:
    return Actor(None, "Ada", "ada@example.com", tenant.id, role)


async def knock(
    gateway: Gateway, identity: str, password: str = "", *, host: str = HOST, path: str | None = None
) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(
            f"ws://{host}:{gateway.port}{path or '/ocpp/' + identity}",
            host="127.0.0.1",
            subprotocols=[Subprotocol("ocpp1.6")],
            additional_headers=basic(identity, password) if password else {},
            user_agent_header="Wallbox/6.1",
        )
    assert caught.value.response.status_code in (404, 429)


async def all_knocks(database: Database) -> list[Knock]:
    with platform_scope():
        async with database.reading() as session:
            return list((await session.execute(select(Knock).order_by(col(Knock.id)))).scalars())


async def waiting(database: Database, tenant: SmallTenant) -> list[Knock]:
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            return await knocks(session)


async def test_a_stranger_at_a_tenants_host_is_kept_for_that_tenant(
    gateway: Gateway, database: Database, tenants: TwoTenants, until: Until, told: list[Event]
) -> None:
    for _ in range(3):
        await knock(gateway, "WB-77", "the-password-it-has")

    async def counted() -> bool:
        return [one.count for one in await waiting(database, tenants.green)] == [3]

    await until(counted)
    [row] = await waiting(database, tenants.green)
    assert (row.identity, row.address, row.user_agent, row.offered) == ("WB-77", "127.0.0.1", "Wallbox/6.1", "ocpp1.6")
    assert row.password_digest is not None
    assert "the-password" not in row.password_digest
    assert not row.passwords_differ
    assert await waiting(database, tenants.blue) == []
    heard = [event for event in told if isinstance(event, ChargerKnocked)]
    assert {event.tenant_id for event in heard} == {tenants.green.id}


async def test_a_path_names_a_tenant_and_other_doors_are_nobodys(
    gateway: Gateway, database: Database, tenants: TwoTenants, until: Until
) -> None:
    await knock(gateway, "X-1", host="127.0.0.1")
    await knock(gateway, "X-2", host="evil.example")
    await knock(gateway, "X-3", host="127.0.0.1", path="/ocpp/blue/X-3")
    await knock(gateway, "X-4", path="/ocpp/blue/X-4")

    async def found() -> bool:
        return {one.identity for one in await waiting(database, tenants.blue)} == {"X-3", "X-4"}

    await until(found)
    assert await waiting(database, tenants.green) == []


async def test_strangers_are_bounded(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    for number in range(NEW_PER_ADDRESS + 5):
        await knock(gateway, f"FLOOD-{number}")
    gateway._knocking.flush()
    await gateway._services.background.drain()
    assert len(await waiting(database, tenants.green)) == NEW_PER_ADDRESS


async def claimed(
    committer: Committer, tenant: SmallTenant, row: Knock, role: Role = Role.OPERATOR, **more: Any
) -> Added:
    plan = StationPlan("", location_id=tenant.location_id)
    with tenant_scope(tenant.id):
        return await committer.run(
            lambda work: claim(
                work, clerk(tenant, role), row.id or 0, plan, SECRET_KEY.encode(), SystemClock().now(), **more
            )
        )


async def test_a_claimed_charger_connects_with_the_password_made_for_it(
    gateway: Gateway, database: Database, tenants: TwoTenants, committer: Committer, until: Until
) -> None:
    await knock(gateway, "WB-77")
    await until(lambda: _are(database, tenants.green, 1))
    [row] = await waiting(database, tenants.green)
    with pytest.raises(PermissionDeniedError):
        await claimed(committer, tenants.green, row, Role.VIEWER)
    added = await claimed(committer, tenants.green, row)
    assert await waiting(database, tenants.green) == []
    async with station_at(gateway, "WB-77", headers=basic("WB-77", added.password or "")) as station:
        answer = await station.call("BootNotification", {"chargePointVendor": "W", "chargePointModel": "B"})
        assert answer["status"] == "Accepted"
        with tenant_scope(tenants.green.id):  # removed, it is sent away at once and knocks as a stranger again
            await committer.run(lambda work: remove_station(work, clerk(tenants.green), "WB-77", SystemClock().now()))
        with pytest.raises(ConnectionClosed):
            await station.receive()
    await knock(gateway, "WB-77", added.password or "")
    await until(lambda: _are(database, tenants.green, 1))


async def _are(database: Database, tenant: SmallTenant, count: int) -> bool:
    return len(await waiting(database, tenant)) == count


async def test_the_password_a_charger_sent_can_be_accepted_unless_another_came_since(
    gateway: Gateway, database: Database, tenants: TwoTenants, committer: Committer, until: Until
) -> None:
    await knock(gateway, "WB-77", "its-own-password-1")
    await until(lambda: _are(database, tenants.green, 1))
    [row] = await waiting(database, tenants.green)
    await knock(gateway, "WB-77", "another-password-2")

    async def differs() -> bool:
        return (await waiting(database, tenants.green))[0].passwords_differ

    await until(differs)
    with pytest.raises(ConflictError, match="another password"):
        await claimed(committer, tenants.green, row, password_mark=mark_of(row))
    [row] = await waiting(database, tenants.green)
    added = await claimed(committer, tenants.green, row, password_mark=mark_of(row))
    assert added.password is None
    async with station_at(gateway, "WB-77", headers=basic("WB-77", "another-password-2")) as station:
        assert "currentTime" in await station.call("Heartbeat", {})
    [kept] = await all_knocks(database)
    assert (kept.state, kept.password_digest) == (KnockState.CLAIMED, None)


async def test_a_refused_charger_stays_quiet(
    gateway: Gateway, database: Database, tenants: TwoTenants, committer: Committer, until: Until
) -> None:
    await knock(gateway, "SPAM")
    await until(lambda: _are(database, tenants.green, 1))
    [row] = await waiting(database, tenants.green)
    with tenant_scope(tenants.green.id):
        await committer.run(lambda work: refuse(work, clerk(tenants.green), row.id or 0, SystemClock().now()))
    await knock(gateway, "SPAM")

    async def counted() -> bool:
        return (await all_knocks(database))[0].count == 2

    await until(counted)
    assert await waiting(database, tenants.green) == []


async def test_failures_of_a_known_station_are_told_to_its_tenant(
    gateway: Gateway, tenants: TwoTenants, until: Until, told: list[Event]
) -> None:
    with pytest.raises(InvalidStatus):
        async with station_at(gateway, "GREEN-1", headers=basic("GREEN-1", "wrong")):
            pass
    await until(lambda: any(isinstance(event, HandshakeFailed) for event in told))
    [event] = [event for event in told if isinstance(event, HandshakeFailed)]
    assert (event.tenant_id, event.station_id, event.cause) == (
        tenants.green.id,
        tenants.green.station.id,
        "wrong_credentials",
    )


async def test_old_knocks_are_forgotten(
    gateway: Gateway, database: Database, tenants: TwoTenants, committer: Committer, until: Until, clock: ManualClock
) -> None:
    await knock(gateway, "OLD")
    await until(lambda: _are(database, tenants.green, 1))
    now = SystemClock().now()
    with platform_scope():
        await committer.run(lambda work: delete_old_knocks(work, now.replace(year=2020)))
        assert len(await all_knocks(database)) == 1
        await committer.run(lambda work: delete_old_knocks(work, now.replace(year=now.year + 1)))
    assert await all_knocks(database) == []
    await asyncio.sleep(0)

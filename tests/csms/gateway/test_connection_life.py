"""Connections come, are replaced, fall silent and go (TR_80 to TR_86)."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlmodel import col, select
from websockets.exceptions import ConnectionClosed, InvalidStatus

from csms.bus.events import Event, StationConnected, StationDisconnected
from csms.commands.commands import ClearCache
from csms.errors import StationOfflineError, StationTimeoutError
from csms.gateway.server import Gateway
from csms.gateway.suspicions import CONTESTED, WRONG_PASSWORD
from csms.stations.ref import StationRef
from models import StationEvent
from models.db import Database
from models.scope import platform_scope
from tests.csms.gateway.conftest import StartGateway, Until
from tests.csms.gateway.stations import basic, row_of, station_at
from tests.tenancy import TwoTenants


def of_type(told: list[Event], *types: type[Event]) -> list[Event]:
    return [event for event in told if isinstance(event, types)]


async def test_presence_is_stored_and_told(
    gateway: Gateway, database: Database, tenants: TwoTenants, told: list[Event], until: Until
) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        await station.call("Heartbeat", {})
        row = await row_of(database, ref)
        assert (row.is_online, row.ocpp_version) == (True, "2.0.1")
    await until(lambda: len(of_type(told, StationDisconnected)) == 1)
    row = await row_of(database, ref)
    assert not row.is_online
    assert row.disconnected_at is not None
    assert [event.station_id for event in of_type(told, StationConnected, StationDisconnected)] == [ref.id, ref.id]


async def test_a_lost_connection_is_a_problem_until_the_station_is_back(
    gateway: Gateway, database: Database, told: list[Event], until: Until
) -> None:
    async def entries() -> list[StationEvent]:
        with platform_scope():
            async with database.reading() as session:
                found = select(StationEvent).where(col(StationEvent.kind) == "station.offline")
                return list((await session.execute(found)).scalars())

    async with station_at(gateway, "GREEN-1") as station:
        await station.call("Heartbeat", {})
        station.socket.transport.abort()
        await until(lambda: len(of_type(told, StationDisconnected)) == 1)
    [entry] = await entries()
    assert entry.resolved_at is None
    assert "broke off" in entry.text
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("Heartbeat", {})
        [entry] = await entries()
        assert entry.resolved_at is not None


@pytest.mark.case("TR_82", "TR_81")
@pytest.mark.quirk(13)
async def test_tr_82_the_newest_connection_wins(
    gateway: Gateway, database: Database, tenants: TwoTenants, told: list[Event], until: Until
) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as old, station_at(gateway, "GREEN-1") as new:
        with pytest.raises(ConnectionClosed):
            await old.receive()
        assert old.socket.close_code == 4000
        assert "newer" in (old.socket.close_reason or "")
        await new.call("Heartbeat", {})
        delivery = asyncio.create_task(gateway.deliver(ref, ClearCache()))
        asked = await new.receive()
        await new.send([3, asked[1], {"status": "Accepted"}])
        assert (await delivery).status == "Accepted"
        assert (await row_of(database, ref)).is_online
        assert not of_type(told, StationDisconnected)


@pytest.mark.case("TR_82")
@pytest.mark.quirk(13, 72)
async def test_tr_82_the_late_close_of_the_old_socket_takes_nothing_away(
    gateway: Gateway, database: Database, tenants: TwoTenants, told: list[Event], until: Until
) -> None:
    ref = tenants.green.station
    # The old client never answers the close frame, so that its socket ends long after the new one is in charge.
    async with station_at(gateway, "GREEN-1") as old:
        await old.call("Heartbeat", {})
        old.socket.transport.pause_reading()
        async with station_at(gateway, "GREEN-1") as new:
            await new.call("Heartbeat", {})
            old.socket.transport.abort()
            before = len(gateway._services.background)
            await until(lambda: len(gateway._services.background) < before or before == 0)
            await new.call("Heartbeat", {})
            assert gateway._registry.locate(ref.id) is not None
            assert (await row_of(database, ref)).is_online
            assert not of_type(told, StationDisconnected)


async def history(database: Database, ref: StationRef, kind: str) -> list[StationEvent]:
    with platform_scope():
        async with database.reading() as session:
            mine = (col(StationEvent.station_id) == ref.id, col(StationEvent.kind) == kind)
            return list((await session.execute(select(StationEvent).where(*mine))).scalars())


@pytest.mark.case("TR_82")
async def test_tr_82_two_devices_with_one_identity_are_noted_once(
    gateway: Gateway, database: Database, tenants: TwoTenants, until: Until
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(9):
            await stack.enter_async_context(station_at(gateway, "GREEN-1"))
        await until(lambda: len(gateway._services.background) == 0)
    [entry] = await history(database, tenants.green.station, CONTESTED)
    assert "two devices" in entry.text


async def test_tr_12_a_refused_password_is_noted_once(
    gateway: Gateway, database: Database, tenants: TwoTenants, until: Until
) -> None:
    for _ in range(3):
        with pytest.raises(InvalidStatus):
            async with station_at(gateway, "GREEN-1", headers=basic("GREEN-1", "wrong")):
                pass
    await until(lambda: len(gateway._services.background) == 0)
    [entry] = await history(database, tenants.green.station, WRONG_PASSWORD)
    assert (entry.tenant_id, entry.severity) == (tenants.green.id, "info")


@pytest.mark.case("TR_82")
async def test_tr_82_what_was_asked_on_the_old_connection_is_unknown(gateway: Gateway, tenants: TwoTenants) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as old:
        first = asyncio.create_task(gateway.deliver(ref, ClearCache()))
        await old.receive()
        second = asyncio.create_task(gateway.deliver(ref, ClearCache()))
        await asyncio.sleep(0)
        async with station_at(gateway, "GREEN-1"):
            with pytest.raises(StationTimeoutError, match="may have acted"):
                await first
            with pytest.raises(StationOfflineError):
                await second


@pytest.mark.case("TR_80", "TR_83")
async def test_tr_80_a_silent_station_is_pinged_and_a_dead_one_let_go(
    start_gateway: StartGateway, tenants: TwoTenants, told: list[Event], until: Until
) -> None:
    gateway = await start_gateway(ocpp_ping_interval_s=0.05, ocpp_ping_timeout_s=0.05)
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("Heartbeat", {})
        connection = gateway._registry.locate(ref.id)
        assert connection is not None
        heard = connection.heard
        await until(lambda: connection.heard > heard)  # the client library answers pings by itself
        assert not of_type(told, StationDisconnected)
        station.socket.transport.pause_reading()  # TR_83: from now on nothing comes back
        await until(lambda: len(of_type(told, StationDisconnected)) == 1)
        assert [e.reason for e in told if isinstance(e, StationDisconnected)] == ["no answer to pings"]
        station.socket.transport.abort()


@pytest.mark.case("TR_80")
@pytest.mark.quirk(11)
async def test_tr_80_a_station_that_never_answers_pings_but_talks_is_left_in_peace(
    start_gateway: StartGateway, tenants: TwoTenants, told: list[Event]
) -> None:
    gateway = await start_gateway(ocpp_ping_interval_s=0.05, ocpp_ping_timeout_s=0.05)
    async with station_at(gateway, "GREEN-1") as station:
        station.socket.protocol.recv_ping = None  # type: ignore[attr-defined]
        loop = asyncio.get_running_loop()
        end = loop.time() + 0.5
        while loop.time() < end:
            await station.call("Heartbeat", {})
            await asyncio.sleep(0.01)
        assert not of_type(told, StationDisconnected)


@pytest.mark.case("TR_81")
async def test_tr_81_at_shutdown_stations_are_sent_away_with_1001(
    start_gateway: StartGateway, database: Database, tenants: TwoTenants
) -> None:
    gateway = await start_gateway()
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("Heartbeat", {})
        await gateway.stop()
        with pytest.raises(ConnectionClosed):
            await station.receive()
        assert station.socket.close_code == 1001
        assert not (await row_of(database, tenants.green.station)).is_online


@pytest.mark.case("TR_85", "X16_20")
async def test_tr_85_a_station_that_reconnects_without_boot_is_accepted(gateway: Gateway) -> None:
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    for _ in range(2):
        async with station_at(gateway, "GREEN-1") as station:
            assert await station.call("StatusNotification", status) == {}


async def test_last_seen_is_stored_now_and_then_only(
    start_gateway: StartGateway, database: Database, tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await start_gateway()
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("Heartbeat", {})
        first = (await row_of(database, ref)).last_seen_at
        await station.call("Heartbeat", {})
        assert (await row_of(database, ref)).last_seen_at == first
        monkeypatch.setattr("csms.gateway.connection.SEEN_EVERY_S", 0.0)
        await station.call("Heartbeat", {})
        later = (await row_of(database, ref)).last_seen_at
        assert first is not None
        assert later is not None
        assert later > first

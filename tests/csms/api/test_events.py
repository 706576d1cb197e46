"""Events as they happen, from a running server."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import uvicorn

from csms.api.feed import WAITING, EventFeed
from csms.bus.bus import Bus
from csms.bus.events import Event, FrameLogged, StationDisconnected, TransactionEnded
from tests.csms.api.conftest import World
from tests.processes import free_port
from tests.tenancy import SmallTenant

AT = datetime(2026, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def streaming(world: World, credential: str, path: str = "/events", **headers: str) -> AsyncGenerator["Stream"]:
    """A server on a port of its own, and one program that listens."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(world.app, host="127.0.0.1", port=port, log_config=None, lifespan="off", ws="none")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    headers |= {"Authorization": f"Bearer {credential}", "Host": "green.localhost"}
    try:
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10) as client,
            client.stream("GET", path, headers=headers) as response,
        ):
            yield Stream(response)
    finally:
        server.force_exit = server.should_exit = True
        await serving


class Stream:
    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def begin(self) -> None:
        """Wait until it has begun."""
        async for line in self._lines:
            if line.startswith(": welcome"):
                return

    async def next(self) -> dict[str, Any]:
        """The next event: its fields, `data` read."""
        event: dict[str, Any] = {}
        async for line in self._lines:
            if not line and event:
                return event
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                event[name] = json.loads(value) if name == "data" else value
        raise AssertionError("the stream has ended")


def ended(tenant: SmallTenant, number: int = 1) -> Event:
    return TransactionEnded(
        tenant_id=tenant.id,
        station_id=tenant.station.id,
        at=AT,
        cause_id="cause",
        transaction_id=number,
        evse_number=1,
        energy_wh=1000,
        cost=Decimal("0.30"),
        currency=tenant.currency,
        ended_at=AT,
        stop_reason="Local",
    )


def gone(tenant: SmallTenant) -> Event:
    return StationDisconnected(tenant_id=tenant.id, station_id=tenant.station.id, at=AT, reason="x")


async def test_a_program_hears_its_own_tenant_alone(world: World) -> None:
    green, blue = world.tenants.green, world.tenants.blue
    async with streaming(world, await world.key()) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        await stream.begin()
        world.services.bus.publish([ended(blue), gone(blue), ended(green)])
        event = await stream.next()
    assert event["event"] == "transaction.ended"
    assert event["id"]
    assert event["data"] == {
        "type": "transaction.ended",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "cause": "cause",
        "data": {
            "station": "GREEN-1",
            "stationId": green.station.id,
            "transactionId": 1,
            "evseNumber": 1,
            "energyWh": 1000,
            "cost": "0.30",
            "currency": "EUR",
            "endedAt": "2026-01-01T00:00:00+00:00",
            "stopReason": "Local",
        },
    }


async def test_scopes_and_choice_filter(world: World) -> None:
    green = world.tenants.green
    async with streaming(world, await world.key("green", "stations.view")) as stream:
        await stream.begin()
        world.services.bus.publish([ended(green), gone(green)])
        assert (await stream.next())["event"] == "station.disconnected"
    async with streaming(world, await world.key(), "/events?types=transaction.ended") as stream:
        await stream.begin()
        world.services.bus.publish([gone(green), ended(green)])
        assert (await stream.next())["event"] == "transaction.ended"


async def test_what_was_missed_comes_first(world: World) -> None:
    green = world.tenants.green
    key = await world.key()
    async with streaming(world, key) as stream:
        await stream.begin()
        world.services.bus.publish([ended(green, 1)])
        last = (await stream.next())["id"]
    world.services.bus.publish([ended(green, 2), ended(world.tenants.blue, 9)])
    async with streaming(world, key, **{"Last-Event-ID": last}) as stream:
        assert (await stream.next())["data"]["data"]["transactionId"] == 2
    async with streaming(world, key, **{"Last-Event-ID": "other-1"}) as stream:
        assert (await stream.next())["event"] == "stream.reset"


async def test_only_what_one_may_hear_can_be_asked_for(world: World) -> None:
    reader = await world.program("green", "stations.view")
    assert (await reader.get("/events?types=transaction.ended")).status_code == 403
    assert (await reader.get("/events?types=nonsense")).status_code == 422
    assert (await world.client().get("/events")).status_code == 401


async def test_a_slow_listener_loses_and_is_told(bus: Bus) -> None:
    feed = EventFeed(bus)
    event = StationDisconnected(tenant_id=1, station_id=1, at=AT, reason="")
    with feed.listening(1) as listener:
        bus.publish([event] * (WAITING + 1))
        assert listener.has_lost
    bus.publish([FrameLogged(tenant_id=1, station_id=1, at=AT, frame={})])
    assert feed.since(1, f"{feed.name}-{WAITING}") is not None
    assert feed.since(1, f"{feed.name}-1") is None

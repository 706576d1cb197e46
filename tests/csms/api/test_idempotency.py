"""Idempotency-Key: the same request is done once, however often it comes."""

import asyncio
from typing import Any

from sqlmodel import func, select

from csms.clock import ManualClock
from models import IdempotentRequest, Location
from models.scope import platform_scope
from tests.csms.api.conftest import World
from tests.csms.gateway.stations import station_at

YARD = {"name": "Yard", "latitude": 1.0, "longitude": 2.0, "timeZone": "Europe/Berlin"}
KEY = {"Idempotency-Key": "one"}


async def test_the_second_is_answered_like_the_first(world: World) -> None:
    client = await world.program()
    first = await client.post("/locations", json=YARD, headers=KEY)
    again = await client.post("/locations", json=YARD, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(world, Location) == 3


async def test_another_request_or_caller_is_told_apart(world: World) -> None:
    client, other = await world.program(), await world.program()
    await client.post("/locations", json=YARD, headers=KEY)
    changed = await client.post("/locations", json=YARD | {"name": "Other"}, headers=KEY)
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency.reused")
    theirs = await other.post("/locations", json=YARD, headers=KEY)  # carried out, and the name is taken
    assert (theirs.status_code, "idempotency-replayed" in theirs.headers) == (409, False)
    assert (await (await world.program("blue")).post("/locations", json=YARD, headers=KEY)).status_code == 201
    assert await count(world, Location) == 4


async def test_a_day_later_it_is_a_new_request(world: World, clock: ManualClock) -> None:
    client = await world.program()
    await client.post("/locations", json=YARD, headers=KEY)
    clock.forward(24 * 3600)
    again = await client.post("/locations", json=YARD, headers=KEY)  # carried out, and the name is taken
    assert (again.status_code, "idempotency-replayed" in again.headers) == (409, False)
    assert await count(world, Location) == 3


async def test_two_at_once_run_once(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})
        asked = [
            asyncio.create_task(client.post("/stations/GREEN-1/commands/ClearCache", json={}, headers=KEY))
            for _ in range(3)
        ]
        request = await station.receive()
        await station.send([3, request[1], {"status": "Accepted"}])
        answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "idempotency.in_progress"}


async def test_errors_are_kept_but_not_those_that_say_nothing(world: World) -> None:
    client = await world.program()
    broken = await client.post("/locations", json={}, headers=KEY)
    assert broken.status_code == 422
    assert (await client.post("/locations", json={}, headers=KEY)).headers["idempotency-replayed"] == "true"
    reader = await world.program("green", "stations.view")
    assert (await reader.post("/locations", json=YARD, headers=KEY)).status_code == 403
    assert (await world.client().post("/locations", json=YARD, headers=KEY)).status_code == 401
    assert (await client.post("/locations", json=YARD, headers={"Idempotency-Key": "a b"})).status_code == 422
    assert await count(world, Location) == 2


async def test_a_secret_in_a_kept_answer_is_sealed(world: World) -> None:
    client = await world.program()
    body = {"name": "x", "scopes": ["stations.view"]}
    first = await client.post("/api-keys", json=body, headers=KEY)
    assert (await client.post("/api-keys", json=body, headers=KEY)).json() == first.json()
    with platform_scope():
        async with world.database.reading() as session:
            rows = (await session.execute(select(IdempotentRequest))).scalars().all()
    assert len(rows) == 1
    assert first.json()["prefix"] not in rows[0].body


async def count(world: World, model: Any) -> int:
    with platform_scope():
        async with world.database.reading() as session:
            return (await session.execute(select(func.count()).select_from(model))).scalar_one()

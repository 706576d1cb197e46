"""Requests to stations over the API, each with its status; a station at the socket answers, or does not."""

import asyncio
from typing import Any

import httpx
from sqlmodel import col, select

from models import AuditEntry, ChargingStation
from models.scope import tenant_scope
from tests.csms.api.conftest import World
from tests.csms.gateway.stations import RawStation, row_of, station_at

BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}


async def answering(station: RawStation, answer: Any, *, refuse: bool = False) -> list[Any]:
    """Wait for the server's request and answer it; returns the request."""
    request = await station.receive()
    await station.send([4, request[1], *answer] if refuse else [3, request[1], answer])
    return request


async def ask(
    client: httpx.AsyncClient, action: str, payload: Any, station: str = "GREEN-1", **query: Any
) -> httpx.Response:
    return await client.post(f"/stations/{station}/commands/{action}", json=payload, params=query)


async def test_the_stations_own_answer_comes_back(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        asked = asyncio.create_task(ask(client, "GetConfiguration", {"key": ["HeartbeatInterval"]}, "green-1"))
        told = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "60"}]}
        request = await answering(station, told)
        answer = await asked
    assert request[2:] == ["GetConfiguration", {"key": ["HeartbeatInterval"]}]
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["state"], body["answer"], body["callError"]) == ("answered", told, None)


async def test_a_callerror_is_an_answer(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        asked = asyncio.create_task(ask(client, "Reset", {"type": "Soft"}))
        await answering(station, ["NotSupported", "no such thing", {"why": "old"}], refuse=True)
        body = (await asked).json()
        followed = (await client.get(f"/commands/{body['commandId']}")).json()
    error = {"errorCode": "NotSupported", "errorDescription": "no such thing", "errorDetails": {"why": "old"}}
    assert (body["state"], body["answer"], body["callError"]) == ("refused", None, error)
    assert (followed["state"], followed["callError"], followed["code"]) == ("refused", error, "station.refused")


async def test_unknown_offline_and_foreign_stations(world: World) -> None:
    client = await world.program()
    assert (await ask(client, "ClearCache", {}, "NOBODY")).status_code == 404
    assert (await ask(client, "ClearCache", {}, "BLUE-1")).status_code == 404
    offline = await ask(client, "ClearCache", {})
    assert (offline.status_code, offline.json()["code"]) == (409, "station.offline")
    followed = await client.get(offline.headers["location"].removeprefix("/api/v1"))
    assert (followed.json()["state"], followed.json()["code"]) == ("undelivered", "station.offline")


async def test_silence_is_an_unknown_outcome(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        answer = await ask(client, "ClearCache", {})
    assert (answer.status_code, answer.json()["code"]) == (504, "station.timeout")
    assert "may still have acted" in answer.json()["detail"]


async def test_what_the_version_does_not_know_and_what_breaks_its_schema(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        for action in ("GetBaseReport", "Nonsense"):
            unknown = await ask(client, action, {})
            assert (unknown.status_code, unknown.json()["code"]) == (501, "station.unsupported_action"), unknown.text
        broken = await ask(client, "Reset", {"type": "Sideways"})
        assert (broken.status_code, broken.json()["code"]) == (422, "payload.invalid")
        asked = asyncio.create_task(ask(client, "Reset", {"type": "Sideways"}, validate="false"))
        request = await answering(station, {"status": "Rejected"})
        assert (await asked).json()["status"] == "Rejected"
    assert request[3] == {"type": "Sideways"}
    with tenant_scope(world.tenants.green.id):
        async with world.database.reading() as session:
            query = select(AuditEntry).where(col(AuditEntry.action) == "station.raw_request")
            entries = (await session.execute(query.order_by(col(AuditEntry.id)))).scalars().all()
    assert entries[-1].details["validate"] is False
    assert (entries[-1].actor, entries[-1].address) == ("API key test", "203.0.113.9")


async def test_several_at_once_wait_for_each_other(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        asked = [asyncio.create_task(ask(client, "ClearCache", {})) for _ in range(3)]
        for _ in asked:
            await answering(station, {"status": "Accepted"})
        answers = await asyncio.gather(*asked)
    assert [answer.json()["status"] for answer in answers] == ["Accepted"] * 3


async def test_not_waiting_gives_an_id_to_follow(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        asked = await ask(client, "ClearCache", {}, wait="false")
        assert (asked.status_code, asked.json()["state"]) == (202, "asked")
        address = asked.headers["location"].removeprefix("/api/v1")
        assert (await client.get(address)).json()["state"] == "asked"
        await answering(station, {"status": "Accepted"})
        while (followed := (await client.get(address)).json())["state"] == "asked":  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert (followed["state"], followed["answer"]) == ("answered", {"status": "Accepted"})
    assert (await ask(client, "ClearCache", {}, "NOBODY", wait="false")).status_code == 404


async def test_scopes_and_roles_hold(world: World) -> None:
    reader = await world.program("green", "stations.view")
    refused = await ask(reader, "ClearCache", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission.denied")
    assert "stations.configure" in refused.json()["detail"]


async def test_friendly_verbs_speak_the_stations_version(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        for verb, body, action in (
            ("start", {"idToken": "GREEN-CARD", "evseNumber": 1}, "RemoteStartTransaction"),
            ("reset", {"immediate": True}, "Reset"),
            ("unlock", {"evseNumber": 1}, "UnlockConnector"),
            ("availability", {"operative": False}, "ChangeAvailability"),
            ("trigger", {"message": "Heartbeat"}, "TriggerMessage"),
            ("clear-cache", None, "ClearCache"),
            ("variables/read", {"variables": [{"variable": "HeartbeatInterval"}]}, "GetConfiguration"),
            (
                "variables/write",
                {"variables": [{"variable": "HeartbeatInterval", "value": "5"}]},
                "ChangeConfiguration",
            ),
        ):
            asked = asyncio.create_task(client.post(f"/stations/GREEN-1/{verb}", json=body))
            request = await answering(station, {} if verb == "variables/read" else {"status": "Accepted"})
            answer = await asked
            assert (answer.status_code, request[2]) == (200, action), answer.text
            if verb == "start":
                assert answer.json()["remoteStartId"] > 0


async def test_a_password_changes_on_both_sides(world: World) -> None:
    client, ref = await world.program(), world.tenants.green.station
    before = (await row_of(world.database, ref)).password_hash
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        asked = asyncio.create_task(client.post("/stations/GREEN-1/password/rotate"))
        request = await answering(station, {"status": "Accepted"})
        told = (await asked).json()
        assert told["changed"] is True
        assert request[2:] == ["ChangeConfiguration", {"key": "AuthorizationKey", "value": told["password"]}]
        changed = (await row_of(world.database, ref)).password_hash
        assert changed != before
        asked = asyncio.create_task(client.post("/stations/GREEN-1/password/rotate", json={"password": "x" * 16}))
        await answering(station, {"status": "Rejected"})
        assert (await asked).json()["changed"] is False
    row: ChargingStation = await row_of(world.database, ref)
    assert (row.password_hash, row.pending_password_hash) == (changed, None)


async def test_reservations(world: World) -> None:
    client = await world.program()
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        body = {"idToken": "GREEN-CARD", "expiresAt": "2030-01-01T00:00:00Z", "evseNumber": 1}
        asked = asyncio.create_task(client.post("/stations/GREEN-1/reservations", json=body))
        request = await answering(station, {"status": "Accepted"})
        assert (await asked).json()["status"] == "Accepted"
        [kept] = (await client.get("/stations/GREEN-1/reservations")).json()["data"]
        assert (kept["reservationId"], kept["state"]) == (request[3]["reservationId"], "live")
        cancel = client.post(f"/stations/GREEN-1/reservations/{kept['reservationId']}/cancel")
        asked = asyncio.create_task(cancel)
        await answering(station, {"status": "Accepted"})
        assert (await asked).status_code == 200

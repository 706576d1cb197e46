"""The frame log: what is found in it, and an export that the simulator replays."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from csms.commands.commands import ClearCache
from csms.errors import NotFoundError
from csms.gateway.server import Gateway
from csms.simulator.replay import read_recording, replay
from csms.stations.frames import FrameSearch, export_frames, find_frames, frame_search
from models.db import Database
from models.scope import tenant_scope
from tests.csms.gateway.conftest import Until
from tests.csms.gateway.stations import PASSWORD, frames_of, station_at
from tests.tenancy import TwoTenants

START = {"connectorId": 1, "idTag": "GREEN-CARD", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


@pytest.fixture
async def transaction_id(gateway: Gateway, database: Database, tenants: TwoTenants, until: Until) -> int:
    """A station boots, charges and is asked something; returns its transaction."""
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT, "1")
        await station.send("nonsense")
        begun = await station.call("StartTransaction", START | {"timestamp": datetime.now(UTC).isoformat()}, "2")
        asking = asyncio.create_task(gateway.deliver(ref, ClearCache()))
        asked = await station.receive()
        await station.send([3, asked[1], {"status": "Rejected"}])
        await asking
        stop = {"transactionId": begun["transactionId"], "meterStop": 9, "timestamp": datetime.now(UTC).isoformat()}
        await station.call("StopTransaction", stop, "3")

    async def all_archived() -> bool:
        return len(await frames_of(database, ref)) == 5

    await until(all_archived)
    return begun["transactionId"]


async def found(database: Database, search: FrameSearch) -> list[str]:
    async with database.reading() as session:
        return [frame.action async for frame in find_frames(session, search)]


async def test_frames_are_found_by_station_transaction_time_text_and_action(
    database: Database, tenants: TwoTenants, transaction_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csms.stations.frames._BATCH", 2)
    station_id = tenants.green.station.id
    everything = ["BootNotification", "", "StartTransaction", "ClearCache", "StopTransaction"]
    with tenant_scope(tenants.green.id):
        assert sorted(await found(database, FrameSearch(station_id))) == sorted(everything)
        assert await found(database, FrameSearch(station_id, action="ClearCache")) == ["ClearCache"]
        assert await found(database, FrameSearch(station_id, text="green-card")) == ["StartTransaction"]
        late = datetime.now(UTC) + timedelta(hours=1)
        assert await found(database, FrameSearch(station_id, since=late)) == []
        assert len(await found(database, FrameSearch(station_id, until=late))) == 5
        async with database.reading() as session:
            by_transaction = await frame_search(session, "", transaction_id)
        assert "StopTransaction" in await found(database, by_transaction)
    with tenant_scope(tenants.blue.id):
        assert await found(database, FrameSearch(station_id)) == []
        async with database.reading() as session:
            for identity, number in (("GREEN-1", None), ("", transaction_id)):
                with pytest.raises(NotFoundError):
                    await frame_search(session, identity, number)


async def test_an_export_is_replayed_by_the_simulator(
    gateway: Gateway, database: Database, tenants: TwoTenants, transaction_id: int
) -> None:
    with tenant_scope(tenants.green.id):
        async with database.reading() as session:
            lines = [line async for line in export_frames(session, await frame_search(session, "green-1"))]
    header, *rest = map(orjson.loads, lines)
    assert header["station"] == "GREEN-1"
    assert {line["from"] for line in rest} == {"station", "csms"}
    assert all(line["at"].endswith("Z") for line in rest)
    recording = read_recording(lines)
    assert recording.answers["ClearCache"][0][2] == {"status": "Rejected"}
    url = f"ws://127.0.0.1:{gateway.port}/ocpp"
    outcome = await replay(recording, url, identity="BLUE-1", password=PASSWORD)
    answers = {orjson.loads(said)[2]: answer for said, answer in outcome.exchanges if answer is not None}
    assert answers["BootNotification"][2]["status"] == "Accepted"
    assert answers["StartTransaction"][2]["transactionId"] != transaction_id
    assert answers["StopTransaction"][0] == 3
    assert ("nonsense", None) in outcome.exchanges


async def test_a_replay_answers_what_it_is_asked_as_the_station_did(
    gateway: Gateway, tenants: TwoTenants, until: Until
) -> None:
    lines = [
        '{"station":"GREEN-1","ocpp":"1.6"}',
        '{"from":"csms","action":"ClearCache","frame":"","answer":"[3,\\"x\\",{\\"status\\":\\"Rejected\\"}]"}',
        '{"from":"station","action":"Heartbeat","frame":"[2,\\"1\\",\\"Heartbeat\\",{}]"}',
    ]
    recording = read_recording(lines)
    recording.said *= 200
    replaying = asyncio.create_task(replay(recording, f"ws://127.0.0.1:{gateway.port}/ocpp", password=PASSWORD))
    await until(lambda: gateway._registry.locate(tenants.green.station.id) is not None)
    assert (await gateway.deliver(tenants.green.station, ClearCache())).status == "Rejected"
    assert (await replaying).asked == ["ClearCache"]


def test_what_is_no_export_is_refused() -> None:
    for lines in ([], ['{"frame":"x"}']):
        with pytest.raises(ValueError, match="station"):
            read_recording(lines)

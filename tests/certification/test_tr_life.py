"""Connection life: pings by make, sizes, drains, forgotten boots, the heartbeat's interval (TR_80 to TR_86)."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import orjson
import pytest

from csms.gateway.draining import send_away
from csms.gateway.keepalive import check
from csms.stations.remarks import Kind
from models import ChargingStation, Frame, Registration, StationRemark, StationVariable
from tests.certification.lab import Lab
from tests.certification.station import BenchStation
from tests.csms.gateway.stations import set_station
from tests.tenancy import LONG_AGO


def padded(size: int) -> str:
    """A DataTransfer of so many bytes."""
    frame = [2, "big", "DataTransfer", {"vendorId": "v", "data": ""}]
    frame[3]["data"] = "x" * (size - len(orjson.dumps(frame)))  # type: ignore[index]
    return orjson.dumps(frame).decode()


async def closed_with(station: BenchStation, text: str) -> int | None:
    """Send, and wait for the socket to close."""
    await station.send(text)
    await station.socket.wait_closed()
    return station.socket.close_code


@pytest.mark.case("TR_84", "TR_81")
async def test_tr_84_64_kib_before_a_station_is_accepted_and_1_mib_after(lab: Lab) -> None:
    async with lab.station(registration=Registration.PENDING) as station:
        assert await closed_with(station, padded(65_537)) == 1009
    async with lab.station() as station:
        station.faults.clear()
        answer = asyncio.create_task(station.exchange("DataTransfer", {"vendorId": "v", "data": "x" * 1_000_000}))
        assert (await answer)[0] == 3
    async with lab.station() as station:
        assert await closed_with(station, padded(1_048_577)) == 1009


@pytest.mark.case("TR_84")
async def test_tr_84_the_bound_is_lifted_by_being_accepted(lab: Lab) -> None:
    async with lab.station(registration=Registration.PENDING) as station:
        [connection] = [c for c in lab.platform.gateway._registry if c.station.ref.id == station.ref.id]
        assert connection._websocket.protocol.max_message_size == 65_536
        await set_station(lab.platform.database, station.ref, registration=Registration.ACCEPTED)
        await station.boot()
        assert connection._websocket.protocol.max_message_size == 1_048_576


@pytest.mark.case("TR_81")
@pytest.mark.parametrize(("count", "groups"), [(20, [20]), (400, [50] * 8), (10_000, [100] * 100)])
async def test_tr_81_a_large_fleet_is_sent_away_over_time_and_a_small_one_at_once(
    monkeypatch: pytest.MonkeyPatch, count: int, groups: list[int]
) -> None:
    pauses: list[None] = []
    told: list[int] = []

    class Socket:
        def close(self, code: int, reason: str) -> Coroutine[Any, Any, None]:
            assert (code, bool(reason)) == (1001, True)
            told.append(len(pauses))
            return asyncio.sleep(0)

    async def pause() -> None:
        pauses.append(None)

    monkeypatch.setattr("csms.gateway.draining._pause", pause)
    await send_away([Socket() for _ in range(count)], 10.0)  # type: ignore[misc]
    assert [told.count(group) for group in range(len(pauses) + 1)] == groups


@pytest.mark.case("TR_81")
async def test_tr_81_what_is_no_utf_8_is_1007(lab: Lab) -> None:
    async with lab.station() as station:
        await station.socket.send(b"\xff\xfe", text=True)
        await station.socket.wait_closed()
        assert station.socket.close_code == 1007


@pytest.mark.case("TR_80")
@pytest.mark.quirk(11)
async def test_tr_80_a_make_that_answers_no_pings_is_given_time(lab: Lab) -> None:
    async with lab.station(vendor="EN+", model="AC7000") as station:
        await station.boot(chargePointVendor="EN+", chargePointModel="AC7000-11")
        services = lab.platform.gateway._services
        [connection] = [c for c in lab.platform.gateway._registry if c.station.ref.id == station.ref.id]
        connection.pinged = connection.heard
        settings = services.settings
        check(connection, services, connection.heard + 2 * settings.heartbeat_interval_s)
        assert connection.dropped_for is None
        check(connection, services, connection.heard + 4 * settings.heartbeat_interval_s)
        assert connection.dropped_for is not None
        await station.socket.wait_closed()


@pytest.mark.case("TR_80")
@pytest.mark.quirk(12)
async def test_tr_80_who_talks_but_answers_no_ping_is_remarked(lab: Lab) -> None:
    async with lab.station() as station:
        services = lab.platform.gateway._services
        [connection] = [c for c in lab.platform.gateway._registry if c.station.ref.id == station.ref.id]
        connection.pinged = connection.heard - 1
        check(connection, services, connection.heard + services.settings.ocpp_ping_interval_s)

        async def remarked() -> bool:
            return [row.kind for row in await lab.rows(StationRemark, station_id=station.ref.id)] == [Kind.NO_PONG]

        await lab.until(remarked)


@pytest.mark.case("TR_85", "X16_20")
@pytest.mark.quirk(18)
async def test_tr_85_a_make_that_forgets_to_boot_is_asked_to(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csms.gateway.settling.BOOT_EXPECTED_WITHIN_S", 0.02)
    async with lab.station(vendor="Ocular", model="IQ", boot=False) as station:
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        assert await station.call("StatusNotification", status) == {}  # accepted all the same
        asked = await station.expect("TriggerMessage")
        assert asked.payload == {"requestedMessage": "BootNotification"}
        await station.answer(asked, {"status": "Accepted"})
        await station.boot()
    async with lab.station(boot=False) as other:
        await other.call("Heartbeat")
        assert not other.was_asked("TriggerMessage")


@pytest.mark.case("TR_86")
async def test_tr_86_intervals_differ_from_station_to_station_and_a_known_one_is_kept(lab: Lab) -> None:
    intervals: set[int] = set()
    for _ in range(8):
        async with lab.station(boot=False) as station:
            intervals.add((await station.boot())["interval"])
    asked_s = lab.platform.settings.heartbeat_interval_s
    assert len(intervals) > 2
    assert all(0.9 * asked_s - 1 <= interval <= 1.1 * asked_s + 1 for interval in intervals)
    ref = await lab.register()
    await lab.add(StationVariable(station_id=ref.id, variable="HeartbeatInterval", value="777", reported_at=LONG_AGO))
    async with lab.station(ref=ref, boot=False) as station:
        assert (await station.boot())["interval"] == 777


@pytest.mark.case("TR_85")
@pytest.mark.quirk(72)
async def test_tr_85_back_within_seconds_of_a_broken_connection(lab: Lab) -> None:
    async with lab.station() as station:
        station.socket.transport.abort()
    async with lab.station(ref=station.ref, boot=False) as again:
        await again.call("Heartbeat")
        assert (await lab.row(ChargingStation, id=station.ref.id)).is_online
        assert await lab.rows(Frame, station_id=station.ref.id, action="Heartbeat")

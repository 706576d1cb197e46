"""Whatever a station sends gets the version's answer, or none, and never ends the reader (TR_40 to TR_52)."""

from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from csms.gateway.server import Gateway
from csms.ocpp.version import OcppVersion
from models.db import Database
from tests.csms.gateway.conftest import Until
from tests.csms.gateway.stations import RawStation, frames_of, set_station, station_at
from tests.tenancy import TwoTenants

BOTH = pytest.mark.parametrize("version", ["ocpp1.6", "ocpp2.0.1"])
UNREADABLE = ["not json", "{}", "[]", "[2]", '"text"', "[null,1]", "["]


async def still_alive(station: RawStation) -> None:
    assert "currentTime" in await station.call("Heartbeat", {})


@pytest.mark.case("TR_40")
@pytest.mark.parametrize("frame", UNREADABLE)
async def test_tr_40_1_6_drops_what_has_no_readable_id(gateway: Gateway, frame: str) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        await station.send(frame)
        await still_alive(station)


@pytest.mark.case("TR_41")
@pytest.mark.parametrize("frame", UNREADABLE)
async def test_tr_41_2_x_answers_with_id_minus_1(gateway: Gateway, frame: str) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        await station.send(frame)
        answer = await station.receive()
        assert answer[:3] == [4, "-1", "RpcFrameworkError"]
        assert frame not in answer[3] or len(frame) < 3  # what was sent is not echoed
        await still_alive(station)


def cases(case: str, version: str, *rows: tuple[Any, str]) -> list[Any]:
    """Parameters of one case."""
    return [pytest.param(version, frame, code, marks=pytest.mark.case(case, "TR_51")) for frame, code in rows]


@pytest.mark.parametrize(
    ("version", "frame", "code"),
    [
        # a CALL of the wrong shape
        *cases(
            "TR_42",
            "ocpp1.6",
            ([2, "a", "Heartbeat"], "FormationViolation"),
            ([2, "a", "Heartbeat", {}, 1], "FormationViolation"),
            ([2, "a", ["x"], {}], "FormationViolation"),
        ),
        *cases(
            "TR_42",
            "ocpp2.0.1",
            ([2, "a", "Heartbeat"], "RpcFrameworkError"),
            ([2, "a", "Heartbeat", {}, 1], "RpcFrameworkError"),
            ([2, "a", ["x"], {}], "RpcFrameworkError"),
        ),
        # a payload that is no object
        *cases("TR_45", "ocpp1.6", ([2, "a", "Heartbeat", []], "TypeConstraintViolation")),
        *cases("TR_45", "ocpp2.0.1", ([2, "a", "Heartbeat", []], "TypeConstraintViolation")),
        *cases("TR_46", "ocpp1.6", ([2, "a", "Nonsense", {}], "NotImplemented")),
        *cases("TR_46", "ocpp2.0.1", ([2, "a", "Nonsense", {}], "NotImplemented")),
        *cases("TR_46", "ocpp2.0.1", ([2, "a", "CustomOperation", {}], "NotImplemented")),
        # known, but not from a station
        *cases("TR_47", "ocpp1.6", ([2, "a", "Reset", {"type": "Hard"}], "NotSupported")),
        *cases("TR_47", "ocpp2.0.1", ([2, "a", "Reset", {"type": "Immediate"}], "NotSupported")),
        # what cannot be understood
        *cases(
            "TR_48",
            "ocpp1.6",
            ([2, "a", "BootNotification", {}], "OccurenceConstraintViolation"),
            ([2, "a", "Authorize", {"idTag": 5}], "TypeConstraintViolation"),
            ([2, "a", "Authorize", {"idTag": "x" * 21}], "PropertyConstraintViolation"),
            (
                [2, "a", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "?"}],
                "PropertyConstraintViolation",
            ),
        ),
        *cases(
            "TR_49",
            "ocpp2.0.1",
            ([2, "a", "BootNotification", {}], "OccurrenceConstraintViolation"),
            ([2, "a", "Authorize", {"idToken": {"idToken": 5, "type": "Central"}}], "TypeConstraintViolation"),
            ([2, "a", "Authorize", {"idToken": {"idToken": "x", "type": "?"}}], "PropertyConstraintViolation"),
        ),
    ],
)
async def test_tr_42_to_49_the_right_callerror(gateway: Gateway, version: str, frame: Any, code: str) -> None:
    async with station_at(gateway, "GREEN-1", version) as station:
        await refused_with(station, frame, code)


@pytest.mark.parametrize(
    ("version", "frame", "code"),
    [
        *cases(
            "TR_48",
            "ocpp1.6",
            ([2, "a", "Authorize", {"idTag": "x", "more": 1}], "FormationViolation"),
            ([2, "a", "StartTransaction", {"connectorId": 1}], "OccurenceConstraintViolation"),
            ([2, "a", "Authorize", {"idTag": 5}], "TypeConstraintViolation"),
            ([2, "a", "DataTransfer", {"vendorId": "x" * 256}], "PropertyConstraintViolation"),
        ),
        *cases(
            "TR_49",
            "ocpp2.0.1",
            ([2, "a", "Heartbeat", {"more": 1}], "FormatViolation"),
            ([2, "a", "DataTransfer", {"vendorId": 5}], "TypeConstraintViolation"),
            ([2, "a", "DataTransfer", {"vendorId": "x" * 256}], "PropertyConstraintViolation"),
            ([2, "a", "MeterValues", {"evseId": 1}], "OccurrenceConstraintViolation"),
        ),
    ],
)
async def test_tr_48_and_49_a_strict_station_is_refused_what_others_are_forgiven(
    gateway: Gateway, database: Database, tenants: TwoTenants, version: str, frame: Any, code: str
) -> None:
    await set_station(database, tenants.green.station, is_strict=True)
    async with station_at(gateway, "GREEN-1", version) as station:
        await refused_with(station, frame, code)


async def refused_with(station: RawStation, frame: Any, code: str) -> None:
    await station.send(frame)
    answer = await station.receive()
    assert answer[:3] == [4, "a", code]
    assert len(answer[3]) <= 255  # TR_51
    assert answer[4] == {}
    await still_alive(station)


@BOTH
@pytest.mark.case("TR_47")
async def test_tr_47_what_is_switched_off_is_not_supported(
    gateway: Gateway, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = gateway._dispatcher._routes[OcppVersion(version.removeprefix("ocpp"))]
    monkeypatch.delitem(routes, "DataTransfer")  # type: ignore[arg-type]
    async with station_at(gateway, "GREEN-1", version) as station:
        answer = await station.exchange("DataTransfer", {"vendorId": "v"})
        assert answer[2] == "NotSupported"
        await still_alive(station)


@pytest.mark.case("TR_43")
async def test_tr_43_1_6_gets_its_odd_ids_back(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        for message_id in (5, "", "x" * 100):
            await station.send([2, message_id, "Heartbeat", {}])
            assert (await station.receive())[:2] == [3, message_id]


@pytest.mark.case("TR_43")
async def test_tr_43_2_x_is_strict_about_ids(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        for message_id in (5, "", "x" * 37):
            await station.send([2, message_id, "Heartbeat", {}])
            assert (await station.receive())[:3] == [4, "-1", "RpcFrameworkError"]


@pytest.mark.case("TR_44")
@BOTH
@pytest.mark.parametrize("frame", ['[7,"a",{}]', '[5,"a","InternalError","",{}]', '[6,"a","Heartbeat",{}]'])
async def test_tr_44_unknown_message_types_are_passed_over(gateway: Gateway, version: str, frame: str) -> None:
    async with station_at(gateway, "GREEN-1", version) as station:
        await station.send(frame)
        await still_alive(station)


@pytest.mark.case("TR_45")
@pytest.mark.quirk(16)
@BOTH
async def test_tr_45_a_null_payload_is_an_empty_one(gateway: Gateway, version: str) -> None:
    async with station_at(gateway, "GREEN-1", version) as station:
        assert "currentTime" in (await station.exchange("Heartbeat", None))[2]


@pytest.mark.case("TR_52")
@BOTH
@pytest.mark.parametrize("frame", ['[3,"nobody-asked",{}]', '[4,"nobody-asked","GenericError","",{}]'])
async def test_tr_52_answers_nobody_asked_for_are_ignored(gateway: Gateway, version: str, frame: str) -> None:
    async with station_at(gateway, "GREEN-1", version) as station:
        await station.send(frame)
        await still_alive(station)


@pytest.mark.quirk(16)
async def test_empty_frames_are_harmless_and_leave_no_trace(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        for _ in range(50):
            await station.send("")
        await still_alive(station)
        assert [frame.action for frame in await frames_of(database, tenants.green.station)] == ["Heartbeat"]


@pytest.mark.case("TR_40", "TR_81")
async def test_tr_40_too_many_malformed_in_a_row_close_the_socket(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        for _ in range(9):
            await station.send("nonsense")
        await still_alive(station)  # a good one in between starts the count anew
        for _ in range(10):
            await station.send("nonsense")
        with pytest.raises(ConnectionClosed):
            await station.receive()
        assert station.socket.close_code == 1008


@pytest.mark.case("TR_81", "TR_84")
async def test_tr_81_a_binary_frame_and_one_too_large_close_the_socket(gateway: Gateway) -> None:
    for frame, code in ((b"[2]", 1003), ("x" * 1_100_000, 1009)):
        async with station_at(gateway, "GREEN-1") as station:
            await station.send(frame)
            with pytest.raises(ConnectionClosed):
                await station.receive()
            assert station.socket.close_code == code


async def test_malformed_frames_are_archived_but_a_flood_of_them_is_not(
    gateway: Gateway, database: Database, tenants: TwoTenants, until: Until
) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        for _ in range(60):
            for _ in range(5):
                await station.send("nonsense")
                await station.receive()
            await still_alive(station)

        async def archived() -> bool:
            frames = [frame for frame in await frames_of(database, tenants.green.station) if frame.text == "nonsense"]
            return 20 <= len(frames) < 30 and all(frame.outcome == "RpcFrameworkError" for frame in frames)

        await until(archived)

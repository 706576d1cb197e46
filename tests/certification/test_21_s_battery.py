"""OCPP 2.1, block S: swapping batteries."""

import itertools
from typing import Any

import pytest

from csms.ocpp.timestamps import format_timestamp
from csms.stations.batteries import batteries_inside, battery_history, swaps
from models import BatterySwap, SlotBattery, Transaction
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation

Json = dict[str, Any]
_numbers = itertools.count(100)


def battery(slot: int, serial: str, soc: float = 95.5, soh: float = 88.0, **more: Any) -> Json:
    return {"evseId": slot, "serialNumber": serial, "soC": soc, "soH": soh} | more


async def swap(station: BenchStation, request_id: int, kind: str, token: Json, *batteries: Json) -> Json:
    told = {"requestId": request_id, "eventType": kind, "idToken": token, "batteryData": list(batteries)}
    return await station.call("BatterySwap", told)


async def slots(lab: Lab, station: BenchStation) -> dict[int, str]:
    """Serial numbers by slot, as the tenant's own people see them."""
    with tenant_scope(lab.green.id):
        async with lab.platform.database.reading() as session:
            return {row.evse_number: row.serial_number for row in await batteries_inside(session, station.ref.id)}


async def charge(lab: Lab, station: BenchStation, slot: int, kind: str, ocpp_id: str, token: Json) -> Json:
    body: Json = {
        "eventType": kind,
        "timestamp": format_timestamp(lab.platform.clock.now()),
        "triggerReason": "CablePluggedIn" if kind == "Started" else "EVDeparted",
        "seqNo": 0 if kind == "Started" else 1,
        "transactionInfo": {"transactionId": ocpp_id},
        "evse": {"id": slot, "connectorId": 1},
        "idToken": token,
    }
    return await station.call("TransactionEvent", body)


@pytest.mark.case("TC_S_102_CSMS")
async def test_s_102_not_enough_batteries(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        token, number = {"idToken": await lab.token(), "type": "ISO14443"}, next(_numbers)
        asking = {"idToken": token, "requestId": number}
        why = {"reasonCode": "NoBatteryAvailable"}
        answer = {"status": "Rejected", "statusInfo": why}
        asked, result = await lab.operate(station, "RequestBatterySwap", asking, answer)
        assert asked.payload == asking
        assert (result.succeeded, result.answer_status) == (False, "Rejected")
        row = await lab.row(BatterySwap, station_id=station.ref.id)
        assert (row.request_id, row.state, row.status, row.reason) == (
            number,
            "rejected",
            "Rejected",
            "NoBatteryAvailable",
        )
        assert row.id_token == token["idToken"]


@pytest.mark.case("TC_S_102_CSMS")
async def test_s_102_batteries_that_nobody_takes_stay(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        token, number = {"idToken": await lab.token(), "type": "ISO14443"}, next(_numbers)
        asking = {"idToken": token, "requestId": number}
        await lab.operate(station, "RequestBatterySwap", asking, {"status": "Accepted"})
        assert await swap(station, number, "BatteryOutTimeout", token, battery(2, "full-2")) == {}
        row = await lab.row(BatterySwap, station_id=station.ref.id)
        assert (row.state, row.batteries_left) == ("timed out", [battery(2, "full-2")])
        assert row.timed_out_at is not None
        assert await slots(lab, station) == {2: "full-2"}


@pytest.mark.case("TC_S_103_CSMS")
@pytest.mark.parametrize("remote", [True, False], ids=["asked by us", "begun at the station"])
async def test_s_103_full_flow(lab: Lab, remote: bool) -> None:
    async with lab.station("2.1", evses=4) as station:
        token, number = {"idToken": await lab.token(), "type": "ISO14443"}, next(_numbers)
        assert (await station.call("Authorize", {"idToken": token}))["idTokenInfo"]["status"] == "Accepted"
        if remote:
            asking = {"idToken": token, "requestId": number}
            asked, result = await lab.operate(station, "RequestBatterySwap", asking, {"status": "Accepted"})
            assert asked.payload == asking
            assert result.succeeded
            assert (await lab.row(BatterySwap, station_id=station.ref.id)).state == "requested"
        empty = [
            battery(1, "e-1", 12.5, 90.25, vendorInfo="Made of tin", productionDate="2025-03-01T00:00:00Z"),
            battery(2, "e-2", 8, 91),
        ]
        assert await swap(station, number, "BatteryIn", token, *empty) == {}
        row = await lab.row(BatterySwap, station_id=station.ref.id)
        assert (row.state, row.request_id, row.batteries_in) == ("partly", number, empty)
        assert await slots(lab, station) == {1: "e-1", 2: "e-2"}
        first, _ = await lab.rows(SlotBattery, station_id=station.ref.id)
        assert (first.soc_percent, first.soh_percent, first.vendor_info) == (12.5, 90.25, "Made of tin")
        assert first.produced_at is not None

        for slot in (1, 2):
            assert "status" not in await charge(lab, station, slot, "Started", f"slot-{number}-{slot}", token)
        full = [battery(3, "f-3", 100, 97), battery(4, "f-4", 99.5, 96)]
        assert await swap(station, number, "BatteryOut", token, *full) == {}
        row = await lab.row(BatterySwap, station_id=station.ref.id)
        assert (row.state, row.batteries_in, row.batteries_out) == ("done", empty, full)
        assert row.in_at is not None
        assert row.out_at is not None
        assert row.in_at <= row.out_at
        assert await slots(lab, station) == {1: "e-1", 2: "e-2"}
        out = await lab.row(SlotBattery, station_id=station.ref.id, serial_number="f-3")
        assert (out.out_request_id, out.soc_percent) == (number, 100)
        running = await lab.rows(Transaction, station_id=station.ref.id)
        assert [transaction.evse_number for transaction in running] == [1, 2]


@pytest.mark.case("TC_S_103_CSMS")
async def test_s_103_a_battery_is_in_one_slot_at_a_time(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        token = {"idToken": await lab.token(), "type": "ISO14443"}
        one, other, third = next(_numbers), next(_numbers), next(_numbers)
        await swap(station, one, "BatteryIn", token, battery(1, f"b-{one}", 10))
        await swap(station, one, "BatteryOut", token, battery(1, f"b-{one}", 100))
        await swap(station, other, "BatteryIn", token, battery(2, f"b-{one}", 20))
        assert await slots(lab, station) == {2: f"b-{one}"}
        await swap(station, third, "BatteryIn", token, battery(2, "newcomer", 30))
        assert await slots(lab, station) == {2: "newcomer"}
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                stays = await battery_history(session, f"b-{one}")
                listed = await swaps(session, station.ref.id)
        assert [(stay.evse_number, stay.soc_percent) for stay in stays] == [(2, 20), (1, 100)]
        assert [row.request_id for row in listed] == [third, other, one]
        assert [row.state for row in listed] == ["partly", "partly", "done"]
        with tenant_scope(lab.blue.id):
            async with lab.platform.database.reading() as session:
                assert not await batteries_inside(session, station.ref.id)
                assert not await swaps(session, station.ref.id)

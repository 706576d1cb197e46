"""Flow: late answers, leniency end to end, floods, and queues from offline time (TR_50, TR_52, TR_66 to TR_69)."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from csms.gateway.flood import FLOOD
from csms.stations.remarks import Kind
from models import ChargingStation, Command, CommandState, Frame, MeterValue, StationEvent, StationRemark, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BOOT

START = {"connectorId": 1, "idTag": "NOBODY", "meterStart": 100, "timestamp": "2026-01-01T00:00:00Z"}


async def remarks(lab: Lab, station_id: int, count: int) -> list[StationRemark]:
    """What was remarked, once so many remarks are written."""
    found: list[StationRemark] = []

    async def are_there() -> bool:
        found[:] = await lab.rows(StationRemark, station_id=station_id)
        return len(found) >= count

    await lab.until(are_there)
    return found


@pytest.mark.case("TR_50")
@pytest.mark.quirk(21, 22)
async def test_tr_50_an_odd_boot_is_taken_in_and_remarked(lab: Lab) -> None:
    async with lab.station(boot=False) as station:
        answer = await station.boot(chargePointSerialNumber="S" * 33, connectors=[1, 2], iccid=None)
        assert answer["status"] == "Accepted"
        assert (await lab.row(ChargingStation, id=station.ref.id)).serial_number == "S" * 33
        found = await remarks(lab, station.ref.id, 3)
        assert {row.kind for row in found} == {Kind.TOO_LONG, Kind.UNKNOWN_FIELD, Kind.WRONG_TYPE}
        assert {row.tenant_id for row in found} == {lab.green.id}
        archived = await lab.rows(Frame, station_id=station.ref.id, action="BootNotification")
        assert "connectors" in archived[0].text  # as it came


@pytest.mark.case("TR_50")
async def test_tr_50_the_same_oddity_is_one_remark(lab: Lab) -> None:
    async with lab.station() as station:
        for _ in range(30):
            await station.call("Heartbeat", {"extra": 1})
        lab.platform.gateway._services.remarks.flush()
        [remark] = await remarks(lab, station.ref.id, 1)

        async def counted() -> bool:
            lab.platform.gateway._services.remarks.flush()
            return (await lab.row(StationRemark, id=remark.id)).count == 30

        await lab.until(counted)


@pytest.mark.case("TR_50")
@pytest.mark.quirk(60)
@pytest.mark.parametrize(
    "change",
    [{"meterStart": "abc"}, {"meterStart": 100.0}, {"idTag": "x" * 30}, {"extra": 1}, {"timestamp": None}],
)
async def test_tr_50_a_start_is_never_lost_for_its_schema(lab: Lab, change: dict[str, Any]) -> None:
    async with lab.station() as station:
        answer = await station.call("StartTransaction", START | change)
        row = await lab.row(Transaction, id=answer["transactionId"])
        assert (row.station_id, row.is_open) == (station.ref.id, True)
        known = 100 if change.get("meterStart", 100) == 100 else None
        assert row.start_energy_wh == known
        stop = {"transactionId": str(row.id), "meterStop": "1100.4", "timestamp": "2026-01-01T01:00:00Z", "reason": "?"}
        await station.call("StopTransaction", stop)
        ended = await lab.row(Transaction, id=row.id)
        assert (ended.is_open, ended.end_energy_wh, ended.stop_reason) == (False, 1100, "Other")


@pytest.mark.case("TR_50")
@pytest.mark.quirk(52, 53)
async def test_tr_50_odd_meter_values_are_stored(lab: Lab) -> None:
    samples = [{"value": 5, "unit": "kWh"}, {"value": "", "measurand": "Voltage"}, {"value": "50", "unit": "Hz"}]
    values = [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": samples}]
    async with lab.station() as station:
        assert await station.call("MeterValues", {"connectorId": 1, "meterValue": values}) == {}
        row = await lab.row(MeterValue, station_id=station.ref.id)
        assert row.energy_wh == 5000
        assert row.other == samples[1:]


@pytest.mark.case("TR_50")
async def test_tr_50_an_odd_event_of_2_x_is_taken_in(lab: Lab) -> None:
    event = {
        "eventType": "Started",
        "timestamp": "2026-01-01T00:00:00Z",
        "triggerReason": "Mood",
        "transactionInfo": {"transactionId": "T-" + "x" * 40, "chargingState": "Bored"},
        "evse": {"id": "1", "connectorId": 1.0},
        "meterValue": [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": "7.0"}]}],
    }
    async with lab.station("2.0.1") as station:
        await station.call("TransactionEvent", event)
        row = await lab.row(Transaction, station_id=station.ref.id)
        assert (row.evse_number, row.is_open) == (1, True)
        assert (await lab.row(MeterValue, station_id=station.ref.id)).energy_wh == 7
        assert row.ocpp_id is not None
        assert len(row.ocpp_id) <= 36


@pytest.mark.case("TR_52")
async def test_tr_52_a_late_answer_amends_the_outcome(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab.platform.settings, "ocpp_call_timeout_s", 0.05)
    async with lab.station() as station:
        asking = lab.ask(station, "ClearCache", {})
        asked = await station.expect("ClearCache")
        result = await asking
        assert result.state == CommandState.UNKNOWN
        assert (await lab.row(Command, id=result.command_id)).state == CommandState.UNKNOWN
        await station.answer(asked, {"status": "Rejected"})

        async def amended() -> bool:
            row = await lab.row(Command, id=result.command_id)
            return (row.state, row.answer_status) == (CommandState.ANSWERED, "Rejected")

        await lab.until(amended)
        refused = lab.ask(station, "ClearCache", {})
        asked = await station.expect("ClearCache")
        result = await refused
        await station.refuse(asked, "NotSupported")

        async def refusal_known() -> bool:
            return (await lab.row(Command, id=result.command_id)).state == CommandState.REFUSED

        await lab.until(refusal_known)


@pytest.mark.case("TR_66")
async def test_tr_66_a_repeated_event_is_the_same_event(lab: Lab) -> None:
    event = {
        "eventType": "Started",
        "timestamp": "2026-01-01T00:00:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "T-66"},
        "evse": {"id": 1, "connectorId": 1},
        "idToken": {"idToken": "NOBODY", "type": "ISO14443"},
    }
    async with lab.station("2.0.1") as station:
        first = await station.call("TransactionEvent", event)
        assert await station.call("TransactionEvent", event) == first
    async with lab.station("2.0.1", ref=station.ref, boot=False) as again:
        assert await again.call("TransactionEvent", event) == first
    assert len(await lab.rows(Transaction, station_id=station.ref.id)) == 1


@pytest.mark.case("TR_68")
async def test_tr_68_a_flood_is_slowed_then_ended_with_an_alarm(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ocpp_messages_per_s": 1000.0, "ocpp_message_burst": 5.0, "ocpp_flood_s": 0.1}.items():
        monkeypatch.setattr(lab.platform.settings, name, value)
    async with lab.station() as station:
        with contextlib.suppress(ConnectionClosed):
            for number in range(3_000):
                await station.send([2, f"f{number}", "Heartbeat", {}])
        await station.socket.wait_closed()
        assert station.socket.close_code == 1008
        station.faults.clear()
    [alarm] = await lab.rows(StationEvent, station_id=station.ref.id, kind=FLOOD)
    assert (alarm.severity, alarm.tenant_id) == ("warning", lab.green.id)


@pytest.mark.case("TR_69")
async def test_tr_69_a_queue_from_offline_time_is_taken_in_order(lab: Lab) -> None:
    began = datetime.now(UTC) - timedelta(hours=8)
    token = await lab.token()
    async with lab.station() as station:
        ids = []
        for hour in range(5):
            start = {"connectorId": 1, "idTag": token, "meterStart": hour * 1000}
            at = began + timedelta(hours=hour)
            answer = await station.call("StartTransaction", start | {"timestamp": at.isoformat()})
            ids.append(answer["transactionId"])
            values = [
                {
                    "timestamp": (at + timedelta(minutes=minute)).isoformat(),
                    "sampledValue": [{"value": str(hour * 1000 + minute * 10)}],
                }
                for minute in range(1, 38)
            ]
            about = {"connectorId": 1, "transactionId": ids[-1]}
            calls = [station.call("MeterValues", about | {"meterValue": [value]}) for value in values]
            await asyncio.gather(*calls, station.call("Heartbeat"))
            stop = {"transactionId": ids[-1], "meterStop": hour * 1000 + 500}
            ended_at = (at + timedelta(minutes=45)).isoformat()
            await station.call("StopTransaction", stop | {"timestamp": ended_at})
        rows = await lab.rows(Transaction, station_id=station.ref.id)
        assert [(row.id, row.is_open, row.energy_wh) for row in rows] == [(each, False, 500) for each in ids]
        assert [row.started_at for row in rows] == [began + timedelta(hours=hour) for hour in range(5)]
        assert len(await lab.rows(MeterValue, station_id=station.ref.id)) == 5 * 37
        notices = await lab.rows(StationEvent, station_id=station.ref.id)
        assert len(notices) <= 5  # no storm of notifications


@pytest.mark.quirk(5)
async def test_a_1_6_boot_under_2_0_1_is_understood(lab: Lab) -> None:
    async with lab.station("2.0.1", boot=False) as station:
        assert (await station.call("BootNotification", BOOT["1.6"]))["status"] == "Accepted"
        row = await lab.row(ChargingStation, id=station.ref.id)
        assert (row.vendor, row.model) == ("Bench", "One")

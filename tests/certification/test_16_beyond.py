"""OCPP 1.6 beyond the lab's cases: what is repeated, lost, contradictory or nameless in sessions."""

import asyncio

import pytest

from models import Connector, MeterValue, ParkedMessage, StationEvent, Transaction
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions16, ago, moment, value
from tests.certification.station import BenchStation


async def parked(lab: Lab, station: BenchStation) -> list[ParkedMessage]:
    return await lab.rows(ParkedMessage, station_id=station.ref.id)


async def values(lab: Lab, station: BenchStation) -> list[MeterValue]:
    return await lab.rows(MeterValue, station_id=station.ref.id)


@pytest.mark.quirk(36)
@pytest.mark.case("X16_01", "DS_29")
async def test_x16_01_start_retried(lab: Lab) -> None:
    ref, token = await lab.register(), await lab.token()
    payload = {"connectorId": 1, "idTag": token, "meterStart": 5, "timestamp": ago(3)}
    async with lab.station(ref=ref) as station:
        answers = [await station.call("StartTransaction", payload, name) for name in ("same", "same", "other")]
    lab.platform.gateway._services.transactions.forget(ref.id)  # as a restarted server, which knows the database only
    async with lab.station(ref=ref, boot=False) as station:
        answers.append(await station.call("StartTransaction", payload))
        [row] = await lab.rows(Transaction, station_id=ref.id)
        assert {answer["transactionId"] for answer in answers} == {row.id}


@pytest.mark.case("X16_02")
async def test_x16_02_start_on_a_connector_with_an_open_one(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        first = await said.started(token, minutes=60)
        second = await said.started(token, minutes=10)
        assert first != second
        assert [(row.is_open, row.remarks) for row in await said.rows()] == [
            (True, ["offline", "superseded"]),
            (True, ["offline"]),
        ]
        await said.stop(first, meter=900, minutes=11)
        assert [row.is_open for row in await said.rows()] == [False, True]


@pytest.mark.quirk(38, 34)
@pytest.mark.case("X16_03")
@pytest.mark.parametrize("unknown", [-1, 0])
async def test_x16_03_no_transaction_id(lab: Lab, unknown: int) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        await said.started(token, meter=0, minutes=60)
        await said.meter(value(30, {"value": "400"}), transactionId=unknown)
        assert "idTagInfo" in await said.stop(unknown, meter=900, idTag=token)
        [row] = await said.rows()
        assert (row.is_open, row.energy_wh, row.remarks) == (False, 900, ["offline", "placed_by_guess"])
        [stored] = await values(lab, station)
        assert stored.transaction_id == row.id
        assert await parked(lab, station) == []


@pytest.mark.quirk(39)
@pytest.mark.case("X16_04")
async def test_x16_04_stop_of_an_unknown_one(lab: Lab) -> None:
    async with lab.station() as station:
        said = Sessions16(lab, station)
        for _ in range(2):
            assert await said.stop(1_234_567, meter=900) == {}
        [message] = await parked(lab, station)
        assert (message.action, message.payload["meter_wh"]) == ("StopTransaction", 900)
        assert "1234567" in message.reason
        assert message.proposal
        assert await said.rows() == []


@pytest.mark.quirk(40)
@pytest.mark.case("X16_05", "DS_13")
async def test_x16_05_stop_repeated(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0, minutes=60)
        first, second = value(30, {"value": "400"}), value(20, {"value": "600"})
        answers = [
            await said.stop(transaction_id, meter=900, idTag=token, transactionData=data)
            for data in ([first], [first], [first, second])
        ]
        assert answers[0] == answers[1] == answers[2]
        row = await said.row(transaction_id)
        assert (row.end_energy_wh, row.ended_at, row.remarks) == (900, moment(), ["offline"])
        stored = await values(lab, station)
        assert [(each.sampled_at, each.transaction_id) for each in stored] == [
            (moment(30), transaction_id),
            (moment(20), transaction_id),
        ]


@pytest.mark.quirk(34)
@pytest.mark.case("X16_06", "DS_27")
async def test_x16_06_stop_without_a_token(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        for told, kept in ({"reason": "Reboot"}, "Reboot"), ({}, "Local"):
            transaction_id = await said.started(token, meter=0, minutes=60 if told else 50)
            assert await said.stop(transaction_id, meter=10, **told) == {}
            assert (await said.row(transaction_id)).stop_reason == kept


@pytest.mark.case("DS_27")
async def test_ds_27_every_reason(lab: Lab) -> None:
    reasons = ["EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot", "Remote"]
    reasons += ["SoftReset", "UnlockCommand", "DeAuthorized"]
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        for number, reason in enumerate(reasons):
            transaction_id = await said.started(token, minutes=60 - number)
            assert await said.stop(transaction_id, meter=1, reason=reason, minutes=60 - number) == {}
        assert [row.stop_reason for row in await said.rows()] == reasons


@pytest.mark.case("X16_07")
async def test_x16_07_transaction_data(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0, minutes=60)
        periodic = value(30, {"value": "400"})
        await said.meter(periodic, transactionId=transaction_id)
        begin = value(60, {"value": "0", "context": "Transaction.Begin"})
        end = value(0, {"value": "900", "context": "Transaction.End"})
        await said.stop(transaction_id, meter=900, transactionData=[begin, periodic, end])
        stored = await values(lab, station)
        assert sorted((each.context, each.energy_wh) for each in stored) == [
            ("Sample.Periodic", 400),
            ("Transaction.Begin", 0),
            ("Transaction.End", 900),
        ]
        assert {each.transaction_id for each in stored} == {transaction_id}


@pytest.mark.parametrize(
    ("start", "stop", "remark", "energy_wh"),
    [
        ({"meter": 1000}, {"meter": 400}, "meter_went_back", 0),
        ({"meter": 0}, {"meter": 10, "minutes": -60 * 24 * 400}, None, 10),
        ({"meter": 0, "minutes": -60 * 24 * 400}, {"meter": 10}, "clock_wrong", 10),
        ({"meter": -50}, {"meter": 10}, "meter_negative", 60),
        ({"meter": 0, "minutes": 10}, {"meter": 10, "minutes": 30}, "ended_before_start", 10),
    ],
)
@pytest.mark.case("X16_08")
async def test_x16_08_sanity_failures(
    lab: Lab, start: dict[str, int], stop: dict[str, int], remark: str | None, energy_wh: int
) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, **start)
        assert await said.stop(transaction_id, **stop) == {}
        row = await said.row(transaction_id)
        assert (row.is_open, row.energy_wh) == (False, energy_wh)
        assert remark is None or remark in row.remarks
        assert row.ended_at is not None
        assert row.started_at <= row.ended_at <= row.end_received_at


@pytest.mark.quirk(47, 48, 79)
@pytest.mark.case("X16_14", "DS_06")
async def test_x16_14_meter_values_without_an_id(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0, minutes=60)
        await said.meter(value(50, {"value": "1"}))
        await said.meter(value(40, {"value": "2", "context": "Sample.Clock"}))
        await said.meter(value(30, {"value": "3", "context": "Trigger"}))
        await said.meter(value(20, {"value": "4"}), connector=0)
        await said.meter(value(90, {"value": "5"}))  # from before the session
        found = {each.energy_wh: (each.evse_number, each.transaction_id) for each in await values(lab, station)}
        assert found == {1: (1, transaction_id), 2: (1, None), 3: (1, None), 4: (0, None), 5: (1, None)}


@pytest.mark.case("X16_15")
@pytest.mark.parametrize("reason", ["HardReset", "PowerLoss"])
async def test_x16_15_hard_reset_without_a_stop(lab: Lab, reason: str) -> None:
    ref, token = await lab.register(), await lab.token()
    async with lab.station(ref=ref) as station:
        transaction_id = await Sessions16(lab, station).started(token)
        _, result = await lab.operate(station, "Reset", {"type": "Hard"}, {"status": "Accepted"})
        assert result.succeeded
    async with lab.station(ref=ref) as station:
        said = Sessions16(lab, station)
        assert (await said.row(transaction_id)).is_open
        await said.stop(transaction_id, meter=77, reason=reason)
        row = await said.row(transaction_id)
        assert (row.is_open, row.stop_reason, row.energy_wh) == (False, reason, 77)


@pytest.mark.quirk(61, 63)
@pytest.mark.case("X16_21", "DS_42")
async def test_x16_21_status_gaps(lab: Lab) -> None:
    async with lab.station() as station:
        said = Sessions16(lab, station)
        await said.status("Charging", 3, minutes=5)
        await said.status("Faulted", 0, minutes=4, errorCode="GroundFailure")
        await said.status("Available", 3, minutes=9)
        await said.status("Charging", 0, minutes=3)
        connectors = {row.evse_number: row for row in await lab.rows(Connector, station_id=station.ref.id)}
        assert {number: row.status for number, row in connectors.items()} == {1: "Unknown", 2: "Unknown", 3: "Charging"}
        assert connectors[3].status_at == moment(5)
        events = await lab.rows(StationEvent, station_id=station.ref.id)
        assert [(event.kind, event.severity) for event in events] == [
            ("station.faulted", "problem"),
            ("station.warning", "warning"),
        ]


@pytest.mark.case("X16_23")
@pytest.mark.parametrize("message", ["ConnectorUnplugged", "SetUserPrice", "RunningCost", "FinalCost"])
async def test_x16_23_the_cost_extension_is_not_claimed(lab: Lab, message: str) -> None:
    async with lab.station() as station:
        data = '{"transactionId": 1, "timestamp": "2026-01-01T00:00:00Z"}'
        payload = {"vendorId": "org.openchargealliance.costmsg", "messageId": message, "data": data}
        assert await station.call("DataTransfer", payload) == {"status": "UnknownVendorId"}


@pytest.mark.quirk(45)
async def test_transaction_ids_are_small_and_rise(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        ids = [await said.started(token, minutes=minutes, connector=2) for minutes in (3, 2, 1)]
        assert ids == sorted(ids)
        assert ids[-1] < 100_000


@pytest.mark.quirk(42)
@pytest.mark.case("DS_13")
async def test_meter_values_after_the_stop(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0)
        await said.stop(transaction_id, meter=500, minutes=1)
        await said.meter(value(0.5, {"value": "500"}), transactionId=transaction_id)
        assert [each.transaction_id for each in await values(lab, station)] == [transaction_id]
        row = await said.row(transaction_id)
        assert (row.is_open, row.energy_wh) == (False, 500)


@pytest.mark.quirk(46)
async def test_what_was_buffered_comes_at_once_and_in_any_order(lab: Lab) -> None:
    """30 messages in one breath: the samples, the stop, and only then the start is heard again."""
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0, minutes=60)
        samples = [value(minutes, {"value": str(100 * (60 - minutes))}) for minutes in range(30, 0, -1)]
        await asyncio.gather(*(said.meter(sample, transactionId=transaction_id) for sample in samples))
        await said.stop(transaction_id, meter=6000)
        assert (await said.start(token, meter=0, minutes=60))["transactionId"] == transaction_id
        assert len(await values(lab, station)) == 30
        assert (await said.row(transaction_id)).energy_wh == 6000

"""OCPP 1.6, Core: what an operator asks of a station, and alarms."""

import asyncio
from datetime import UTC, datetime

import pytest

from csms.commands.commands import GetVariables, SetVariable, SetVariables, TriggerMessage, VariableName
from csms.stations.service import set_registration
from models import (
    ChargingStation,
    Command,
    Connector,
    DesiredAvailability,
    Frame,
    MaintenanceJob,
    Registration,
    StationEvent,
    StationVariable,
    Transaction,
)
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json

NOW = "2026-01-01T10:00:00Z"


def status(connector: int, word: str, **more: str) -> Json:
    return {"connectorId": connector, "errorCode": "NoError", "status": word} | more


async def begin(lab: Lab, station: BenchStation) -> int:
    """A running transaction on connector 1."""
    token = await lab.token()
    await station.call("StatusNotification", status(1, "Preparing"))
    start = {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": NOW}
    answer = await station.call("StartTransaction", start)
    await station.call("StatusNotification", status(1, "Charging"))
    return answer["transactionId"]


@pytest.mark.parametrize(
    ("connector", "answer"),
    [
        pytest.param(1, "Unlocked", marks=pytest.mark.case("TC_017_1_CSMS")),
        pytest.param(1, "NotSupported", marks=pytest.mark.case("TC_017_2_CSMS")),
        pytest.param(1, "UnlockFailed", marks=pytest.mark.case("TC_030_CSMS")),
        pytest.param(9, "NotSupported", marks=pytest.mark.case("TC_031_CSMS")),
    ],
)
async def test_tc_017_tc_030_tc_031_unlock(lab: Lab, connector: int, answer: str) -> None:
    async with lab.station() as station:
        asked, result = await lab.operate(station, "UnlockConnector", {"connectorId": connector}, {"status": answer})
        assert asked.payload == {"connectorId": connector}
        assert (result.answer_status, result.succeeded) == (answer, answer == "Unlocked")
        assert (await lab.row(Command, station_id=station.ref.id)).answer_status == answer


@pytest.mark.case("TC_018_1_CSMS")
async def test_tc_018_1_unlock_with_session(lab: Lab) -> None:
    async with lab.station() as station:
        transaction_id = await begin(lab, station)
        _, result = await lab.operate(station, "UnlockConnector", {"connectorId": 1}, {"status": "Unlocked"})
        assert result.succeeded
        await station.call("StatusNotification", status(1, "Finishing"))
        stop = {"transactionId": transaction_id, "meterStop": 900, "timestamp": NOW, "reason": "UnlockCommand"}
        await station.call("StopTransaction", stop)
        await station.call("StatusNotification", status(1, "Available"))
        transaction = await lab.row(Transaction, id=transaction_id)
        assert (transaction.is_open, transaction.stop_reason) == (False, "UnlockCommand")


@pytest.mark.case("TC_019_1_CSMS")
async def test_tc_019_1_all_configuration_keys(lab: Lab) -> None:
    keys = [
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
        {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
        {"key": "VendorThing", "readonly": False, "value": " as 'is' "},
        {"key": "Empty", "readonly": False},
    ]
    async with lab.station() as station:
        asking = lab.ask(station, GetVariables())
        asked = await station.expect("GetConfiguration")
        assert asked.payload.get("key", []) == []
        await station.answer(asked, {"configurationKey": keys, "unknownKey": ["Nonsense"]})
        result = await asking
        assert result.succeeded
        rows = await lab.rows(StationVariable, station_id=station.ref.id)
        assert [(row.variable, row.value, row.mutability) for row in rows] == [
            ("HeartbeatInterval", "300", "ReadWrite"),
            ("NumberOfConnectors", "2", "ReadOnly"),
            ("VendorThing", " as 'is' ", "ReadWrite"),
            ("Empty", None, "ReadWrite"),
        ]
        command = await lab.row(Command, station_id=station.ref.id)
        assert command.answer is not None
        assert command.answer["unknownKey"] == ["Nonsense"]


@pytest.mark.case("TC_019_2_CSMS")
async def test_tc_019_2_one_configuration_key(lab: Lab) -> None:
    async with lab.station() as station:
        asking = lab.ask(station, GetVariables((VariableName("SupportedFeatureProfiles"),)))
        asked = await station.expect("GetConfiguration")
        assert asked.payload == {"key": ["SupportedFeatureProfiles"]}
        value = {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,RemoteTrigger"}
        await station.answer(asked, {"configurationKey": [value]})
        assert (await asking).succeeded
        assert (await lab.row(StationVariable, station_id=station.ref.id)).value == "Core,RemoteTrigger"


async def change(lab: Lab, station: BenchStation, value: str, answer: str) -> tuple[Json, StationVariable]:
    """Change the interval from 300 and return what was sent and what is stored."""
    known = StationVariable(station_id=station.ref.id, variable="MeterValueSampleInterval", value="300")
    known.reported_at = datetime(2026, 1, 1, tzinfo=UTC)
    await lab.add(known)
    asking = lab.ask(station, SetVariable("MeterValueSampleInterval", value))
    asked = await station.expect("ChangeConfiguration")
    await station.answer(asked, {"status": answer})
    assert (await asking).answer_status == answer
    return asked.payload, await lab.row(StationVariable, station_id=station.ref.id)


@pytest.mark.case("TC_021_CSMS")
async def test_tc_021_change_configuration(lab: Lab) -> None:
    async with lab.station() as station:
        sent, stored = await change(lab, station, "60", "Accepted")
        assert sent == {"key": "MeterValueSampleInterval", "value": "60"}
        assert (stored.value, stored.pending_value) == ("60", None)


@pytest.mark.case("TC_021_CSMS")
async def test_tc_021_change_configuration_in_force_after_a_reboot(lab: Lab) -> None:
    async with lab.station() as station:
        _, stored = await change(lab, station, "60", "RebootRequired")
        assert (stored.value, stored.pending_value) == ("300", "60")
        assert stored.pending_at is not None
        await station.boot()
        stored = await lab.row(StationVariable, station_id=station.ref.id)
        assert (stored.value, stored.pending_value) == ("60", None)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        pytest.param("60", "NotSupported", marks=pytest.mark.case("TC_040_1_CSMS")),
        pytest.param("-1 apples", "Rejected", marks=pytest.mark.case("TC_040_2_CSMS")),
    ],
)
async def test_tc_040_change_configuration_refused(lab: Lab, value: str, answer: str) -> None:
    async with lab.station() as station:
        sent, stored = await change(lab, station, value, answer)
        assert sent["value"] == value
        assert (stored.value, stored.pending_value) == ("300", None)


@pytest.mark.case("TC_024_CSMS")
async def test_tc_024_lock_failure(lab: Lab) -> None:
    async with lab.station() as station:
        token = await lab.token()
        assert (await station.call("Authorize", {"idTag": token}))["idTagInfo"]["status"] == "Accepted"
        await station.call("StatusNotification", status(1, "Preparing"))
        fault = status(1, "Faulted", info="Latch", vendorId="com.lock", vendorErrorCode="L7")
        assert await station.call("StatusNotification", fault | {"errorCode": "ConnectorLockFailure"}) == {}
        connector = await lab.row(Connector, station_id=station.ref.id, evse_number=1)
        assert (connector.status, connector.error_code, connector.info, connector.vendor_id) == (
            "Faulted",
            "ConnectorLockFailure",
            "Latch",
            "com.lock",
        )
        assert connector.vendor_error_code == "L7"
        alarm = await lab.row(StationEvent, station_id=station.ref.id)
        assert (alarm.kind, alarm.severity, alarm.resolved_at) == ("connector.faulted", "problem", None)
        assert "ConnectorLockFailure" in alarm.text
        await station.call("StatusNotification", status(1, "Available"))
        assert (await lab.row(StationEvent, station_id=station.ref.id)).resolved_at is not None


@pytest.mark.case("TC_064_CSMS")
@pytest.mark.quirk(30)
async def test_tc_064_data_transfer(lab: Lab) -> None:
    async with lab.station(accepted_vendors=["com.friend"]) as station:
        unknown = {"vendorId": "com.nobody", "messageId": "Hello", "data": '{"my_key":1}'}
        assert await station.call("DataTransfer", unknown) == {"status": "UnknownVendorId"}
        frames = await lab.rows(Frame, station_id=station.ref.id, action="DataTransfer")
        assert r"{\"my_key\":1}" in frames[0].text
        assert await station.call("DataTransfer", {"vendorId": "COM.Friend"}) == {"status": "Accepted"}
        greeting = {"vendorId": "EN+", "messageId": "gatewayInfo"}
        assert await station.call("DataTransfer", greeting) == {"status": "Accepted"}


@pytest.mark.case("TC_064_CSMS")
@pytest.mark.parametrize("answer", ["Accepted", "UnknownVendorId", "UnknownMessageId", "Rejected"])
async def test_data_transfer_to_a_station(lab: Lab, answer: str) -> None:
    payload = {"vendorId": "com.ours", "messageId": "Set", "data": "soc_level"}
    async with lab.station() as station:
        asked, result = await lab.operate(station, "DataTransfer", payload, {"status": answer})
        assert asked.payload == payload
        assert result.answer_status == answer


# ---- what goes beyond the lab's cases


async def decide(lab: Lab, station: BenchStation, registration: Registration) -> None:
    with tenant_scope(station.ref.tenant_id):
        await lab.platform.committer.run(
            lambda work: set_registration(work, station.ref, registration, lab.platform.clock.now())
        )


@pytest.mark.case("X16_11", "TR_90")
@pytest.mark.quirk(20)
async def test_x16_11_boot_pending(lab: Lab) -> None:
    async with lab.station(boot=False, registration="Pending") as station:
        answer = await station.boot()
        assert answer["status"] == "Pending"
        assert answer["interval"] > 0
        assert await station.refused("StatusNotification", status(1, "Available")) == "SecurityError"
        for action, payload, reply in (
            ("GetConfiguration", {}, {"configurationKey": []}),
            ("ChangeConfiguration", {"key": "A", "value": "1"}, {"status": "Accepted"}),
            ("TriggerMessage", {"requestedMessage": "BootNotification"}, {"status": "Accepted"}),
        ):
            _, result = await lab.operate(station, action, payload, reply)
            assert result.state == "answered"
        for action, payload in (
            ("RemoteStartTransaction", {"idTag": "X"}),
            ("RemoteStopTransaction", {"transactionId": 1}),
        ):
            result = await lab.ask(station, action, payload)
            assert result.state == "undelivered"
            assert "pending" in (result.error or "")
        await decide(lab, station, Registration.ACCEPTED)
        trigger = await station.expect("TriggerMessage")  # nobody is left waiting
        assert trigger.payload == {"requestedMessage": "BootNotification"}
        await station.answer(trigger, {"status": "Accepted"})
        assert (await station.boot())["status"] == "Accepted"
        assert await station.call("StatusNotification", status(1, "Available")) == {}


@pytest.mark.case("X16_12", "TR_92")
async def test_x16_12_boot_rejected(lab: Lab) -> None:
    async with lab.station(boot=False, registration="Rejected") as station:
        for _ in range(2):
            answer = await station.boot()
            assert answer["status"] == "Rejected"
            assert answer["interval"] > 0
        assert await station.refused("Heartbeat") == "SecurityError"
        result = await lab.ask(station, "TriggerMessage", {"requestedMessage": "BootNotification"})
        assert result.state == "undelivered"
        assert not station.was_asked("TriggerMessage")


@pytest.mark.case("X16_13")
async def test_x16_13_no_trigger_of_a_boot_that_took_place(lab: Lab) -> None:
    async with lab.station() as station:
        result = await lab.ask(station, TriggerMessage("BootNotification"))
        assert result.state == "undelivered"
        assert "booted" in (result.error or "")
        assert not station.was_asked("TriggerMessage")


@pytest.mark.case("X16_16")
async def test_x16_16_keys_are_asked_by_get_configuration_max_keys(lab: Lab) -> None:
    names = [f"Key{number}" for number in range(100)]
    async with lab.station() as station:
        await lab.add(
            StationVariable(
                station_id=station.ref.id,
                variable="getConfigurationMaxKeys",
                value=' "40" ',
                reported_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
        asking = lab.ask(station, GetVariables(tuple(map(VariableName, names))))
        asked: list[str] = []
        for count in (40, 40, 20):
            request = await station.expect("GetConfiguration")
            assert len(request.payload["key"]) == count
            asked += request.payload["key"]
            entries = [{"key": key, "readonly": True, "value": "1"} for key in request.payload["key"]]
            await station.answer(request, {"configurationKey": entries})
        result = await asking
        assert asked == names
        assert result.answer is not None
        assert len(result.answer["configurationKey"]) == 100
        assert len(await lab.rows(StationVariable, station_id=station.ref.id)) == 101


async def test_several_keys_are_changed_one_by_one(lab: Lab) -> None:
    async with lab.station() as station:
        asking = lab.ask(station, SetVariables((SetVariable("A", "1"), SetVariable("B", "2"))))
        for key, answer in (("A", "Accepted"), ("B", "Rejected")):
            request = await station.expect("ChangeConfiguration")
            assert request.payload["key"] == key
            await station.answer(request, {"status": answer})
        result = await asking
        assert (result.answer_status, result.succeeded) == (None, False)


@pytest.mark.case("X16_19")
@pytest.mark.parametrize("code", ["NotSupported", "NotImplemented", "FormationViolation"])
async def test_x16_19_a_callerror_is_an_outcome(lab: Lab, code: str) -> None:
    async with lab.station() as station:
        asking = lab.ask(station, "GetDiagnostics", {"location": "ftp://files.example/d"})
        await station.refuse(await station.expect("GetDiagnostics"), code, "no")
        result = await asking
        assert (result.state, result.answer_status) == ("refused", code)
        assert code in (result.error or "")
        assert await lab.rows(MaintenanceJob, station_id=station.ref.id) == []
        _, after = await lab.operate(station, "ClearCache", {}, {"status": "Accepted"})
        assert after.succeeded


@pytest.mark.quirk(29)
async def test_quirk_29_the_whole_of_a_station_with_one_connector(lab: Lab) -> None:
    async with lab.station(evses=1) as station:
        asking = asyncio.create_task(
            lab.platform.commands.change_availability(lab.operator, station.ref.id, operative=False)
        )
        first = await station.expect("ChangeAvailability")
        assert first.payload == {"connectorId": 0, "type": "Inoperative"}
        await station.answer(first, {"status": "Rejected"})
        second = await station.expect("ChangeAvailability")
        assert second.payload == {"connectorId": 1, "type": "Inoperative"}
        await station.answer(second, {"status": "Accepted"})
        assert (await asking).succeeded
        wanted = await lab.row(DesiredAvailability, station_id=station.ref.id)
        assert (wanted.evse_number, wanted.operative) == (1, False)


@pytest.mark.quirk(19, 66)
async def test_quirk_19_66_statuses_before_the_boot_and_in_bursts(lab: Lab) -> None:
    async with lab.station(boot=False) as station:
        await station.call("Heartbeat")
        for _ in range(5):
            fault = status(1, "Faulted") | {"errorCode": "GroundFailure"}
            assert await station.call("StatusNotification", fault) == {}
        assert (await station.boot())["status"] == "Accepted"
        assert len(await lab.rows(StationEvent, station_id=station.ref.id)) == 1
        assert (await lab.row(ChargingStation, id=station.ref.id)).last_seen_at is not None

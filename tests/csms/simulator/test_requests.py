"""Every request of the CSMS is answered truthfully, in the form its schema asks for.

`Central.ask` checks each answer against the schema.
"""

from typing import Any

import pytest

from csms.ocpp.codec import from_csms
from csms.ocpp.frames import CallError
from csms.ocpp.version import OcppVersion
from csms.simulator.plan import ConnectorPlan, EvsePlan
from csms.simulator.requests16 import Requests16
from csms.simulator.requests201 import Requests201
from csms.simulator.station import SimulatedStation
from tests.csms.simulator.central import Central
from tests.csms.simulator.conftest import BuildStation

CARD_201 = {"idToken": "CARD-1", "type": "ISO14443"}
PROFILE_16 = {
    "chargingProfileId": 5,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}, {"startPeriod": 60, "limit": 0.0}],
    },
}
PROFILE_201 = {
    "id": 5,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": [
        {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 4_000.0}]}
    ],
}


async def status_of(central: Central, action: str, payload: dict[str, Any]) -> str:
    answer = await central.ask(action, payload)
    assert not isinstance(answer, CallError), answer
    return answer["status"]


async def charging(station: SimulatedStation) -> None:
    await station.plug_in()
    await station.present_token(1, "CARD-1")
    await station.charge(20)


# ---- 1.6


async def test_16_remote_start_asks_for_authorization_and_stop_ends(
    station_16: SimulatedStation, central: Central
) -> None:
    await station_16.plug_in()
    assert await status_of(central, "RemoteStartTransaction", {"idTag": "APP-1", "connectorId": 1}) == "Accepted"
    await station_16.charge(20)
    assert central.actions().index("Authorize") < central.actions().index("StartTransaction")
    assert await status_of(central, "RemoteStopTransaction", {"transactionId": 999}) == "Rejected"
    assert await status_of(central, "RemoteStopTransaction", {"transactionId": 101}) == "Accepted"
    await station_16.settled()
    assert central.said("StopTransaction")[0]["reason"] == "Remote"


async def test_16_remote_start_without_authorization(station_16: SimulatedStation, central: Central) -> None:
    change = {"key": "AuthorizeRemoteTxRequests", "value": "false"}
    assert await status_of(central, "ChangeConfiguration", change) == "Accepted"
    await station_16.plug_in()
    assert await status_of(central, "RemoteStartTransaction", {"idTag": "APP-1"}) == "Accepted"
    await station_16.settled()
    assert central.said("Authorize") == []
    assert central.said("StartTransaction")[0]["idTag"] == "APP-1"


async def test_16_remote_start_where_none_is_possible(station_16: SimulatedStation, central: Central) -> None:
    assert await status_of(central, "RemoteStartTransaction", {"idTag": "A", "connectorId": 9}) == "Rejected"
    await station_16.fault()
    assert await status_of(central, "RemoteStartTransaction", {"idTag": "A"}) == "Rejected"


async def test_16_availability_is_scheduled_while_charging(station_16: SimulatedStation, central: Central) -> None:
    await charging(station_16)
    assert await status_of(central, "ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}) == "Scheduled"
    await station_16.present_token(1, "CARD-1")
    said = [(p["connectorId"], p["status"]) for p in central.said("StatusNotification")]
    assert {(0, "Unavailable"), (1, "Unavailable")} <= set(said)
    assert await status_of(central, "ChangeAvailability", {"connectorId": 1, "type": "Operative"}) == "Accepted"
    assert await status_of(central, "ChangeAvailability", {"connectorId": 7, "type": "Operative"}) == "Rejected"


@pytest.mark.parametrize(("kind", "reason"), [("Soft", "SoftReset"), ("Hard", "HardReset")])
async def test_16_reset(station_16: SimulatedStation, central: Central, kind: str, reason: str) -> None:
    await charging(station_16)
    assert await status_of(central, "Reset", {"type": kind}) == "Accepted"
    await station_16.charge(10)
    assert central.said("StopTransaction")[0]["reason"] == reason
    assert len(central.said("BootNotification")) == 2
    boot_last = len(central.actions()) - 1 - central.actions()[::-1].index("BootNotification")
    stop = central.actions().index("StopTransaction")
    assert (stop < boot_last) is (kind == "Soft")
    assert central.handshakes == 2


async def test_16_unlock(build: BuildStation, central: Central) -> None:
    cable = EvsePlan(50_000, (ConnectorPlan("IEC_62196_T2_COMBO", has_cable=True),))
    station = build(evses=(EvsePlan(), cable))
    await station.boot()
    await charging(station)
    assert await status_of(central, "UnlockConnector", {"connectorId": 1}) == "Unlocked"
    await station.settled()
    assert central.said("StopTransaction")[0]["reason"] == "UnlockCommand"
    assert await status_of(central, "UnlockConnector", {"connectorId": 2}) == "NotSupported"
    await station.fault("lock")
    assert await status_of(central, "UnlockConnector", {"connectorId": 1}) == "UnlockFailed"


async def test_16_trigger_message(station_16: SimulatedStation, central: Central) -> None:
    for message in ("BootNotification", "Heartbeat", "StatusNotification", "MeterValues"):
        central.calls.clear()
        assert await status_of(central, "TriggerMessage", {"requestedMessage": message}) == "Accepted"
        await station_16.settled()
        assert message in central.actions()
    for message in ("DiagnosticsStatusNotification", "FirmwareStatusNotification"):
        assert await status_of(central, "TriggerMessage", {"requestedMessage": message}) == "NotImplemented"
    far = {"requestedMessage": "StatusNotification", "connectorId": 4}
    assert await status_of(central, "TriggerMessage", far) == "Rejected"


async def test_16_configuration(build: BuildStation, central: Central) -> None:
    station = build(password="s3cret-password")
    await station.boot()
    answer = await central.ask("GetConfiguration", {})
    assert isinstance(answer, dict)
    keys = {item["key"]: item for item in answer["configurationKey"]}
    assert len(keys) > 25
    assert "value" not in keys["AuthorizationKey"]
    assert keys["NumberOfConnectors"] == {"key": "NumberOfConnectors", "readonly": True, "value": "1"}
    answer = await central.ask("GetConfiguration", {"key": ["heartbeatinterval", "NoSuchKey"]})
    assert isinstance(answer, dict)
    assert answer["unknownKey"] == ["NoSuchKey"]
    assert answer["configurationKey"][0]["value"] == "300"


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("MeterValueSampleInterval", "5", "Accepted"),
        ("MeterValueSampleInterval", "often", "Rejected"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Nonsense", "Rejected"),
        ("NumberOfConnectors", "4", "Rejected"),
        ("NoSuchKey", "1", "NotSupported"),
        ("WebSocketPingInterval", "60", "RebootRequired"),
    ],
)
async def test_16_change_configuration(
    station_16: SimulatedStation, central: Central, key: str, value: str, status: str
) -> None:
    assert await status_of(central, "ChangeConfiguration", {"key": key, "value": value}) == status


async def test_16_new_interval_holds_and_reboot_applies_the_rest(
    station_16: SimulatedStation, central: Central
) -> None:
    await central.ask("ChangeConfiguration", {"key": "MeterValueSampleInterval", "value": "5"})
    await central.ask("ChangeConfiguration", {"key": "WebSocketPingInterval", "value": "60"})
    await charging(station_16)
    assert len(central.said("MeterValues")) == 4
    await central.ask("Reset", {"type": "Hard"})
    await station_16.charge(10)
    answer = await central.ask("GetConfiguration", {"key": ["WebSocketPingInterval"]})
    assert isinstance(answer, dict)
    assert answer["configurationKey"][0]["value"] == "60"


async def test_16_charging_profile_limits_then_suspends(station_16: SimulatedStation, central: Central) -> None:
    await charging(station_16)
    profile = {"connectorId": 1, "csChargingProfiles": PROFILE_16}
    assert await status_of(central, "SetChargingProfile", profile) == "Accepted"
    await station_16.charge(40)
    assert station_16.core.evse(1).path.power_w == pytest.approx(6 * 230 * 3, rel=0.02)
    await station_16.charge(40)
    assert central.said("StatusNotification")[-1]["status"] == "SuspendedEVSE"
    assert await status_of(central, "ClearChargingProfile", {"id": 5}) == "Accepted"
    assert await status_of(central, "ClearChargingProfile", {"id": 5}) == "Unknown"
    await station_16.charge(20)
    assert central.said("StatusNotification")[-1]["status"] == "Charging"


async def test_clear_cache(station_16: SimulatedStation, central: Central) -> None:
    await charging(station_16)
    assert station_16.core.reader.known == {"card-1": "Accepted"}
    assert await status_of(central, "ClearCache", {}) == "Accepted"
    assert station_16.core.reader.known == {}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_data_transfer(build: BuildStation, central: Central, version: str) -> None:
    station = build(ocpp_version=version)
    await station.boot()
    assert await status_of(central, "DataTransfer", {"vendorId": "Nobody"}) == "UnknownVendorId"
    assert await status_of(central, "DataTransfer", {"vendorId": "Voltdeck", "messageId": "X"}) == "UnknownMessageId"
    echo = {"vendorId": "Voltdeck", "messageId": "Echo", "data": "hello"}
    assert await status_of(central, "DataTransfer", echo) == "Accepted"


# ---- 2.0.1


async def test_201_request_start_and_stop(station_201: SimulatedStation, central: Central) -> None:
    await station_201.plug_in()
    request = {"idToken": CARD_201, "remoteStartId": 77, "evseId": 1}
    assert await status_of(central, "RequestStartTransaction", request) == "Accepted"
    await station_201.charge(10)
    started = central.said("TransactionEvent")[0]
    assert started["triggerReason"] == "RemoteStart"
    assert started["transactionInfo"]["remoteStartId"] == 77
    assert await status_of(central, "RequestStartTransaction", request) == "Rejected"
    key = started["transactionInfo"]["transactionId"]
    assert await status_of(central, "RequestStopTransaction", {"transactionId": "other"}) == "Rejected"
    assert await status_of(central, "RequestStopTransaction", {"transactionId": key}) == "Accepted"
    await station_201.settled()
    assert central.said("TransactionEvent")[-1]["transactionInfo"]["stoppedReason"] == "Remote"


async def test_201_reset_waits_for_the_session_or_does_not(station_201: SimulatedStation, central: Central) -> None:
    await charging(station_201)
    assert await status_of(central, "Reset", {"type": "OnIdle"}) == "Scheduled"
    await station_201.present_token(1, "CARD-1")
    await station_201.charge(10)
    assert central.said("BootNotification")[-1]["reason"] == "RemoteReset"
    await station_201.unplug()
    await charging(station_201)
    assert await status_of(central, "Reset", {"type": "Immediate"}) == "Accepted"
    await station_201.charge(10)
    assert central.said("TransactionEvent")[-1]["transactionInfo"]["stoppedReason"] == "ImmediateReset"
    assert len(central.said("BootNotification")) == 3


async def test_201_reset_of_one_evse(station_201: SimulatedStation, central: Central) -> None:
    await charging(station_201)
    assert await status_of(central, "Reset", {"type": "OnIdle", "evseId": 1}) == "Rejected"
    assert await status_of(central, "Reset", {"type": "Immediate", "evseId": 9}) == "Rejected"
    assert await status_of(central, "Reset", {"type": "Immediate", "evseId": 1}) == "Accepted"
    await station_201.settled()
    assert central.said("TransactionEvent")[-1]["eventType"] == "Ended"
    assert central.handshakes == 1


async def test_201_availability(station_201: SimulatedStation, central: Central) -> None:
    down = {"operationalStatus": "Inoperative", "evse": {"id": 1}}
    assert await status_of(central, "ChangeAvailability", down) == "Accepted"
    await station_201.settled()
    assert central.said("StatusNotification")[-1]["connectorStatus"] == "Unavailable"
    assert await status_of(central, "ChangeAvailability", {"operationalStatus": "Operative"}) == "Accepted"
    await charging(station_201)
    assert await status_of(central, "ChangeAvailability", down) == "Scheduled"
    far = {"operationalStatus": "Operative", "evse": {"id": 8}}
    assert await status_of(central, "ChangeAvailability", far) == "Rejected"


async def test_201_unlock(station_201: SimulatedStation, central: Central) -> None:
    assert await status_of(central, "UnlockConnector", {"evseId": 1, "connectorId": 1}) == "Unlocked"
    assert await status_of(central, "UnlockConnector", {"evseId": 1, "connectorId": 2}) == "UnknownConnector"
    await charging(station_201)
    unlock = {"evseId": 1, "connectorId": 1}
    assert await status_of(central, "UnlockConnector", unlock) == "OngoingAuthorizedTransaction"


async def test_201_trigger_message(station_201: SimulatedStation, central: Central) -> None:
    await charging(station_201)
    for message in ("Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent"):
        central.calls.clear()
        assert await status_of(central, "TriggerMessage", {"requestedMessage": message}) == "Accepted"
        await station_201.settled()
        assert message in central.actions()
    assert await status_of(central, "TriggerMessage", {"requestedMessage": "BootNotification"}) == "Rejected"
    assert await status_of(central, "TriggerMessage", {"requestedMessage": "SignV2GCertificate"}) == "NotImplemented"


async def test_201_get_variables(build: BuildStation, central: Central) -> None:
    station = build(ocpp_version="2.0.1", password="s3cret-password")
    await station.boot()
    asked = [
        ("OCPPCommCtrlr", "HeartbeatInterval", {}),
        ("Nonsense", "HeartbeatInterval", {}),
        ("OCPPCommCtrlr", "Nonsense", {}),
        ("SecurityCtrlr", "BasicAuthPassword", {}),
        ("OCPPCommCtrlr", "HeartbeatInterval", {"attributeType": "MaxSet"}),
    ]
    rows = [{"component": {"name": c}, "variable": {"name": v}, **more} for c, v, more in asked]
    answer = await central.ask("GetVariables", {"getVariableData": rows})
    assert isinstance(answer, dict)
    results = answer["getVariableResult"]
    expected = ["Accepted", "UnknownComponent", "UnknownVariable", "Rejected", "NotSupportedAttributeType"]
    assert [result["attributeStatus"] for result in results] == expected
    assert results[0]["attributeValue"] == "300"


async def test_201_set_variables(station_201: SimulatedStation, central: Central) -> None:
    asked = [
        ("SampledDataCtrlr", "TxUpdatedInterval", "5"),
        ("SampledDataCtrlr", "TxUpdatedInterval", "soon"),
        ("TxCtrlr", "TxStartPoint", "PowerPathClosed"),
        ("LocalModem", "APN", "new.example"),
        ("Nonsense", "X", "1"),
        ("TxCtrlr", "X", "1"),
    ]
    rows = [{"component": {"name": c}, "variable": {"name": v}, "attributeValue": value} for c, v, value in asked]
    answer = await central.ask("SetVariables", {"setVariableData": rows})
    assert isinstance(answer, dict)
    statuses = [result["attributeStatus"] for result in answer["setVariableResult"]]
    assert statuses == ["Accepted", "Rejected", "Rejected", "RebootRequired", "UnknownComponent", "UnknownVariable"]
    assert station_201.core.face.sample_interval_s == 5


@pytest.mark.parametrize(
    ("base", "least", "most"),
    [("FullInventory", 45, 80), ("ConfigurationInventory", 15, 40), ("SummaryInventory", 3, 12)],
)
async def test_201_base_report(
    station_201: SimulatedStation, central: Central, base: str, least: int, most: int
) -> None:
    assert await status_of(central, "GetBaseReport", {"requestId": 31, "reportBase": base}) == "Accepted"
    await station_201.settled()
    parts = central.said("NotifyReport")
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False]
    assert {part["requestId"] for part in parts} == {31}
    assert least <= sum(len(part["reportData"]) for part in parts) <= most


async def test_201_charging_profile(station_201: SimulatedStation, central: Central) -> None:
    await charging(station_201)
    assert await status_of(central, "SetChargingProfile", {"evseId": 1, "chargingProfile": PROFILE_201}) == "Accepted"
    await station_201.charge(30)
    assert station_201.core.evse(1).path.power_w == pytest.approx(4_000, rel=0.02)
    assert await status_of(central, "ClearChargingProfile", {"chargingProfileId": 5}) == "Accepted"
    tx_profile = PROFILE_201 | {"chargingProfilePurpose": "TxProfile", "transactionId": "x"}
    await station_201.present_token(1, "CARD-1")
    assert await status_of(central, "SetChargingProfile", {"evseId": 1, "chargingProfile": tx_profile}) == "Rejected"


async def test_201_transaction_status(station_201: SimulatedStation, central: Central) -> None:
    await charging(station_201)
    key = central.said("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    answer = await central.ask("GetTransactionStatus", {"transactionId": key})
    assert answer == {"ongoingIndicator": True, "messagesInQueue": False}
    assert await central.ask("GetTransactionStatus", {}) == {"messagesInQueue": False}


# ---- everything else

UNSERVED = [
    ("1.6", "GetDiagnostics", {"location": "ftp://files.example/"}),
    ("1.6", "SendLocalList", {"listVersion": 1, "updateType": "Full"}),
    ("2.0.1", "GetLocalListVersion", {}),
    ("2.0.1", "GetMonitoringReport", {"requestId": 1}),
]


@pytest.mark.parametrize(("version", "action", "payload"), UNSERVED)
async def test_what_it_does_not_support(
    build: BuildStation, central: Central, version: str, action: str, payload: dict[str, Any]
) -> None:
    station = build(ocpp_version=version)
    await station.boot()
    answer = await central.ask(action, payload)
    assert isinstance(answer, CallError)
    assert answer.code == "NotSupported"


async def test_every_served_action_is_one_the_csms_may_send(
    station_16: SimulatedStation, station_201: SimulatedStation
) -> None:
    served_16 = set(Requests16(station_16.core, None)._handlers)  # type: ignore[arg-type]
    served_201 = set(Requests201(station_201.core, None)._handlers)  # type: ignore[arg-type]
    assert served_16 <= from_csms(OcppVersion.V16) | {"DataTransfer"}
    assert served_201 <= from_csms(OcppVersion.V201) | {"DataTransfer"}

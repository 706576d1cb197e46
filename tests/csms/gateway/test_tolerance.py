"""What breaks its schema and is understood all the same (TR_50)."""

from typing import Any

import pytest

from csms.gateway.tolerance.repair import Repaired, repair
from csms.ocpp.codec import violation_of
from csms.ocpp.version import OcppVersion
from csms.stations.remarks import Kind

V16, V201 = OcppVersion.V16, OcppVersion.V201
BOOT = {"chargePointVendor": "Vendor", "chargePointModel": "Model"}
BOOT_2 = {"reason": "PowerUp", "chargingStation": {"vendorName": "Vendor", "model": "Model"}}
START = {"connectorId": 1, "idTag": "CARD", "meterStart": 100, "timestamp": "2026-01-01T00:00:00Z"}
STOP = {"transactionId": 7, "meterStop": 200, "timestamp": "2026-01-01T01:00:00Z"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
EVENT = {
    "eventType": "Updated",
    "timestamp": "2026-01-01T00:00:00Z",
    "triggerReason": "MeterValuePeriodic",
    "seqNo": 3,
    "transactionInfo": {"transactionId": "T-1"},
}


def repaired(version: OcppVersion, action: str, payload: dict[str, Any]) -> Repaired:
    """The repair of a payload that needs one; the payload itself stays as it is."""
    before = repr(payload)
    assert violation_of(version, action, "request", payload) is not None
    found = repair(version, action, payload)
    assert found is not None
    assert repr(payload) == before
    assert found.remarks
    return found


@pytest.mark.quirk(21)
def test_an_over_long_serial_number_is_kept_whole() -> None:
    found = repaired(
        V16, "BootNotification", BOOT | {"chargePointSerialNumber": "S" * 33, "chargePointModel": "M" * 22}
    )
    assert found.payload["chargePointSerialNumber"] == "S" * 33
    assert {(remark.kind, remark.subject) for remark in found.remarks} == {
        (Kind.TOO_LONG, "BootNotification.chargePointSerialNumber"),
        (Kind.TOO_LONG, "BootNotification.chargePointModel"),
    }
    assert found.remarks[0].example == "M" * 22 or found.remarks[0].example == "S" * 33


def test_other_texts_are_cut_to_their_length() -> None:
    found = repaired(V16, "StatusNotification", STATUS | {"info": "x" * 60})
    assert found.payload["info"] == "x" * 50
    assert violation_of(V16, "StatusNotification", "request", found.payload) is None


@pytest.mark.quirk(22)
@pytest.mark.parametrize(
    ("version", "action", "payload"),
    [
        (V16, "BootNotification", BOOT | {"connectors": [1, 2]}),
        (V16, "Heartbeat", {"more": 1}),
        (V201, "BootNotification", BOOT_2 | {"connectors": [1, 2]}),
        (V201, "TransactionEvent", EVENT | {"evse": {"id": 1, "power": 5}}),
    ],
)
def test_unknown_fields_are_passed_over(version: OcppVersion, action: str, payload: dict[str, Any]) -> None:
    found = repaired(version, action, payload)
    assert violation_of(version, action, "request", found.payload) is None
    assert [remark.kind for remark in found.remarks] == [Kind.UNKNOWN_FIELD]


@pytest.mark.quirk(52)
@pytest.mark.parametrize(
    ("sent", "read"), [(100.0, 100), ("100", 100), (" 100 ", 100), ("100.4", 100), (99.5, 100), ("100,6", 101)]
)
def test_numbers_are_read_whatever_their_type(sent: Any, read: int) -> None:
    found = repair(V16, "StartTransaction", START | {"meterStart": sent})
    assert found is not None
    assert found.payload["meterStart"] == read


@pytest.mark.parametrize("sent", ["", "abc", None, [], True, "1e999", float("inf")])
def test_a_register_that_cannot_be_read_is_unknown_and_the_start_is_not_lost(sent: Any) -> None:
    found = repaired(V16, "StartTransaction", START | {"meterStart": sent})
    assert found.payload == START | {"meterStart": None}


@pytest.mark.parametrize("name", list(START))
def test_a_start_may_lack_anything(name: str) -> None:
    payload = {key: value for key, value in START.items() if key != name}
    found = repaired(V16, "StartTransaction", payload)
    assert found.payload.keys() == START.keys()
    assert [remark.kind for remark in found.remarks] == [Kind.MISSING_FIELD]


@pytest.mark.parametrize("name", list(STOP))
def test_a_stop_may_lack_anything(name: str) -> None:
    payload = {key: value for key, value in STOP.items() if key != name}
    assert repaired(V16, "StopTransaction", payload).payload.keys() == STOP.keys()


@pytest.mark.parametrize("name", ["eventType", "timestamp", "triggerReason", "seqNo"])
def test_an_event_may_lack_all_but_its_transaction(name: str) -> None:
    payload = {key: value for key, value in EVENT.items() if key != name}
    assert repaired(V201, "TransactionEvent", payload).payload.keys() == EVENT.keys()


def test_an_event_without_its_transaction_cannot_be_placed() -> None:
    assert repair(V201, "TransactionEvent", EVENT | {"transactionInfo": {}}) is None


@pytest.mark.quirk(53)
@pytest.mark.parametrize(
    "sample",
    [
        {"value": 5},
        {"value": 5.5},
        {"value": "5", "unit": "Hz"},
        {"value": "5", "unit": "Amp"},
        {"value": "5", "measurand": "Voltage", "unit": "Volt"},
        {"value": "5", "unit": ""},
        {"value": "5", "phase": "L9", "invented": True},
    ],
)
def test_meter_values_are_left_to_their_reader(sample: dict[str, Any]) -> None:
    values = [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [sample]}]
    found = repaired(V16, "MeterValues", {"connectorId": 1, "meterValue": values})
    assert found.payload["meterValue"] == values
    assert [remark.kind for remark in found.remarks] == [Kind.METER_VALUES]
    assert repaired(V16, "StopTransaction", STOP | {"transactionData": values}).payload["transactionData"] == values


@pytest.mark.quirk(52)
def test_a_text_for_a_number_in_2_x_meter_values() -> None:
    values = [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": "5.5"}]}]
    assert repaired(V201, "TransactionEvent", EVENT | {"meterValue": values}).payload["meterValue"] == values


@pytest.mark.quirk(62)
def test_an_unknown_error_code_is_kept() -> None:
    found = repaired(V16, "StatusNotification", STATUS | {"errorCode": "Error"})
    assert found.payload["errorCode"] == "Error"


@pytest.mark.parametrize(
    ("version", "action", "payload", "path", "meant"),
    [
        (V16, "StatusNotification", STATUS | {"status": "available"}, "status", "Available"),
        (V16, "StopTransaction", STOP | {"reason": "Because"}, "reason", "Other"),
        (V201, "BootNotification", BOOT_2 | {"reason": "Mood"}, "reason", "Unknown"),
        (V201, "TransactionEvent", EVENT | {"triggerReason": "Mood"}, "triggerReason", "Trigger"),
    ],
)
def test_words_outside_an_enumeration(
    version: OcppVersion, action: str, payload: dict[str, Any], path: str, meant: str
) -> None:
    found = repaired(version, action, payload)
    assert found.payload[path] == meant
    [remark] = found.remarks
    assert (remark.kind, remark.example) == (Kind.UNKNOWN_VALUE, payload[path])


def test_a_token_is_never_cut_or_converted_to_another() -> None:
    assert repair(V16, "Authorize", {"idTag": "x" * 21}) is None
    assert repair(V16, "Authorize", {"idTag": 5}) is None
    assert repaired(V16, "StartTransaction", START | {"idTag": "x" * 21}).payload["idTag"] == "x" * 21
    assert repaired(V16, "StartTransaction", START | {"idTag": 5}).payload["idTag"] == "5"


def test_a_long_transaction_id_gets_a_short_one_of_its_own() -> None:
    first = repaired(V201, "TransactionEvent", EVENT | {"transactionInfo": {"transactionId": "x" * 40 + "1"}})
    other = repaired(V201, "TransactionEvent", EVENT | {"transactionInfo": {"transactionId": "x" * 40 + "2"}})
    ids = [found.payload["transactionInfo"]["transactionId"] for found in (first, other)]
    assert [len(each) for each in ids] == [36, 36]
    assert ids[0] != ids[1]


@pytest.mark.quirk(5)
@pytest.mark.parametrize(
    ("action", "payload", "meant"),
    [
        ("BootNotification", BOOT, BOOT_2 | {"reason": "Unknown"}),
        (
            "StatusNotification",
            STATUS | {"status": "Charging"},
            {"timestamp": "", "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1},
        ),
        ("Authorize", {"idTag": "CARD"}, {"idToken": {"idToken": "CARD", "type": "ISO14443"}}),
    ],
)
def test_1_6_written_under_2_x_is_translated(action: str, payload: dict[str, Any], meant: dict[str, Any]) -> None:
    found = repaired(V201, action, payload)
    assert found.payload == meant
    assert found.remarks[0].kind == Kind.OTHER_VERSION


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("BootNotification", {}),
        ("BootNotification", {"chargePointVendor": {}, "chargePointModel": "M"}),
        ("StatusNotification", STATUS | {"connectorId": "one"}),
        ("StatusNotification", STATUS | {"connectorId": 1.5}),
        ("StatusNotification", STATUS | {"status": "Dancing"}),
        ("Heartbeat", []),
    ],
)
def test_what_would_be_guessing_is_not_repaired(action: str, payload: Any) -> None:
    assert repair(V16, action, payload) is None


def test_no_secret_becomes_an_example() -> None:
    found = repaired(V16, "BootNotification", BOOT | {"wifiPassword": "hush", "settings": {"password": "hush"}})
    assert "hush" not in repr(found.remarks)

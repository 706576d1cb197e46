import json
from decimal import Decimal
from importlib.resources import files

import pytest

from csms.ocpp.codec import Schema, actions_of, dialect_of, from_csms, from_station, violation_of
from csms.ocpp.errors import ErrorCode
from csms.ocpp.version import OcppVersion
from tests.csms.ocpp.samples import EVENT, METER_VALUES, START

FOLDERS = {OcppVersion.V16: "v16", OcppVersion.V201: "v201", OcppVersion.V21: "v21"}


@pytest.mark.parametrize(("version", "requests", "responses"), [("1.6", 39, 39), ("2.0.1", 64, 64), ("2.1", 91, 90)])
def test_every_schema_of_every_version_is_compiled(version, requests, responses):
    schemas = dialect_of(OcppVersion(version)).schemas
    on_disk = [f for f in (files("ocpp") / FOLDERS[OcppVersion(version)] / "schemas").iterdir() if f.is_file()]
    assert (len(schemas["request"]), len(schemas["response"])) == (requests, responses)
    assert len(on_disk) == requests + responses


@pytest.mark.parametrize("version", list(OcppVersion))
def test_every_schema_asks_for_an_object(version):
    for kind in ("request", "response"):
        for action, schema in dialect_of(version).schemas[kind].items():
            for payload in ([], None, "text", 1, True):
                violation = schema.violation(payload)
                assert violation is not None, action
                assert violation.code is ErrorCode.TYPE_CONSTRAINT_VIOLATION


@pytest.mark.parametrize("version", list(OcppVersion))
def test_every_action_has_a_sender(version):
    assert from_station(version) | from_csms(version) == actions_of(version)
    assert from_station(version) & from_csms(version) == {"DataTransfer"}


@pytest.mark.parametrize(("version", "module"), [("1.6", "v16"), ("2.0.1", "v201"), ("2.1", "v21")])
def test_actions_are_those_the_package_has_classes_for(version, module):
    package = __import__(f"ocpp.{module}.enums", fromlist=["Action"])
    # The package knows no SEND; see LB_15 for why the class is missing.
    known = {action.value for action in package.Action} - {"NotifyPeriodicEventStream"}
    assert actions_of(OcppVersion(version)) - {"NotifyPeriodicEventStream"} == known


@pytest.mark.parametrize("version", list(OcppVersion))
def test_actions_said_to_take_empty_answers_do(version):
    dialect = dialect_of(version)
    assert {"MeterValues", "StatusNotification"} <= dialect.accepts_empty
    assert "BootNotification" not in dialect.accepts_empty
    assert all(dialect.schemas["response"][action].violation({}) is None for action in dialect.accepts_empty)


MISSING = {key: value for key, value in START.items() if key != "idTag"}
BREACHES_16 = [
    ("StartTransaction", MISSING, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "", "payload: idTag is required"),
    ("StartTransaction", START | {"connectorId": "1"}, ErrorCode.TYPE_CONSTRAINT_VIOLATION, "connectorId", "integer"),
    ("StartTransaction", START | {"connectorId": 5.0}, ErrorCode.TYPE_CONSTRAINT_VIOLATION, "connectorId", "integer"),
    (
        "StartTransaction",
        START | {"idTag": "x" * 21},
        ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
        "idTag",
        "longer than 20",
    ),
    ("StartTransaction", START | {"colour": "red"}, ErrorCode.FORMAT_VIOLATION, "", "colour is not a known field"),
    ("Reset", {"type": "Warm"}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "type", "not one of the allowed values"),
    (
        "MeterValues",
        {"connectorId": 1, "meterValue": [{"timestamp": "2026-11-22T10:00:00Z", "sampledValue": [{"value": 5}]}]},
        ErrorCode.TYPE_CONSTRAINT_VIOLATION,
        "meterValue/0/sampledValue/0/value",
        "string",
    ),
]


@pytest.mark.parametrize(("action", "payload", "code", "path", "text"), BREACHES_16)
def test_tr_48_breaches_of_a_1_6_schema(action, payload, code, path, text):
    violation = violation_of(OcppVersion.V16, action, "request", payload)
    assert (violation.code, violation.path) == (code, path)
    assert text in violation.description


BREACHES_2X = [
    ({"seqNo": None}, ErrorCode.TYPE_CONSTRAINT_VIOLATION, "seqNo"),
    ({"eventType": "Paused"}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "eventType"),
    ({"meterValue": []}, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "meterValue"),
    ({"transactionInfo": {}}, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "transactionInfo"),
    (
        {"transactionInfo": {"transactionId": "x" * 37}},
        ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
        "transactionInfo/transactionId",
    ),
    ({"surprise": 1}, ErrorCode.FORMAT_VIOLATION, ""),
]


@pytest.mark.parametrize("version", [OcppVersion.V201, OcppVersion.V21])
@pytest.mark.parametrize(("change", "code", "path"), BREACHES_2X)
def test_tr_49_breaches_of_a_2_x_schema(version, change, code, path):
    violation = violation_of(version, "TransactionEvent", "request", EVENT | change)
    assert (violation.code, violation.path) == (code, path)


def test_tr_51_a_violation_does_not_quote_values():
    for change in ({"idTag": "secret-" * 9}, {"timestamp": ["secret-"]}, {"connectorId": "secret-"}):
        violation = violation_of(OcppVersion.V16, "StartTransaction", "request", START | change)
        assert "secret-" not in violation.description


def test_valid_payloads_have_no_violation():
    assert violation_of(OcppVersion.V16, "StartTransaction", "request", START) is None
    assert violation_of(OcppVersion.V16, "MeterValues", "request", METER_VALUES) is None
    assert violation_of(OcppVersion.V201, "TransactionEvent", "request", EVENT) is None
    assert violation_of(OcppVersion.V201, "TransactionEvent", "response", {"totalCost": Decimal("12.35")}) is None


@pytest.mark.parametrize("limit", [8.1, 16.0, 0.1, 1999.9, 32])
def test_one_decimal_limits_are_valid(limit):
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
    }
    payload = {"connectorId": 1, "csChargingProfiles": profile}
    assert violation_of(OcppVersion.V16, "SetChargingProfile", "request", payload) is None


def test_times_are_not_the_schema_s_business():
    payload = START | {"timestamp": "2026-11-22 10:00"}
    assert violation_of(OcppVersion.V16, "StartTransaction", "request", payload) is None


def test_custom_data_and_vendor_keys_are_left_alone():
    payload = {"vendorId": "x", "customData": {"vendorId": "x", "my_key": 1, "socLevel": 2}}
    before = json.dumps(payload)
    assert violation_of(OcppVersion.V201, "DataTransfer", "request", payload) is None
    assert json.dumps(payload) == before


def test_what_is_no_json_is_a_violation():
    assert Schema({"type": "object"}).violation({1: 2}).code is ErrorCode.FORMAT_VIOLATION


def test_an_unknown_action_is_a_key_error():
    with pytest.raises(KeyError):
        violation_of(OcppVersion.V16, "TransactionEvent", "request", {})

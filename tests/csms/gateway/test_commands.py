"""Every command as a request of each version: exact payloads, valid against the schema, fields in order."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from csms.clock import ManualClock
from csms.commands.commands import (
    ChangeAvailability,
    ClearCache,
    GetVariables,
    RawRequest,
    RequestStart,
    RequestStop,
    Reset,
    SetVariable,
    StationCommand,
    TriggerMessage,
    UnlockConnector,
    VariableName,
)
from csms.errors import InvalidInputError
from csms.gateway.asking import Asking
from csms.gateway.device_model import variables_read, variables_written
from csms.gateway.v16 import commands as v16_commands
from csms.gateway.v201 import commands as v201_commands
from csms.gateway.wire import status_in
from csms.ocpp.codec import violation_of
from csms.ocpp.requests import Priority
from csms.ocpp.version import OcppVersion
from csms.stations.ref import StationRef

ASKING = Asking(StationRef(1, 1, 1, "S"), ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), 30.0, {})

CASES_16: list[tuple[StationCommand, str, str]] = [
    (RequestStart(1, "CARD", "ISO14443", 7), "RemoteStartTransaction", '{"connectorId":1,"idTag":"CARD"}'),
    (RequestStart(None, "CARD", "ISO14443", 7), "RemoteStartTransaction", '{"idTag":"CARD"}'),
    (RequestStop("12"), "RemoteStopTransaction", '{"transactionId":12}'),
    (ChangeAvailability(None, None, True), "ChangeAvailability", '{"connectorId":0,"type":"Operative"}'),
    (ChangeAvailability(2, 1, False), "ChangeAvailability", '{"connectorId":2,"type":"Inoperative"}'),
    (Reset(True), "Reset", '{"type":"Hard"}'),
    (Reset(False), "Reset", '{"type":"Soft"}'),
    (UnlockConnector(2, 1), "UnlockConnector", '{"connectorId":2}'),
    (TriggerMessage("MeterValues", 1), "TriggerMessage", '{"requestedMessage":"MeterValues","connectorId":1}'),
    (TriggerMessage("Heartbeat"), "TriggerMessage", '{"requestedMessage":"Heartbeat"}'),
    (GetVariables(), "GetConfiguration", "{}"),
    (GetVariables((VariableName("HeartbeatInterval"),)), "GetConfiguration", '{"key":["HeartbeatInterval"]}'),
    (SetVariable("HeartbeatInterval", "60"), "ChangeConfiguration", '{"key":"HeartbeatInterval","value":"60"}'),
    (ClearCache(), "ClearCache", "{}"),
    (RawRequest("GetLocalListVersion"), "GetLocalListVersion", "{}"),
]
CASES_201: list[tuple[StationCommand, str, str]] = [
    (
        RequestStart(1, "CARD", "ISO14443", 7),
        "RequestStartTransaction",
        '{"evseId":1,"remoteStartId":7,"idToken":{"idToken":"CARD","type":"ISO14443"}}',
    ),
    (RequestStop("abc"), "RequestStopTransaction", '{"transactionId":"abc"}'),
    (ChangeAvailability(None, None, True), "ChangeAvailability", '{"operationalStatus":"Operative"}'),
    (
        ChangeAvailability(2, 1, False),
        "ChangeAvailability",
        '{"operationalStatus":"Inoperative","evse":{"id":2,"connectorId":1}}',
    ),
    (Reset(True), "Reset", '{"type":"Immediate"}'),
    (Reset(False, 1), "Reset", '{"type":"OnIdle","evseId":1}'),
    (UnlockConnector(2, 1), "UnlockConnector", '{"evseId":2,"connectorId":1}'),
    (TriggerMessage("MeterValues", 1), "TriggerMessage", '{"requestedMessage":"MeterValues","evse":{"id":1}}'),
    (
        GetVariables((VariableName("Interval", "HeartbeatCtrlr", attribute="Target"),)),
        "GetVariables",
        '{"getVariableData":[{"attributeType":"Target","component":{"name":"HeartbeatCtrlr"},'
        '"variable":{"name":"Interval"}}]}',
    ),
    (
        SetVariable("Power", "5", "EVSE", evse_number=1, variable_instance="a"),
        "SetVariables",
        '{"setVariableData":[{"attributeValue":"5","component":{"name":"EVSE","evse":{"id":1}},'
        '"variable":{"name":"Power","instance":"a"}}]}',
    ),
    (ClearCache(), "ClearCache", "{}"),
]


@pytest.mark.parametrize(("command", "action", "payload"), CASES_16)
def test_a_command_in_1_6(command: StationCommand, action: str, payload: str) -> None:
    question = v16_commands.encode(command, ASKING)
    assert (question.action, orjson.dumps(question.payload).decode()) == (action, payload)
    assert violation_of(OcppVersion.V16, action, "request", question.payload) is None


@pytest.mark.parametrize(("command", "action", "payload"), CASES_201)
def test_a_command_in_2_0_1(command: StationCommand, action: str, payload: str) -> None:
    question = v201_commands.encode(command, ASKING)
    assert (question.action, orjson.dumps(question.payload).decode()) == (action, payload)
    assert violation_of(OcppVersion.V201, action, "request", question.payload) is None


def test_all_variables_of_2_0_1_come_as_a_report_with_more_time() -> None:
    question = v201_commands.encode(GetVariables(), ASKING)
    assert (question.action, question.payload["reportBase"]) == ("GetBaseReport", "FullInventory")
    assert violation_of(OcppVersion.V201, question.action, "request", question.payload) is None
    assert (question.priority, question.timeout_s) == (Priority.BULK, 60.0)


def test_stopping_goes_first() -> None:
    stop, start = (v16_commands.encode(command, ASKING) for command in (RequestStop("1"), CASES_16[0][0]))
    assert stop.priority < start.priority < v16_commands.encode(ClearCache(), ASKING).priority


@pytest.mark.parametrize("command", [RequestStop("abc"), Reset(True, 1)])
def test_what_1_6_cannot_say_is_refused_in_words(command: StationCommand) -> None:
    with pytest.raises(InvalidInputError, match=r"OCPP 1\.6"):
        v16_commands.encode(command, ASKING)


def test_a_variable_of_2_0_1_needs_its_component() -> None:
    with pytest.raises(InvalidInputError, match="component"):
        v201_commands.encode(SetVariable("Interval", "5"), ASKING)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"status": "Accepted"}, "Accepted"),
        ({}, None),
        ({"configurationKey": []}, None),
        ({"setVariableResult": [{"attributeStatus": "Rejected"}]}, "Rejected"),
        ({"setVariableResult": [{"attributeStatus": "Rejected"}, {"attributeStatus": "Accepted"}]}, None),
    ],
)
def test_the_word_an_answer_comes_down_to(answer: dict[str, Any], status: str | None) -> None:
    assert status_in(answer) == status


def test_only_accepted_variables_teach_us_something() -> None:
    component, good, bad = {"name": "C"}, {"name": "Good"}, {"name": "Bad"}
    results = [
        {"attributeStatus": "Accepted", "attributeValue": "1", "component": component, "variable": good},
        {"attributeStatus": "UnknownVariable", "component": component, "variable": bad},
    ]
    asked = [
        {"attributeValue": "1", "component": component, "variable": good},
        {"attributeValue": "2", "component": component, "variable": bad},
    ]
    assert [(report.variable, report.value) for report in variables_read(results)] == [("Good", "1")]
    assert [(report.variable, report.value) for report in variables_written(asked, results)] == [("Good", "1")]

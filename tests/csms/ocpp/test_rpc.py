"""Receiving and answering: what becomes of each frame, by the rules of OCPP-J (TR_40 to TR_54)."""

import json

import pytest

from csms.ocpp.errors import ErrorCode, SchemaViolationError
from csms.ocpp.frames import Call
from csms.ocpp.rpc import Ignored, Received, Reply, Role, RpcPeer
from csms.ocpp.version import OcppVersion
from tests.csms.ocpp.samples import EVENT, METER_VALUES, START, STARTED, call

V16, V201, V21 = OcppVersion
V2X = [V201, V21]
LATEST = {"currentTime": "2026-11-22T10:00:00.000Z"}


def csms(version: OcppVersion) -> RpcPeer:
    return RpcPeer(version, Role.CSMS)


def refusal(event) -> list:
    assert isinstance(event, Reply)
    assert event.code is not None
    frame = json.loads(event.text)
    assert frame[0] == 4
    assert frame[2] == event.code
    assert 0 < len(frame[3]) <= 255
    assert frame[4] == {}
    return [frame[1], frame[2]]


@pytest.mark.parametrize("version", list(OcppVersion))
def test_a_valid_call_is_received_and_answered(version):
    peer = csms(version)
    event = peer.receive('[2,"a1","Heartbeat",{}]', 0.0)
    assert event == Received(Call("a1", "Heartbeat", {}, '[2,"a1","Heartbeat",{}]'))
    assert peer.reply(event.call, LATEST) == ['[3,"a1",{"currentTime":"2026-11-22T10:00:00.000Z"}]']


def test_a_frame_may_come_as_bytes():
    event = csms(V16).receive(call("MeterValues", METER_VALUES).encode(), 0.0)
    assert isinstance(event, Received)
    assert event.call.text == call("MeterValues", METER_VALUES)


UNREADABLE = ["not json", "{}", "[]", "[2]", '"x"', "null", "17", '[2,{},"Heartbeat",{}]', '[2,null,"Heartbeat",{}]']
UNREADABLE += ['["2","a","Heartbeat",{}]', '[2.0,"a","Heartbeat",{}]', '[2,"a","Heartbeat",{}', "[" * 5000, "[NaN]"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_tr_40_unreadable_frames_are_dropped_and_counted_in_1_6(text):
    peer = csms(V16)
    assert isinstance(peer.receive(text, 0.0), Ignored)
    assert peer.malformed_in_a_row == 1


@pytest.mark.parametrize("version", V2X)
@pytest.mark.parametrize("text", UNREADABLE)
def test_tr_41_unreadable_frames_get_rpc_framework_error_in_2_x(version, text):
    peer = csms(version)
    event = peer.receive(text, 0.0)
    assert refusal(event) == ["-1", "RpcFrameworkError"]
    assert event.call_text == text
    assert peer.malformed_in_a_row == 1


@pytest.mark.parametrize("version", list(OcppVersion))
def test_bytes_that_are_no_utf_8_are_unreadable(version):
    peer = csms(version)
    event = peer.receive(b'[2,"a","Heartbeat",{"x":"\xff"}]', 0.0)
    assert isinstance(event, Ignored if version is V16 else Reply)
    assert peer.malformed_in_a_row == 1


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("text", ["", "  ", b"", b"\n"])
def test_empty_frames_are_harmless(version, text):
    peer = csms(version)
    assert isinstance(peer.receive(text, 0.0), Ignored)
    assert peer.malformed_in_a_row == 0


@pytest.mark.parametrize("version", list(OcppVersion))
def test_malformed_frames_are_counted_until_a_good_one(version):
    peer = csms(version)
    for _ in range(3):
        peer.receive("[]", 0.0)
    assert peer.malformed_in_a_row == 3
    peer.receive('[2,"a","Heartbeat",{}]', 0.0)
    assert peer.malformed_in_a_row == 0


@pytest.mark.parametrize(
    ("version", "code"), [(V16, "FormationViolation"), (V201, "RpcFrameworkError"), (V21, "RpcFrameworkError")]
)
@pytest.mark.parametrize(
    "text",
    [
        '[2,"a","Heartbeat"]',
        '[2,"a"]',
        '[2,"a","Heartbeat",{},1]',
        '[2,"a",["x"],{}]',
        '[2,"a",null,{}]',
        '[2,"a",5,{}]',
    ],
)
def test_tr_42_a_call_of_the_wrong_shape_is_refused_by_its_id(version, code, text):
    assert refusal(csms(version).receive(text, 0.0)) == ["a", code]


@pytest.mark.parametrize("message_id", [5, 0, -1, 2**63, "", "x" * 37, "x" * 255, 'ü"\\\n'])
def test_tr_43_1_6_tolerates_odd_ids_and_echoes_them(message_id):
    peer = csms(V16)
    event = peer.receive(call("Heartbeat", {}, message_id), 0.0)
    assert isinstance(event, Received)
    answer = json.loads(peer.reply(event.call, LATEST)[0])
    assert answer[1] == message_id
    assert type(answer[1]) is type(message_id)
    assert refusal(csms(V16).receive(call("Nonsense", {}, message_id), 0.0)) == [message_id, "NotImplemented"]


@pytest.mark.parametrize("message_id", ["x" * 256, 1.5, True, {"a": 1}, 10**30])
def test_tr_43_1_6_has_limits_too(message_id):
    assert isinstance(csms(V16).receive(call("Heartbeat", {}, message_id), 0.0), Ignored)


@pytest.mark.parametrize("version", V2X)
@pytest.mark.parametrize("message_id", [5, "", "x" * 37, 1.5, None, True])
def test_tr_43_2_x_refuses_odd_ids(version, message_id):
    assert refusal(csms(version).receive(call("Heartbeat", {}, message_id), 0.0)) == ["-1", "RpcFrameworkError"]


@pytest.mark.parametrize("version", V2X)
def test_tr_43_2_x_takes_36_characters(version):
    assert isinstance(csms(version).receive(call("Heartbeat", {}, "x" * 36), 0.0), Received)


@pytest.mark.parametrize(("version", "kinds"), [(V16, [5, 6, 7, 0]), (V201, [5, 6, 7, 0]), (V21, [7, 0, 5])])
def test_tr_44_unknown_message_types_are_ignored(version, kinds):
    peer = csms(version)
    for kind in kinds:
        assert isinstance(peer.receive(json.dumps([kind, "a", "Heartbeat", {}]), 0.0), Ignored)
    assert peer.malformed_in_a_row == 0


@pytest.mark.parametrize("version", list(OcppVersion))
def test_tr_45_a_null_payload_is_an_empty_one(version):
    event = csms(version).receive('[2,"a","Heartbeat",null]', 0.0)
    assert isinstance(event, Received)
    assert event.call.payload == {}


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("payload", ["[]", '"x"', "7", "false"])
def test_tr_45_any_other_payload_has_the_wrong_type(version, payload):
    event = csms(version).receive(f'[2,"a","Heartbeat",{payload}]', 0.0)
    assert refusal(event) == ["a", "TypeConstraintViolation"]


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("action", ["Nonsense", "", "heartbeat", "CustomOperation", "Nonsense-Signed"])
def test_tr_46_unknown_actions_are_not_implemented(version, action):
    assert refusal(csms(version).receive(call(action), 0.0)) == ["a1", "NotImplemented"]


@pytest.mark.parametrize(
    ("version", "other"), [(V16, "TransactionEvent"), (V201, "StartTransaction"), (V201, "BatterySwap")]
)
def test_tr_46_actions_of_another_version_are_unknown(version, other):
    assert refusal(csms(version).receive(call(other), 0.0)) == ["a1", "NotImplemented"]


@pytest.mark.parametrize("version", list(OcppVersion))
def test_tr_47_the_wrong_direction_is_not_supported(version):
    assert refusal(csms(version).receive(call("Reset", {"type": "Soft"}), 0.0)) == ["a1", "NotSupported"]
    station = RpcPeer(version, Role.STATION)
    assert refusal(station.receive(call("Heartbeat"), 0.0)) == ["a1", "NotSupported"]


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("role", list(Role))
def test_data_transfer_goes_both_ways(version, role):
    assert isinstance(RpcPeer(version, role).receive(call("DataTransfer", {"vendorId": "x"}), 0.0), Received)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"idTag": None}, "TypeConstraintViolation"),
        ({"idTag": "x" * 21}, "PropertyConstraintViolation"),
        ({"extra": 1}, "FormationViolation"),
    ],
)
def test_tr_48_schema_violations_in_1_6(change, code):
    assert refusal(csms(V16).receive(call("StartTransaction", START | change), 0.0)) == ["a1", code]


def test_tr_48_a_missing_field_is_spelled_as_1_6_spells_it():
    assert refusal(csms(V16).receive(call("StartTransaction"), 0.0)) == ["a1", "OccurenceConstraintViolation"]


@pytest.mark.parametrize("version", V2X)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seqNo": "1"}, "TypeConstraintViolation"),
        ({"eventType": "Paused"}, "PropertyConstraintViolation"),
        ({"extra": 1}, "FormatViolation"),
        ({"transactionInfo": {}}, "OccurrenceConstraintViolation"),
    ],
)
def test_tr_49_schema_violations_in_2_x(version, change, code):
    assert refusal(csms(version).receive(call("TransactionEvent", EVENT | change), 0.0)) == ["a1", code]


@pytest.mark.parametrize(
    ("version", "action"),
    [(V16, "StartTransaction"), (V16, "StopTransaction"), (V16, "MeterValues"), (V201, "TransactionEvent")],
)
def test_tr_50_a_refused_transaction_message_is_handed_over_whole(version, action):
    text = call(action, {"vendor": "nonsense"})
    event = csms(version).receive(text, 0.0)
    assert isinstance(event, Reply)
    assert (event.call_text, event.action) == (text, action)
    assert event.code is not None


@pytest.mark.case("TR_51")
def test_tr_51_a_refusal_quotes_no_values():
    event = csms(V201).receive(call("TransactionEvent", EVENT | {"eventType": "hunter2", "x" * 900: 1}), 0.0)
    refusal(event)
    assert "hunter2" not in event.text


@pytest.mark.case("TR_51")
@pytest.mark.quirk(82)
def test_tr_51_our_refusals_are_short_and_carry_an_object():
    peer = csms(V201)
    received = peer.receive(call("Heartbeat"), 0.0)
    (text,) = peer.refuse(received.call, ErrorCode.INTERNAL_ERROR, "x" * 1000)
    assert json.loads(text) == [4, "a1", "InternalError", "x" * 255, {}]


def test_a_refusal_is_spelled_as_the_version_spells_it():
    peer = csms(V16)
    received = peer.receive(call("Heartbeat"), 0.0)
    (text,) = peer.refuse(received.call, ErrorCode.FORMAT_VIOLATION, "no", {"why": "because"})
    assert json.loads(text) == [4, "a1", "FormationViolation", "no", {"why": "because"}]


STREAM = {"id": 1, "pending": 0, "basetime": "2026-11-22T10:00:00Z", "data": [{"t": 0, "v": "1"}]}


def test_tr_53_a_send_is_processed_and_never_answered():
    peer = csms(V21)
    event = peer.receive(json.dumps([6, "a", "NotifyPeriodicEventStream", STREAM]), 0.0)
    assert isinstance(event, Received)
    assert peer.reply(event.call, {}) == []
    assert peer.refuse(event.call, ErrorCode.INTERNAL_ERROR, "no") == []


@pytest.mark.parametrize(
    "frame",
    [
        [6, "a", "NotifyPeriodicEventStream", {}],
        [6, "a", "Heartbeat", {}],
        [6, "a", "Nonsense", {}],
        [6, "a", "NotifyPeriodicEventStream"],
        [6, 5, "NotifyPeriodicEventStream", STREAM],
        [6],
    ],
)
def test_tr_53_not_even_a_wrong_send_is_answered(frame):
    assert isinstance(csms(V21).receive(json.dumps(frame), 0.0), Ignored)


def test_tr_53_what_travels_as_send_is_no_call():
    event = csms(V21).receive(call("NotifyPeriodicEventStream", STREAM), 0.0)
    assert refusal(event) == ["a1", "NotSupported"]


@pytest.mark.case("TR_54")
@pytest.mark.parametrize("version", V2X)
def test_tr_54_signed_messages_are_known_but_not_supported(version):
    assert refusal(csms(version).receive(call("BootNotification-Signed"), 0.0)) == ["a1", "NotSupported"]


def test_tr_54_1_6_knows_no_signed_messages():
    assert refusal(csms(V16).receive(call("BootNotification-Signed"), 0.0)) == ["a1", "NotImplemented"]


def test_our_answers_must_be_valid_and_the_call_can_still_be_refused():
    peer = csms(V16)
    received = peer.receive(call("StartTransaction", START), 0.0)
    for wrong in ({}, STARTED | {"extra": 1}, {"transactionId": "7", "idTagInfo": {"status": "Accepted"}}):
        with pytest.raises(SchemaViolationError):
            peer.reply(received.call, wrong)
    (text,) = peer.refuse(received.call, ErrorCode.INTERNAL_ERROR, "Something failed here")
    assert json.loads(text)[2] == "InternalError"


def test_an_empty_answer_is_checked_where_it_matters():
    peer = csms(V16)
    received = peer.receive(call("Heartbeat"), 0.0)
    with pytest.raises(SchemaViolationError):
        peer.reply(received.call, {})

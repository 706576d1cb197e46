import json
from decimal import Decimal

import pytest

from csms.ocpp.errors import FrameError, SchemaViolationError
from csms.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    OtherFrame,
    encode_call,
    encode_error,
    encode_result,
    encode_result_error,
    parse_frame,
)
from csms.ocpp.version import OcppVersion

V16, V201, V21 = OcppVersion


def test_a_call_is_read_with_its_text():
    text = '[2,"a","Heartbeat",{}]'
    assert parse_frame(text, V16) == Call("a", "Heartbeat", {}, text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[4,"a","InternalError","oops",{"k":1}]', CallError("a", "InternalError", "oops", {"k": 1})),
        ('[4,"a","InternalError","oops"]', CallError("a", "InternalError", "oops", {})),
        ('[4,"a","InternalError"]', CallError("a", "InternalError", "", {})),
        ('[4,"a","InternalError",null,null]', CallError("a", "InternalError", "", {})),
        ('[4,"a",null,["x"],[]]', CallError("a", "", '["x"]', {})),
    ],
)
def test_tr_42_stations_shorten_their_call_errors(text, error):
    assert parse_frame(text, V201) == error


@pytest.mark.parametrize("text", ['[3,"a",{}]', '[3,"a",null]', '[3,"a"]'])
def test_an_empty_result_may_be_left_out(text):
    assert parse_frame(text, V16) == CallResult("a", {})


@pytest.mark.parametrize("text", ["[3]", "[3,null,{}]", '[3,"a",{},1]', "[4]", '[4,"a"]', '[4,{},"x","",{}]'])
@pytest.mark.parametrize("version", list(OcppVersion))
def test_broken_answers_are_not_to_be_answered(version, text):
    with pytest.raises(FrameError) as error:
        parse_frame(text, version)
    assert not error.value.answerable


@pytest.mark.parametrize("version", [V16, V201])
@pytest.mark.parametrize("kind", [0, 1, 5, 6, 7, -2])
def test_tr_44_unknown_types_are_passed_over(version, kind):
    assert isinstance(parse_frame(json.dumps([kind, "a", "Heartbeat", {}]), version), OtherFrame)


@pytest.mark.parametrize("kind", ["2", 2.0, None, True, [2]])
def test_a_message_type_is_an_integer(kind):
    with pytest.raises(FrameError):
        parse_frame(json.dumps([kind, "a", "Heartbeat", {}]), V201)


def test_tr_53_a_send_of_2_1_expects_no_answer():
    frame = parse_frame('[6,"a","NotifyPeriodicEventStream",{}]', V21)
    assert isinstance(frame, Call)
    assert not frame.expects_answer


def test_written_messages_are_compact_and_escaped():
    assert encode_call("a", "Reset", {"type": "Soft"}) == '[2,"a","Reset",{"type":"Soft"}]'
    assert encode_result('q"\\\n', {}) == '[3,"q\\"\\\\\\n",{}]'
    assert encode_result(5, {"ü": 1}) == '[3,5,{"ü":1}]'
    assert encode_result_error("a", "FormatViolation", "x") == '[5,"a","FormatViolation","x",{}]'


def test_tr_51_a_description_has_at_most_255_characters_and_details_are_an_object():
    assert json.loads(encode_error("a", "InternalError", "ä" * 300)) == [4, "a", "InternalError", "ä" * 255, {}]


def test_decimals_keep_their_digits():
    assert encode_result("a", {"totalCost": Decimal("12.35")}) == '[3,"a",{"totalCost":12.35}]'


@pytest.mark.parametrize("value", [object(), {1, 2}, "\ud800", 2**70])
def test_what_json_cannot_hold_is_a_violation(value):
    with pytest.raises(SchemaViolationError):
        encode_call("a", "DataTransfer", {"vendorId": "x", "data": value})

"""Asking: one request on the wire, order, bounds and deadlines (TR_52, TR_60 to TR_62)."""

import json
from itertools import count

import pytest

from csms.ocpp.errors import ErrorCode, QueueFullError, SchemaViolationError, UnknownActionError
from csms.ocpp.frames import CallError, CallResult
from csms.ocpp.rpc import Answered, Ignored, Priority, Received, Role, RpcPeer
from csms.ocpp.version import OcppVersion
from tests.csms.ocpp.samples import call

V16, V201, V21 = OcppVersion
RESET = {"type": "Soft"}


@pytest.fixture
def peer() -> RpcPeer:
    return numbered(V16)


def numbered(version: OcppVersion, role: Role = Role.CSMS, max_queued: int = 64) -> RpcPeer:
    numbers = count(1)
    return RpcPeer(version, role, max_queued=max_queued, new_id=lambda: f"q{next(numbers)}")


def test_a_request_is_asked_sent_and_answered(peer):
    context = object()
    request = peer.ask("Reset", RESET, now=0.0, context=context)
    assert peer.next_request(1.0) is request
    assert request.text == '[2,"q1","Reset",{"type":"Soft"}]'
    assert (request.asked_at, request.sent_at, request.deadline) == (0.0, 1.0, 30.0)
    assert peer.receive('[3,"q1",{"status":"Accepted"}]', 2.0) == Answered(
        request, CallResult("q1", {"status": "Accepted"})
    )
    assert request.context is context
    assert (peer.pending, peer.next_deadline) == (0, None)


def test_a_request_may_be_refused_by_the_station(peer):
    request = peer.ask("Reset", RESET, now=0.0)
    peer.next_request(0.0)
    event = peer.receive('[4,"q1","NotSupported","",{}]', 1.0)
    assert event == Answered(request, CallError("q1", "NotSupported", "", {}))


def test_own_message_ids_are_uuids_and_differ():
    peer = RpcPeer(V201, Role.CSMS)
    ids = {peer.ask("ClearCache", {}, now=0.0).message_id for _ in range(50)}
    assert len(ids) == 50
    assert {len(message_id) for message_id in ids} == {36}


def test_tr_60_one_request_is_on_the_wire(peer):
    requests = [peer.ask("ClearCache", {}, now=0.0) for _ in range(10)]
    for request in requests:
        assert peer.next_request(0.0) is request
        assert peer.next_request(0.0) is None
        assert isinstance(peer.receive(f'[3,"{request.message_id}",{{"status":"Accepted"}}]', 0.0), Answered)
    assert peer.next_request(0.0) is None


def test_tr_60_calls_cross(peer):
    peer.ask("Reset", RESET, now=0.0)
    peer.next_request(0.0)
    assert isinstance(peer.receive(call("Heartbeat"), 0.0), Received)
    assert isinstance(peer.receive('[3,"q1",{"status":"Accepted"}]', 0.0), Answered)


def test_tr_60_a_queued_request_is_not_answered_before_it_is_sent(peer):
    peer.ask("Reset", RESET, now=0.0)
    assert isinstance(peer.receive('[3,"q1",{"status":"Accepted"}]', 0.0), Ignored)
    assert peer.pending == 1


def test_tr_61_the_urgent_goes_first_and_equals_keep_their_order(peer):
    order = [Priority.BULK, Priority.NORMAL, Priority.URGENT, Priority.CONTROL, Priority.URGENT, Priority.NORMAL]
    asked = [peer.ask("ClearCache", {}, now=0.0, priority=priority) for priority in order]
    sent = []
    while request := peer.next_request(0.0):
        sent.append(request)
        peer.receive(f'[3,"{request.message_id}",{{"status":"Accepted"}}]', 0.0)
    assert [asked.index(request) for request in sent] == [2, 4, 3, 1, 5, 0]


def test_tr_61_a_full_queue_refuses_at_once():
    peer = numbered(V16, max_queued=3)
    for _ in range(3):
        peer.ask("ClearCache", {}, now=0.0)
    with pytest.raises(QueueFullError):
        peer.ask("ClearCache", {}, now=0.0)
    peer.next_request(0.0)
    peer.ask("ClearCache", {}, now=0.0)
    assert peer.pending == 4


def test_tr_61_the_deadline_includes_the_wait(peer):
    sent = peer.ask("ClearCache", {}, now=0.0, timeout_s=20.0)
    waiting = peer.ask("Reset", RESET, now=0.0, timeout_s=10.0)
    peer.next_request(0.0)
    assert peer.next_deadline == 10.0
    assert peer.expire(9.9) == []
    assert peer.expire(10.0) == [waiting]
    assert waiting.sent_at is None
    assert peer.next_deadline == 20.0
    assert peer.expire(25.0) == [sent]
    assert peer.pending == 0


def test_tr_61_an_overdue_request_is_never_sent(peer):
    overdue = peer.ask("Reset", RESET, now=0.0, timeout_s=5.0)
    in_time = peer.ask("ClearCache", {}, now=0.0, timeout_s=50.0)
    assert peer.next_request(6.0) is in_time
    assert peer.expire(6.0) == [overdue]


def test_tr_62_an_unanswered_request_frees_the_line(peer):
    first = peer.ask("Reset", RESET, now=0.0)
    second = peer.ask("ClearCache", {}, now=5.0)
    peer.next_request(0.0)
    assert peer.expire(30.0) == [first]
    assert peer.next_request(30.0) is second


def test_tr_52_a_late_answer_is_told_apart_and_told_once(peer):
    request = peer.ask("Reset", RESET, now=0.0)
    peer.next_request(0.0)
    peer.expire(30.0)
    event = peer.receive('[3,"q1",{"status":"Accepted"}]', 40.0)
    assert event == Answered(request, CallResult("q1", {"status": "Accepted"}), late=True)
    assert isinstance(peer.receive('[3,"q1",{"status":"Accepted"}]', 41.0), Ignored)


def test_tr_52_late_answers_do_not_disturb_the_request_on_the_wire(peer):
    peer.ask("Reset", RESET, now=0.0)
    second = peer.ask("ClearCache", {}, now=20.0)
    peer.next_request(0.0)
    peer.expire(30.0)
    peer.next_request(30.0)
    assert peer.receive('[3,"q1",{"status":"Rejected"}]', 31.0).late
    assert peer.receive('[3,"q2",{"status":"Accepted"}]', 32.0) == Answered(
        second, CallResult("q2", {"status": "Accepted"})
    )


def test_tr_52_only_the_last_few_expired_are_kept(peer):
    for start in range(20):
        peer.ask("ClearCache", {}, now=float(start), timeout_s=0.5)
        peer.next_request(float(start))
        peer.expire(start + 0.5)
    answers = [peer.receive(f'[3,"q{n}",{{"status":"Accepted"}}]', 30.0) for n in range(1, 21)]
    assert [isinstance(event, Answered) for event in answers] == [False] * 12 + [True] * 8


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("text", ['[3,"unasked",{}]', '[4,"-1","RpcFrameworkError","",{}]', "[3,5,{}]", '[4,"x","y"]'])
def test_tr_52_unasked_answers_are_ignored(version, text):
    assert isinstance(numbered(version).receive(text, 0.0), Ignored)


@pytest.mark.parametrize(("version", "told"), [(V16, False), (V201, False), (V21, True)])
def test_tr_52_only_2_1_can_tell_the_station_its_answer_was_bad(version, told):
    peer = numbered(version)
    request = peer.ask("ClearCache", {}, now=0.0)
    peer.next_request(0.0)
    event = peer.receive('[3,"q1",{"status":"Perhaps"}]', 1.0)
    assert isinstance(event, Answered)
    assert event.request is request
    assert event.answer.payload == {"status": "Perhaps"}
    assert event.violation.code is ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
    if told:
        assert json.loads(event.reply)[:3] == [5, "q1", "PropertyConstraintViolation"]
    else:
        assert event.reply is None


@pytest.mark.parametrize("payload", ["[]", '"Accepted"', "1"])
def test_an_answer_that_is_no_object_is_given_as_an_empty_one(peer, payload):
    peer.ask("ClearCache", {}, now=0.0)
    peer.next_request(0.0)
    event = peer.receive(f'[3,"q1",{payload}]', 1.0)
    assert event.answer == CallResult("q1", {})
    assert event.violation.code is ErrorCode.TYPE_CONSTRAINT_VIOLATION


def test_what_cannot_be_asked_is_not_queued(peer):
    with pytest.raises(UnknownActionError):
        peer.ask("Nonsense", {}, now=0.0)
    with pytest.raises(UnknownActionError):
        peer.ask("Heartbeat", {}, now=0.0)
    with pytest.raises(SchemaViolationError):
        peer.ask("Reset", {"type": "Warm"}, now=0.0)
    with pytest.raises(SchemaViolationError):
        peer.ask("DataTransfer", {"vendorId": "\ud800"}, now=0.0)
    assert peer.pending == 0


def test_a_station_asks_what_stations_ask():
    station = numbered(V201, Role.STATION)
    request = station.ask("Heartbeat", {}, now=0.0)
    assert station.next_request(0.0) is request
    with pytest.raises(UnknownActionError):
        station.ask("Reset", {"type": "Immediate"}, now=0.0)


def test_a_send_of_2_1_cannot_be_asked():
    with pytest.raises(UnknownActionError):
        numbered(V21, Role.STATION).ask("NotifyPeriodicEventStream", {}, now=0.0)


def test_unchecked_requests_go_out_as_they_are(peer):
    peer.ask("Nonsense", {"any": 1}, now=0.0, validate=False)
    assert peer.next_request(0.0).text == '[2,"q1","Nonsense",{"any":1}]'
    assert isinstance(peer.receive('[3,"q1",{"any":2}]', 0.0), Answered)


def test_abandoning_returns_everything_unanswered(peer):
    waiting = peer.ask("Reset", RESET, now=0.0, priority=Priority.BULK)
    sent = peer.ask("ClearCache", {}, now=0.0)
    peer.next_request(0.0)
    assert peer.abandon() == [sent, waiting]
    assert [request.sent_at for request in (sent, waiting)] == [0.0, None]
    assert (peer.pending, peer.next_deadline, peer.abandon()) == (0, None, [])
    assert isinstance(peer.receive('[3,"q2",{"status":"Accepted"}]', 1.0), Ignored)


@pytest.mark.parametrize("version", list(OcppVersion))
def test_two_peers_understand_each_other(version):
    csms, station = RpcPeer(version, Role.CSMS), RpcPeer(version, Role.STATION)
    csms.ask("DataTransfer", {"vendorId": "x", "data": 'ü"\\'}, now=0.0)
    asked = station.receive(csms.next_request(0.0).text, 0.0)
    (answer,) = station.reply(asked.call, {"status": "Accepted"})
    event = csms.receive(answer, 0.0)
    assert isinstance(event, Answered)
    assert event.answer.payload == {"status": "Accepted"}


@pytest.mark.parametrize("version", list(OcppVersion))
def test_two_peers_never_argue_about_errors(version):
    """An error must not be answered by an error, or two sides would go on for ever."""
    csms, station = RpcPeer(version, Role.CSMS), RpcPeer(version, Role.STATION)
    for text in ("[]", '[2,"a",5,{}]', '[2,"a","Nonsense",{}]', "[3]", "[4]", '[4,"a"]', '[3,"a"]'):
        event = csms.receive(text, 0.0)
        if not isinstance(event, Ignored):
            assert isinstance(station.receive(event.text, 0.0), Ignored)

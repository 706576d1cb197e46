"""Messages that come again: joined while in hand (TR_63), answered alike afterwards (TR_64)."""

import json
import sys

from csms.ocpp.errors import ErrorCode
from csms.ocpp.memory import AnswerMemory, BriefMemory
from csms.ocpp.rpc import Ignored, Received, Reply, Role, RpcPeer
from csms.ocpp.version import OcppVersion
from tests.csms.ocpp.samples import AVAILABLE, METER_VALUES, START, STARTED, call

TEXT = call("StartTransaction", START)


def csms(memory: AnswerMemory | None = None) -> RpcPeer:
    return RpcPeer(OcppVersion.V16, Role.CSMS, memory=memory)


def answered(peer: RpcPeer, text: str, payload: dict, now: float = 0.0) -> str:
    event = peer.receive(text, now)
    assert isinstance(event, Received)
    (answer,) = peer.reply(event.call, payload)
    return answer


def test_tr_63_a_repeat_while_in_hand_is_joined():
    peer = csms()
    first = peer.receive(TEXT, 0.0)
    assert isinstance(peer.receive(TEXT, 1.0), Ignored)
    assert isinstance(peer.receive(TEXT.encode(), 2.0), Ignored)
    answers = peer.reply(first.call, STARTED)
    assert len(answers) == 3
    assert len(set(answers)) == 1
    assert len(peer.reply(first.call, STARTED)) == 1


def test_tr_63_a_refusal_goes_to_every_repeat():
    peer = csms()
    first = peer.receive(TEXT, 0.0)
    peer.receive(TEXT, 1.0)
    assert len(peer.refuse(first.call, ErrorCode.INTERNAL_ERROR, "no")) == 2


def test_tr_63_the_same_id_with_another_payload_is_another_message():
    peer = csms()
    assert isinstance(peer.receive(TEXT, 0.0), Received)
    assert isinstance(peer.receive(call("StartTransaction", START | {"idTag": "XYZ"}), 0.0), Received)


def test_tr_64_a_repeat_after_the_answer_gets_it_again():
    peer = csms()
    answer = answered(peer, TEXT, STARTED)
    assert peer.receive(TEXT, 9999.0) == Reply(answer, None, TEXT, "StartTransaction")


def test_tr_64_an_empty_answer_is_repeated_too():
    peer = csms()
    text = call("MeterValues", METER_VALUES, 'odd "id"')
    answer = answered(peer, text, {})
    assert peer.receive(text, 1.0) == Reply(answer, None, text, "MeterValues")


def test_tr_64_the_answer_survives_the_connection():
    memory = AnswerMemory()
    answer = answered(csms(memory), TEXT, STARTED)
    event = csms(memory).receive(TEXT, 3600.0)
    assert isinstance(event, Reply)
    assert event.text == answer


def test_tr_64_an_answer_that_came_after_the_socket_died_is_kept_too():
    memory = AnswerMemory()
    old = csms(memory)
    event = old.receive(TEXT, 0.0)
    old.abandon()
    old.reply(event.call, STARTED)
    assert isinstance(csms(memory).receive(TEXT, 1.0), Reply)


def test_tr_64_the_same_id_with_another_payload_is_handled_anew():
    peer = csms()
    answered(peer, TEXT, STARTED)
    assert isinstance(peer.receive(call("StartTransaction", START | {"meterStart": 5}), 0.0), Received)


def test_tr_64_an_answer_written_first_and_settled_later_is_remembered():
    peer = csms()
    event = peer.receive(TEXT, 0.0)
    text = peer.answer_text(event.call, STARTED)
    assert isinstance(peer.receive(TEXT, 1.0), Ignored)
    assert peer.settle(event.call, text) == [text, text]
    assert peer.receive(TEXT, 2.0).text == text


def test_tr_64_a_refused_message_may_be_tried_again():
    peer = csms()
    event = peer.receive(TEXT, 0.0)
    peer.refuse(event.call, ErrorCode.INTERNAL_ERROR, "The database is away")
    assert isinstance(peer.receive(TEXT, 1.0), Received)


def test_tr_64_the_last_64_transaction_messages_are_known():
    peer = csms()
    texts = [call("MeterValues", METER_VALUES, f"m{number}") for number in range(65)]
    for text in texts:
        answered(peer, text, {})
    assert all(isinstance(peer.receive(text, 0.0), Reply) for text in texts[1:])
    assert isinstance(peer.receive(texts[0], 0.0), Received)


def test_messages_without_a_time_are_replayed_for_moments_only():
    """A station that counts from 1 after each boot says the same again, and means it."""
    peer = csms()
    status = call("StatusNotification", AVAILABLE, "3")
    answered(peer, status, {}, now=0.0)
    assert isinstance(peer.receive(status, 20.0), Reply)
    assert isinstance(peer.receive(status, 31.0), Received)


def test_messages_without_a_time_are_new_on_a_new_connection():
    memory = AnswerMemory()
    heartbeat = call("Heartbeat", {}, "2")
    answered(csms(memory), heartbeat, {"currentTime": "2026-11-22T10:00:00.000Z"})
    assert isinstance(csms(memory).receive(heartbeat, 1.0), Received)


def test_a_station_that_never_changes_its_id_still_gets_the_time():
    peer = csms()
    heartbeat = call("Heartbeat", {}, "1")
    for minute in range(5):
        answer = answered(peer, heartbeat, {"currentTime": f"2026-11-22T10:0{minute}:00.000Z"}, now=60.0 * minute)
        assert f"10:0{minute}" in json.loads(answer)[2]["currentTime"]


def test_a_renewed_brief_answer_is_the_youngest():
    brief = BriefMemory(limit=2, seconds=30.0)
    brief.remember(1, "a", 0.0)
    brief.remember(2, "b", 1.0)
    brief.remember(1, "c", 2.0)
    brief.remember(3, "d", 3.0)
    assert [brief.recall(key, 4.0) for key in (1, 2, 3)] == ["c", None, "d"]


def test_an_idle_memory_weighs_nothing():
    memory = AnswerMemory()
    assert sys.getsizeof(memory) < 100
    assert memory.recall(1) is None

"""Whatever arrives, a peer neither raises nor loses count: every frame has one outcome."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csms.ocpp.codec import actions_of
from csms.ocpp.errors import ErrorCode, OcppError
from csms.ocpp.rpc import Answered, Ignored, Received, Reply, Role, RpcPeer
from csms.ocpp.version import OcppVersion

pytestmark = pytest.mark.slow

EVENTS = (Received, Answered, Reply, Ignored)
VERSIONS = st.sampled_from(list(OcppVersion))
ROLES = st.sampled_from(list(Role))
ACTIONS = st.sampled_from(sorted({action for version in OcppVersion for action in actions_of(version)} | {"Nonsense"}))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FLOATS | st.text(max_size=30)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=25,
)
IDS = st.text(min_size=1, max_size=36)
OBJECTS = st.dictionaries(st.text(max_size=12), JSON, max_size=6)


def shape_is_sound(event: object) -> bool:
    if isinstance(event, Reply):
        frame = json.loads(event.text)
        return frame[0] in (3, 4) and isinstance(frame[-1], dict)
    return isinstance(event, EVENTS)


@given(VERSIONS, ROLES, st.binary(max_size=200) | st.text(max_size=200))
def test_random_bytes_and_text_never_raise(version, role, text):
    assert shape_is_sound(RpcPeer(version, role).receive(text, 0.0))


@given(VERSIONS, ROLES, JSON | st.lists(JSON, max_size=6))
def test_random_json_never_raises(version, role, document):
    assert shape_is_sound(RpcPeer(version, role).receive(json.dumps(document), 0.0))


@given(VERSIONS, ROLES, st.integers(2, 6), st.lists(SCALARS | JSON, max_size=5))
def test_anything_behind_a_message_type_never_raises(version, role, kind, rest):
    assert shape_is_sound(RpcPeer(version, role).receive(json.dumps([kind, *rest]), 0.0))


@settings(max_examples=300)
@given(VERSIONS, ROLES, IDS, ACTIONS, OBJECTS)
def test_every_well_formed_call_has_one_outcome_with_its_id(version, role, message_id, action, payload):
    peer = RpcPeer(version, role)
    text = json.dumps([2, message_id, action, payload])
    event = peer.receive(text, 0.0)
    if isinstance(event, Received):
        (answer,) = peer.refuse(event.call, ErrorCode.NOT_SUPPORTED, "not here")
    else:
        assert isinstance(event, Reply)
        answer = event.text
    assert json.loads(answer)[:2] == [4, message_id]


@given(VERSIONS, st.lists(st.tuples(st.sampled_from("asrxe"), st.integers(0, 5)), max_size=60))
def test_any_course_of_asking_keeps_one_on_the_wire_and_loses_none(version, steps):
    peer = RpcPeer(version, Role.CSMS, max_queued=8)
    now, asked, ended, on_wire = 0.0, [], [], None
    for step, amount in steps:
        now += amount
        if step == "a":
            try:
                asked.append(peer.ask("ClearCache", {}, now=now, timeout_s=10.0, priority=amount % 4))
            except OcppError:
                assert peer.pending >= 8
        elif step == "s":
            sent = peer.next_request(now)
            assert sent is None or on_wire is None
            on_wire = sent or on_wire
        elif step == "r" and on_wire is not None:
            event = peer.receive(f'[3,"{on_wire.message_id}",{{"status":"Accepted"}}]', now)
            assert event.request is on_wire
            ended.append(on_wire)
            on_wire = None
        elif step == "e":
            expired = peer.expire(now)
            ended += expired
            on_wire = None if on_wire in expired else on_wire
            assert peer.next_deadline is None or peer.next_deadline > now
    ended += peer.abandon()
    assert sorted(map(id, ended)) == sorted(map(id, asked))


@pytest.mark.parametrize("depth", [500, 1100, 100_000])
@pytest.mark.parametrize("version", list(OcppVersion))
def test_deep_nesting_is_harmless(version, depth):
    payload = '{"vendorId":"x","customData":{"vendorId":"x","a":' + "[" * depth + "]" * depth + "}}"
    assert shape_is_sound(RpcPeer(version, Role.CSMS).receive(f'[2,"a","DataTransfer",{payload}]', 0.0))


@pytest.mark.parametrize("version", list(OcppVersion))
def test_a_megabyte_of_nonsense_is_harmless(version):
    peer = RpcPeer(version, Role.CSMS)
    for text in ("[" + "1," * 500_000 + "1]", json.dumps([2, "a", "x" * 1_000_000, {}]), "\0" * 1_000_000):
        assert shape_is_sound(peer.receive(text, 0.0))
    wide = {f"field{number}": number for number in range(50_000)}
    event = peer.receive(json.dumps([2, "a", "Heartbeat", wide]), 0.0)
    assert isinstance(event, Reply)
    assert len(event.text) < 500

"""Requests are split by what a station takes at once, and the answers joined."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.commands.commands import (
    ClearCache,
    GetVariables,
    RawRequest,
    SetVariable,
    SetVariables,
    StationCommand,
    VariableName,
)
from csms.commands.splitting import chunks, joined_answer, split, splittable_as
from csms.stations.limits import MessageLimits

limits = st.builds(MessageLimits, st.integers(1, 12), st.none() | st.integers(1, 600))


@given(st.lists(st.text(max_size=40), max_size=40), limits)
def test_nothing_is_lost_and_no_limit_is_broken(items: list[str], most: MessageLimits) -> None:
    parts = chunks(items, most, lambda item: len(item.encode()))
    assert [item for part in parts for item in part] == items
    assert all(0 < len(part) <= most.items for part in parts)
    if most.bytes is not None:
        for part in parts:
            assert len(part) == 1 or sum(len(item.encode()) for item in part) <= most.bytes


@given(st.lists(st.builds(VariableName, st.text(max_size=10), st.text(max_size=10)), min_size=2, max_size=30), limits)
def test_typed_reads_are_split(names: list[VariableName], most: MessageLimits) -> None:
    parts = split(GetVariables(tuple(names)), "GetVariables", most)
    assert [name for part in parts if isinstance(part, GetVariables) for name in part.names] == names


WRITES = SetVariables((SetVariable("A", "1"), SetVariable("B", "2")))
IDS = RawRequest("ClearVariableMonitoring", {"id": [1, 2, 3]})


@pytest.mark.parametrize(
    ("command", "version", "action"),
    [
        (GetVariables(), "1.6", None),
        (GetVariables((VariableName("A"),)), "2.0.1", None),
        (GetVariables((VariableName("A"), VariableName("B"))), "1.6", "GetConfiguration"),
        (WRITES, "2.0.1", "SetVariables"),
        (WRITES, "1.6", "ChangeConfiguration"),
        (IDS, "2.1", "ClearVariableMonitoring"),
        (RawRequest("ClearVariableMonitoring", {"id": "all"}), "2.0.1", None),
        (RawRequest("ClearVariableMonitoring", {"id": [1, 2]}, validate=False), "2.0.1", None),  # to the letter
        (ClearCache(), "1.6", None),
    ],
)
def test_what_may_be_split(command: StationCommand, version: str, action: str | None) -> None:
    assert splittable_as(command, version) == action


def test_raw_requests_keep_what_is_beside_the_list() -> None:
    request = RawRequest("ClearVariableMonitoring", {"id": [1, 2, 3], "customData": {"vendorId": "x"}})
    parts = split(request, "ClearVariableMonitoring", MessageLimits(2))
    assert [orjson.loads(orjson.dumps(part.payload)) for part in parts if isinstance(part, RawRequest)] == [
        {"id": [1, 2], "customData": {"vendorId": "x"}},
        {"id": [3], "customData": {"vendorId": "x"}},
    ]


def test_1_6_changes_one_key_at_a_time() -> None:
    parts = split(WRITES, "ChangeConfiguration", MessageLimits(10))
    assert parts == [SetVariables((variable,)) for variable in WRITES.variables]


def test_answers_are_joined() -> None:
    answers = [{"a": [1], "status": "Accepted"}, None, {"a": [2, 3], "status": "Rejected"}]
    assert joined_answer(answers) == {"a": [1, 2, 3], "status": "Rejected"}
    assert joined_answer([None]) is None

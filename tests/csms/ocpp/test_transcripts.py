"""Frames that real charge-point software sent are understood, each by the version it was sent in."""

import json
from pathlib import Path

import pytest

from csms.ocpp.frames import CallError
from csms.ocpp.rpc import Answered, Received, Reply, Role, RpcPeer
from csms.ocpp.version import OcppVersion

FILES = sorted((Path(__file__).parents[2] / "data" / "transcripts").glob("*.jsonl"))

# What these programs get wrong, and what they are told.
REFUSED = {"CustomOperation": "NotImplemented"}
BAD_ANSWERS = {("microocpp-2.0.1", "GetLocalListVersion")}


def version_of(path: Path) -> OcppVersion:
    return OcppVersion(path.stem.rsplit("-", 1)[1])


def lines(*, answers: bool) -> list:
    rows = [(path, json.loads(line)) for path in FILES for line in path.read_text().splitlines()]
    return [
        pytest.param(path, row, id=f"{path.stem}-{row.get('answers', row['frame'][2])}-{number}")
        for number, (path, row) in enumerate(rows)
        if ("answers" in row) is answers
    ]


@pytest.mark.parametrize(("path", "row"), lines(answers=False))
def test_requests_of_real_stations(path, row):
    action = row["frame"][2]
    event = RpcPeer(version_of(path), Role.CSMS).receive(json.dumps(row["frame"]), 0.0)
    if action in REFUSED:
        assert isinstance(event, Reply)
        assert event.code == REFUSED[action]
    else:
        assert isinstance(event, Received)
        assert event.call.payload == row["frame"][3]


@pytest.mark.parametrize(("path", "row"), lines(answers=True))
def test_answers_of_real_stations(path, row):
    peer = RpcPeer(version_of(path), Role.CSMS, new_id=lambda: row["frame"][1])
    peer.ask(row["answers"], {}, now=0.0, validate=False)
    peer.next_request(0.0)
    event = peer.receive(json.dumps(row["frame"]), 1.0)
    assert isinstance(event, Answered)
    assert isinstance(event.answer, CallError) == (row["frame"][0] == 4)
    assert (event.violation is not None) == ((path.stem, row["answers"]) in BAD_ANSWERS)

"""A session's story, its price and its frames: worked out from facts, without a browser."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from components.formats import Formats
from csms.stations.queries import EventRow
from csms.transactions.queries import LatestMeter, TransactionDetail, TransactionRow
from models import Command, Frame, StationEvent
from pages.operator.frames import frames_of
from pages.operator.transaction_story import story_of

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FORMATS = Formats("en-GB", "EUR", "Europe/Berlin")


def test_the_story_is_told_in_order_of_time() -> None:
    told = _tell(
        frames=[
            _frame(1, "StatusNotification", {"connectorId": 1, "status": "Charging"}),
            _frame(2, "StatusNotification", {"connectorId": 1, "status": "Charging"}),
            _frame(3, "StatusNotification", {"connectorId": 2, "status": "SuspendedEV"}),
            _frame(4, "StatusNotification", {"connectorId": 1, "status": "SuspendedEV"}),
        ],
        commands=[(_command(-1, "RemoteStartTransaction", remote_start_id=77), "ann@example.com")],
        events=[_event(2.5, "Connection lost", evse=0), _event(3, "Connector 2 is out of order", evse=2)],
    )
    assert told == [
        "ann@example.com asked for a start",
        "Session started",
        "Energy flows",
        "Connection lost",
        "Paused by the car",
        "Session ended",
    ]


def test_2x_states_are_those_of_this_transaction_alone() -> None:
    def event(minute: int, ocpp_id: str, state: str) -> Frame:
        info = {"transactionId": ocpp_id, "chargingState": state}
        return _frame(minute, "TransactionEvent", {"eventType": "Updated", "transactionInfo": info})

    told = _tell(frames=[event(1, "tx-1", "EVConnected"), event(2, "tx-2", "Charging"), event(3, "tx-1", "Charging")])
    assert told == ["Session started", "Car connected, no energy yet", "Energy flows", "Session ended"]


def test_frames_that_are_no_messages_do_not_disturb_the_story() -> None:
    broken = Frame(station_id=1, at=BEGAN, from_station=True, action="StatusNotification", text="{oh")
    bare = _frame(1, "TransactionEvent", {})
    odd = Frame(station_id=1, at=BEGAN, from_station=True, action="StatusNotification", text='[2,"x","S","text"]')
    assert _tell(frames=[broken, bare, odd]) == ["Session started", "Session ended"]


def test_a_stop_asked_for_another_session_is_not_in_this_story() -> None:
    mine, other = (
        _command(5, "RemoteStopTransaction", transactionId=7),
        _command(6, "RemoteStopTransaction", transactionId=8),
    )
    told = _tell(commands=[(mine, ""), (other, "")], ocpp_id="7")
    assert told == ["Session started", "A program asked for a stop", "Session ended"]


def test_an_exchange_is_two_frames_and_the_answer_is_the_newer() -> None:
    row = _row('[2,"19","Heartbeat",{}]', '[3,"19",{"currentTime":"2026-03-01T12:00:00Z"}]', latency_ms=12.4)
    answer, question = frames_of(row)
    assert (question.kind, question.direction, question.payload) == ("call", "in", {})
    assert (answer.kind, answer.direction, answer.latency_ms) == ("result", "out", 12.4)
    assert answer.at_ms == question.at_ms + 12
    assert answer.id != question.id
    live = frames_of(row | {"at": BEGAN.isoformat()})
    assert [frame.id for frame in live] == [answer.id, question.id]


def test_errors_silence_and_noise_are_told_apart() -> None:
    [question] = frames_of(_row('[2,"1","Reset",{"type":"Soft"}]', None, from_station=False, outcome="timeout"))
    assert (question.direction, question.note) == ("out", "no answer")
    error, _ = frames_of(_row('[2,"1","X",{}]', '[4,"1","NotImplemented","no X",{}]'))
    assert (error.kind, error.payload["errorCode"]) == ("error", "NotImplemented")
    [noise] = frames_of(_row("hello <b>", None) | {"action": "", "message_id": ""})
    assert (noise.kind, noise.action, noise.text) == ("other", "Not a message", "hello <b>")


def _tell(
    frames: list[Frame] | None = None,
    commands: list[tuple[Command, str]] | None = None,
    events: list[EventRow] | None = None,
    ocpp_id: str = "tx-1",
) -> list[str]:
    told = story_of(_detail(ocpp_id), frames or [], commands or [], events or [], FORMATS)
    assert told == sorted(told, key=lambda happening: happening.at)
    return [happening.text for happening in told]


def _detail(ocpp_id: str) -> TransactionDetail:
    row = TransactionRow(
        id=7, ocpp_id=ocpp_id, station_id=1, station_identity="A-1", station_name="", location_id=1,
        location_name="Yard", location_time_zone="Europe/Berlin", evse_number=1, connector_number=1,
        id_token="CARD", authorization_status="Accepted",
        is_open=False, charging_state="Idle", started_at=BEGAN, ended_at=BEGAN + timedelta(hours=1), duration_s=3600,
        energy_wh=5000, cost=Decimal("1.50"), currency="EUR", stop_reason="Local", remarks=[],
    )  # fmt: skip
    latest = LatestMeter(None, 5000, None, None, None)
    return TransactionDetail(
        row=row, start_energy_wh=1000, end_energy_wh=6000, energy_source="registers", energy_estimated=False,
        id_token_type="ISO14443", stop_id_token=None, driver_name="Ada", remote_start_id=77, tariff_name=None,
        prices=None, price=None, latest=latest,
    )  # fmt: skip


def _frame(minute: float, action: str, payload: dict[str, Any]) -> Frame:
    text = orjson.dumps([2, f"m{minute}", action, payload]).decode()
    return Frame(station_id=1, at=BEGAN + timedelta(minutes=minute), from_station=True, action=action, text=text)


def _command(minute: float, action: str, *, remote_start_id: int | None = None, **payload: Any) -> Command:
    at = BEGAN + timedelta(minutes=minute)
    return Command(
        cause_id="c", station_id=1, action=action, payload=payload, asked_at=at, remote_start_id=remote_start_id
    )


def _event(minute: float, text: str, *, evse: int) -> EventRow:
    at = BEGAN + timedelta(minutes=minute)
    return EventRow(
        StationEvent(station_id=1, at=at, kind="x.y", severity="warning", text=text, evse_number=evse), "A-1", ""
    )


def _row(text: str, answer_text: str | None, **more: Any) -> dict[str, Any]:
    return {
        "at": BEGAN, "from_station": True, "message_id": "19", "action": "Heartbeat", "text": text,
        "answer_text": answer_text, "outcome": "result", "latency_ms": None, **more,
    }  # fmt: skip

"""What happened in a session, in order: worked out from its row, the station's messages and events, our requests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import orjson

from components.formats import Formats
from csms.stations.queries import EventRow
from csms.transactions.queries import TransactionDetail, TransactionRow
from models import Command, Frame
from pages.operator.words import (
    answer_words,
    charging_state_words,
    event_words,
    readable,
    stop_reason_words,
    token_status_words,
)

Tone = Literal["usual", "quiet", "warning", "problem"]
STORY_ACTIONS = ("StatusNotification", "TransactionEvent")
"""Messages that tell of a session's states; meter values go into the chart."""

_STATES_16 = {"Charging": "Charging", "SuspendedEV": "SuspendedEV", "SuspendedEVSE": "SuspendedEVSE"}
_ICONS = {"Charging": "zap", "SuspendedEV": "pause", "SuspendedEVSE": "pause", "EVConnected": "plug", "Idle": "unplug"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the story."""

    at: datetime
    text: str
    sub: str = ""
    icon: str = "circle-dot"
    tone: Tone = "usual"


def story_of(
    detail: TransactionDetail,
    frames: Iterable[Frame],
    commands: Sequence[tuple[Command, str]],
    events: Iterable[EventRow],
    formats: Formats,
) -> list[Happening]:
    """The story, oldest first. What happened at the same moment keeps the order cause, effect."""
    row = detail.row
    told = [
        *_requests(detail, commands),
        _start(detail, formats),
        *_states(row, frames),
        *(_event(one) for one in events if one.event.evse_number in (0, row.evse_number)),
        *_end(detail, formats),
    ]
    return sorted(told, key=lambda happening: happening.at)


def _start(detail: TransactionDetail, formats: Formats) -> Happening:
    row = detail.row
    holder = f" of {detail.driver_name}" if detail.driver_name else ""
    judged = token_status_words(row.authorization_status) if row.authorization_status else "not checked"
    token = f"Token {row.id_token}{holder}: {judged}" if row.id_token else "No token was presented"
    meter = _meter(detail.start_energy_wh, formats)
    fine = row.authorization_status in ("", "Accepted")
    return Happening(
        row.started_at,
        "Session started",
        " · ".join(part for part in (token, meter) if part),
        "play",
        "usual" if fine else "warning",
    )


def _end(detail: TransactionDetail, formats: Formats) -> list[Happening]:
    row = detail.row
    if row.ended_at is None:
        return []
    other = detail.stop_id_token if detail.stop_id_token not in (None, row.id_token) else None
    token = f"Token {other}" if other else ""
    meter = _meter(detail.end_energy_wh, formats)
    sub = " · ".join(part for part in (stop_reason_words(row.stop_reason), token, meter) if part)
    return [Happening(row.ended_at, "Session ended", sub, "square")]


def _meter(energy_wh: int | None, formats: Formats) -> str:
    """A meter reading to the last digit: start and end must be tellable apart."""
    return "" if energy_wh is None else f"Meter at {formats.number(Decimal(energy_wh) / 1000, 3)} kWh"


def _requests(detail: TransactionDetail, commands: Sequence[tuple[Command, str]]) -> list[Happening]:
    """Our own part in it: the remote start that led to it, and remote stops."""
    told: list[Happening] = []
    for command, email in commands:
        is_start = command.remote_start_id is not None and command.remote_start_id == detail.remote_start_id
        is_stop = "Stop" in command.action and detail.row.ocpp_id in map(str, command.payload.values())
        if is_start or is_stop:
            what = "a start" if is_start else "a stop"
            answer = answer_words(command.answer_status) if command.answer_status else readable(command.state)
            told.append(Happening(command.asked_at, f"{email or 'A program'} asked for {what}", answer, "send"))
    return told


def _states(row: TransactionRow, frames: Iterable[Frame]) -> list[Happening]:
    told: list[Happening] = []
    before = ""
    for frame in sorted(frames, key=lambda one: (one.at, one.id or 0)):
        state = _state_in(row, frame)
        if state and state != before:
            told.append(Happening(frame.at, charging_state_words(state), "", _ICONS.get(state, "circle-dot"), "quiet"))
            before = state
    return told


def _state_in(row: TransactionRow, frame: Frame) -> str:
    """The charging state that a message tells of this session; empty for none."""
    payload = _payload(frame.text)
    if frame.action == "TransactionEvent":
        info = payload.get("transactionInfo") or {}
        if info.get("transactionId") != row.ocpp_id or payload.get("eventType") == "Ended":
            return ""
        return str(info.get("chargingState") or "")
    if payload.get("connectorId") != row.evse_number or "connectorStatus" in payload:
        return ""
    return _STATES_16.get(str(payload.get("status")), "")


def _payload(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return message[3] if isinstance(message, list) and len(message) > 3 and isinstance(message[3], dict) else {}


def _event(row: EventRow) -> Happening:
    event = row.event
    tone: Tone = {"problem": "problem", "warning": "warning"}.get(event.severity, "quiet")  # pyright: ignore[reportAssignmentType]
    icon = "wifi-off" if event.kind == "station.offline" else "triangle-alert"
    return Happening(event.at, event_words(event.text) or readable(event.kind), "", icon, tone)

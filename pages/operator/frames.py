"""Archived exchanges as the frames they were: a request and, beneath it in time, its answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from components.frame_log import Frame

_NOTES = {
    "timeout": "no answer",
    "dropped": "dropped",
    "unsent": "not sent",
    "offline": "connection lost",
}


def frames_of(row: Mapping[str, Any]) -> list[Frame]:
    """The frames of one exchange, newest first. `row` is a row of models.Frame, or the board's word of one."""
    at = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(row["at"])
    first = _frame(row, at, at, answers=False)
    if not row["answer_text"]:
        return [first]
    latency = timedelta(milliseconds=row["latency_ms"] or 0)
    return [_frame(row, at, at + latency, answers=True), first]


def _frame(row: Mapping[str, Any], began: datetime, at: datetime, *, answers: bool) -> Frame:
    text: str = row["answer_text"] if answers else row["text"]
    message, payload = _parsed(text)
    kind = {2: "call", 3: "result", 4: "error", 6: "call"}.get(message, "other")
    from_station = bool(row["from_station"]) != answers
    return Frame(
        # Live frames have no number of the database yet, so both kinds go by what they are.
        id=f"{_ms(began)} {row['message_id']} {'in' if from_station else 'out'}",
        at_ms=_ms(at),
        direction="in" if from_station else "out",
        kind=kind,  # pyright: ignore[reportArgumentType] - one of the four by the table above
        action=row["action"] or "Not a message",
        message_id=row["message_id"],
        latency_ms=row["latency_ms"] if answers else None,
        payload=payload,
        text="" if message else text,
        note="" if answers or row["answer_text"] else _NOTES.get(row["outcome"], ""),
    )


def _parsed(text: str) -> tuple[int, Any]:
    """Message type and payload; 0 for what is no OCPP-J message."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return 0, None
    match message:
        case [2 | 6 as kind, _, str(), payload, *_]:
            return kind, payload
        case [3, _, payload]:
            return 3, payload
        case [4, _, code, description, details, *_]:
            return 4, {"errorCode": code, "errorDescription": description, "errorDetails": details}
        case _:
            return 0, None


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

"""OCPP 2.x: messages on displays (O01 to O06)."""

from datetime import datetime
from typing import Any, cast

from csms.gateway.asking import Asked
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.telling import report_lesson
from csms.maintenance.service import (
    DisplayReport,
    PartReport,
    forget_absent_messages,
    forget_message,
    receive_part,
    store_messages,
)
from csms.ocpp.timestamps import parse_timestamp
from csms.work import Work
from models import ReportKind, StationReportState

_FILTERS = ("id", "priority", "state")
_learn_asked = report_lesson(ReportKind.DISPLAY_MESSAGES)


async def on_notify_display_messages(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Store one part of a report on display messages (O03); a whole one of all tells which are there no more."""
    messages = [message_in(message) for message in cast(list[dict[str, Any]], payload.get("messageInfo") or [])]
    await store_messages(work, ctx.ref, messages, ctx.received_at)
    part = PartReport(
        kind=ReportKind.DISPLAY_MESSAGES,
        request_id=payload["requestId"],
        number=None,
        to_be_continued=bool(payload.get("tbc")),
        entries=len(messages),
    )
    report = await receive_part(work, ctx.ref, part, ctx.received_at)
    is_of_all = bool(report.request) and not any(name in report.request for name in _FILTERS)
    if report.state == StationReportState.COMPLETE and is_of_all and report.asked_at is not None:
        await forget_absent_messages(work, ctx.ref, report.asked_at)
    return {}


async def learn_set(work: Work, asked: Asked) -> None:
    """O01, O02, O06: an accepted message is kept; the same number again replaces it."""
    if asked.answer.get("status") == "Accepted":
        await store_messages(work, asked.ref, [message_in(asked.payload["message"])], asked.at)


async def learn_cleared(work: Work, asked: Asked) -> None:
    """O05: cleared, or unknown to the station, comes to the same."""
    if asked.answer.get("status") in ("Accepted", "Unknown"):
        await forget_message(work, asked.ref, asked.payload["id"])


async def learn_asked(work: Work, asked: Asked) -> None:
    """O03, O04: a station without any message says Unknown."""
    await _learn_asked(work, asked)
    if asked.answer.get("status") == "Unknown" and not any(name in asked.payload for name in _FILTERS):
        await forget_absent_messages(work, asked.ref, asked.at)


def message_in(message: dict[str, Any]) -> DisplayReport:
    """A MessageInfoType in our words."""
    content: dict[str, Any] = message["message"]
    return DisplayReport(
        message_id=message["id"],
        priority=message["priority"],
        content=content["content"],
        format=content["format"],
        language=content.get("language", ""),
        state=message.get("state", ""),
        starts_at=_moment(message.get("startDateTime")),
        ends_at=_moment(message.get("endDateTime")),
        transaction_id=message.get("transactionId", ""),
        details=message,
    )


def _moment(text: object) -> datetime | None:
    return parse_timestamp(text) if text is not None else None


ROUTES = {"NotifyDisplayMessages": Route(on_notify_display_messages)}

LESSONS = {
    "ClearDisplayMessage": learn_cleared,
    "GetDisplayMessages": learn_asked,
    "SetDisplayMessage": learn_set,
}

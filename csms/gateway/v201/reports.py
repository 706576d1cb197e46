"""OCPP 2.x: reports on the device model in parts, and the requests for them (B07, B08)."""

from typing import Any, cast

from csms.gateway.device_model import variables_in
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.telling import report_lesson
from csms.maintenance.service import PartReport, receive_part
from csms.stations.service import store_variables
from csms.work import Work
from models import ReportKind


async def on_notify_report(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Store one part of a report; parts may be large, empty and come in any number (quirks 65, 76)."""
    data = cast(list[dict[str, Any]], payload.get("reportData") or [])
    await store_variables(work, ctx.ref, variables_in(data), ctx.received_at)
    part = PartReport(
        kind=ReportKind.DEVICE_MODEL,
        request_id=payload["requestId"],
        number=payload["seqNo"],
        to_be_continued=bool(payload.get("tbc")),
        entries=len(data),
    )
    await receive_part(work, ctx.ref, part, ctx.received_at)
    return {}


ROUTES = {"NotifyReport": Route(on_notify_report)}

LESSONS = {
    "GetBaseReport": report_lesson(ReportKind.DEVICE_MODEL),
    "GetReport": report_lesson(ReportKind.DEVICE_MODEL),
}
"""EmptyResultSet is a normal outcome (B_18)."""

"""OCPP 2.x: events, monitors and reports on them (N01 to N08, G05)."""

from dataclasses import replace
from typing import Any, cast

from csms.gateway.asking import Asked
from csms.gateway.device_model import (
    monitors_in,
    monitors_set,
    severity_for,
    status_in_event,
    story_of,
)
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.telling import report_lesson
from csms.maintenance.service import PartReport, receive_part
from csms.stations.service import (
    clear_alerts,
    forget_all_monitors,
    forget_monitors,
    raise_alert,
    record_event,
    report_status,
    severity_of,
    store_monitors,
)
from csms.work import Work
from models import ReportKind

_GONE = ("Accepted", "NotFound")


async def on_notify_event(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Take in events (N07, N08): the state of a connector is a status, everything else enters the history."""
    events = cast(list[dict[str, Any]], payload["eventData"])
    for event in events:
        status = status_in_event(event, ctx.received_at)
        if status is not None:
            await report_status(work, ctx.ref, status)
        else:
            await _tell(ctx, event, work)
    if payload.get("tbc") or payload["seqNo"] > 0:  # most come whole, and need no joining
        part = PartReport(ReportKind.EVENTS, None, payload["seqNo"], bool(payload.get("tbc")), len(events))
        await receive_part(work, ctx.ref, part, ctx.received_at)
    return {}


async def _tell(ctx: Exchange, event: dict[str, Any], work: Work) -> None:
    story = story_of(event, ctx.received_at)
    if story.is_over:
        await clear_alerts(work, ctx.ref, story.entry.source, story.entry.at)
    if not story.is_alert:
        return await record_event(work, ctx.ref, story.entry)
    entry = story.entry
    if isinstance(story.monitor_id, int):
        severity = await severity_of(work, ctx.ref, story.monitor_id)
        entry = entry if severity is None else replace(entry, severity=severity_for(severity))
    await raise_alert(work, ctx.ref, entry)


async def on_notify_monitoring_report(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Store one part of a report on monitors (N02)."""
    monitors = monitors_in(payload.get("monitor") or [])
    await store_monitors(work, ctx.ref, monitors, ctx.received_at)
    part = PartReport(
        kind=ReportKind.MONITORING,
        request_id=payload["requestId"],
        number=payload["seqNo"],
        to_be_continued=bool(payload.get("tbc")),
        entries=len(monitors),
    )
    await receive_part(work, ctx.ref, part, ctx.received_at)
    return {}


async def learn_monitors_set(work: Work, asked: Asked) -> None:
    """N04: each accepted monitor is kept with the number the station gave it."""
    monitors = monitors_set(asked.payload["setMonitoringData"], asked.answer["setMonitoringResult"])
    await store_monitors(work, asked.ref, monitors, asked.at)


async def learn_monitors_cleared(work: Work, asked: Asked) -> None:
    """N06: what was cleared, or was never there, is forgotten; what was refused stays (N_44)."""
    results = cast(list[dict[str, Any]], asked.answer["clearMonitoringResult"])
    gone = [result["id"] for result in results if result.get("status") in _GONE]
    await forget_monitors(work, asked.ref, gone)


async def learn_monitoring_base(work: Work, asked: Asked) -> None:
    """N03: the station's own set is in force; which monitors that is, the next report tells."""
    if asked.answer.get("status") == "Accepted" and asked.payload.get("monitoringBase") != "All":
        await forget_all_monitors(work, asked.ref)


ROUTES = {
    "NotifyEvent": Route(on_notify_event),
    "NotifyMonitoringReport": Route(on_notify_monitoring_report),
}

LESSONS = {
    "ClearVariableMonitoring": learn_monitors_cleared,
    "GetMonitoringReport": report_lesson(ReportKind.MONITORING),
    "SetMonitoringBase": learn_monitoring_base,
    "SetVariableMonitoring": learn_monitors_set,
}

"""OCPP 2.1, block R: controls of distributed energy, and alarms of the grid (R04)."""

from typing import Any, cast

from csms.gateway.asking import Asked, Json
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.telling import report_lesson
from csms.gateway.wire import moment_of
from csms.maintenance.service import PartReport, receive_part
from csms.smart_charging.der import (
    DerMeant,
    DerTold,
    DerTurn,
    der_absent,
    der_cleared,
    der_refused,
    der_reported,
    der_set,
    der_turned,
)
from csms.stations.service import EventReport, clear_alerts, raise_alert
from csms.work import Work
from models import ReportKind, Severity, StationReportState

_REPORTED = {
    "curve": ("curve", ""),
    "enterService": ("enterService", "EnterService"),
    "fixedPFAbsorb": ("fixedPF", "FixedPFAbsorb"),
    "fixedPFInject": ("fixedPF", "FixedPFInject"),
    "fixedVar": ("fixedVar", "FixedVar"),
    "freqDroop": ("freqDroop", "FreqDroop"),
    "gradient": ("gradient", "Gradients"),
    "limitMaxDischarge": ("limitMaxDischarge", "LimitMaxDischarge"),
}
"""Lists of a report: the name of the control's own object in it, and the type; a curve says its type itself."""
_ABOUT = ("isDefault", "controlId", "controlType", "customData")
_NOTHING_THERE = ("Accepted", "NotFound")
_learn_asked = report_lesson(ReportKind.DER_CONTROLS)


async def on_report_der_control(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """One part of a report (R04), joined by requestId until tbc is false; a whole one tells what is there no more."""
    controls = list(_controls_in(payload))
    await der_reported(work, ctx.ref, controls, ctx.received_at)
    part = PartReport(
        kind=ReportKind.DER_CONTROLS,
        request_id=payload["requestId"],
        number=None,
        to_be_continued=bool(payload.get("tbc")),
        entries=len(controls),
    )
    report = await receive_part(work, ctx.ref, part, ctx.received_at)
    if report.state == StationReportState.COMPLETE and report.asked_at is not None and report.request:
        await der_absent(work, ctx.ref, _meant(report.request), report.asked_at, ctx.received_at)
    return {}


async def on_notify_der_start_stop(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """A control began or stopped (R04)."""
    turn = DerTurn(
        control_id=payload["controlId"],
        started=payload["started"],
        superseded=payload.get("supersededIds") or [],
        turned_at=moment_of(payload["timestamp"], ctx.received_at),
    )
    await der_turned(work, ctx.ref, turn, ctx.received_at)
    return {}


async def on_notify_der_alarm(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """An alarm of the grid begins, or is over (R04): it lasts as an alert until its end is told."""
    at = moment_of(payload["timestamp"], ctx.received_at)
    source = f"DER {payload['controlType']}"
    if payload.get("alarmEnded"):
        await clear_alerts(work, ctx.ref, source, at)
        return {}
    said = [payload.get("gridEventFault") or "", payload.get("extraInfo") or ""]
    because = ", ".join(word for word in said if word)
    text = f"The grid triggered {payload['controlType']}" + (f": {because}" if because else "")
    alert = EventReport("device.alert", Severity.PROBLEM, text, at, details=payload, source=source)
    await raise_alert(work, ctx.ref, alert)
    return {}


async def learn_set(work: Work, asked: Asked) -> None:
    """R04: what was accepted is installed, and what it supersedes is not at work; else nothing changed."""
    control_id, control_type = asked.payload.get("controlId"), asked.payload.get("controlType")
    if not isinstance(control_id, str) or not isinstance(control_type, str):
        return  # sent unchecked; nobody can say what it meant
    settings = {name: value for name, value in asked.payload.items() if name not in _ABOUT}
    told = DerTold(control_id, control_type, bool(asked.payload.get("isDefault")), settings)
    if asked.answer.get("status") == "Accepted":
        await der_set(work, asked.ref, told, asked.answer.get("supersededIds") or [], asked.at)
    else:
        await der_refused(work, asked.ref, told, _why(asked.answer), asked.at)


async def learn_cleared(work: Work, asked: Asked) -> None:
    """R04: cleared, or not found, comes to the same."""
    if asked.answer.get("status") in _NOTHING_THERE and isinstance(asked.payload.get("isDefault"), bool):
        await der_cleared(work, asked.ref, _meant(asked.payload), asked.at)


async def learn_asked(work: Work, asked: Asked) -> None:
    """R04: a report follows, or the station has nothing of the kind."""
    await _learn_asked(work, asked)
    if asked.answer.get("status") == "NotFound":
        await der_absent(work, asked.ref, _meant(asked.payload), asked.at, asked.at)


def _meant(request: Json) -> DerMeant:
    return DerMeant(request.get("isDefault"), request.get("controlType"), request.get("controlId"))


def _controls_in(payload: Payload) -> list[DerTold]:
    return [
        DerTold(
            control_id=entry["id"],
            control_type=kind or entry["curveType"],
            is_default=entry.get("isDefault"),
            settings={name: entry[own]},
            is_superseded=bool(entry.get("isSuperseded")),
        )
        for name, (own, kind) in _REPORTED.items()
        for entry in cast(list[dict[str, Any]], payload.get(name) or [])
    ]


def _why(answer: Json) -> str:
    """The station's word, and its reason if it gives one."""
    info = cast(Json, answer.get("statusInfo") or {})
    words = (answer.get("status"), info.get("reasonCode"), info.get("additionalInfo"))
    return ": ".join(str(word) for word in words if word)


ROUTES = {
    "NotifyDERAlarm": Route(on_notify_der_alarm),
    "NotifyDERStartStop": Route(on_notify_der_start_stop),
    "ReportDERControl": Route(on_report_der_control),
}

LESSONS = {
    "ClearDERControl": learn_cleared,
    "GetDERControl": learn_asked,
    "SetDERControl": learn_set,
}

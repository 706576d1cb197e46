"""Keeps how far a report in parts has come (B07, B08, N02, N09, O03): joined by requestId and seqNo until tbc=false."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from csms.bus.events import ReportReceived
from csms.cause import current_cause
from csms.maintenance.parts import parts_of
from csms.stations.ref import StationRef
from csms.work import Work
from models import ReportKind, StationReport, StationReportState

_NOTHING = frozenset({"EmptyResultSet", "NotFound", "Unknown"})
_TAKEN = frozenset({"", "Accepted"})


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A request for a report and the station's word on it. `request` holds no personal data."""

    kind: ReportKind
    action: str
    request_id: int
    status: str
    request: dict[str, Any]
    is_over: bool = False
    """Accepted, but no report was asked for."""


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part. `number` is None where the message has no seqNo: then parts count as they come."""

    kind: ReportKind
    request_id: int | None
    number: int | None
    to_be_continued: bool
    entries: int = 0
    text: str = ""
    """Customer information (N09)."""


async def note_asked(work: Work, ref: StationRef, asked: ReportRequest, at: datetime) -> StationReport:
    """Record the answer to a request for a report; parts that came before the answer belong to it."""
    report = await _newest(work, ref, asked.kind, asked.request_id)
    if report is None or report.asked_at is not None:
        report = StationReport(station_id=ref.id, kind=asked.kind, request_id=asked.request_id, updated_at=at)
        work.session().add(report)
    report.action, report.status, report.request, report.asked_at = asked.action, asked.status, asked.request, at
    report.updated_at = at
    if not report.parts:
        report.state = _state_at_answer(asked)
        report.ended_at = None if report.state == StationReportState.ASKED else at
    await work.session().flush()
    return report


async def receive_part(work: Work, ref: StationRef, part: PartReport, at: datetime) -> StationReport:
    """Join one part to its report, which is created where nobody recorded the request; tell when it is whole."""
    report = await _newest(work, ref, part.kind, part.request_id)
    if report is None or (part.request_id is None and report.ended_at is not None):
        report = StationReport(station_id=ref.id, kind=part.kind, request_id=part.request_id, updated_at=at)
        work.session().add(report)
    number = len(report.parts) if part.number is None else max(0, part.number)
    is_new = number not in report.parts
    parts = parts_of(report.parts, report.last_part).with_part(number, to_be_continued=part.to_be_continued)
    report.parts, report.last_part, report.missing = list(parts.numbers), parts.last, parts.missing
    report.entries += part.entries if is_new else 0
    if part.text:
        report.texts = report.texts | {str(number): part.text}
    report.updated_at = at
    await _settle(work, ref, report, parts.is_complete, at)
    return report


async def _settle(work: Work, ref: StationRef, report: StationReport, is_complete: bool, at: datetime) -> None:
    report.state = StationReportState.COMPLETE if is_complete else StationReportState.ARRIVING
    report.ended_at = at if is_complete else None
    await work.session().flush()
    if is_complete:
        work.announce(
            ReportReceived(
                tenant_id=ref.tenant_id,
                station_id=ref.id,
                at=at,
                cause_id=current_cause(),
                kind=report.kind,
                report_id=report.id or 0,
                request_id=report.request_id,
            )
        )


async def _newest(work: Work, ref: StationRef, kind: ReportKind, request_id: int | None) -> StationReport | None:
    query = select(StationReport).where(
        col(StationReport.station_id) == ref.id,
        col(StationReport.kind) == kind,
        col(StationReport.request_id).is_(None) if request_id is None else col(StationReport.request_id) == request_id,
    )
    return (await work.session().execute(query.order_by(col(StationReport.id).desc()).limit(1))).scalar_one_or_none()


def _state_at_answer(asked: ReportRequest) -> StationReportState:
    if asked.status in _NOTHING:
        return StationReportState.EMPTY
    if asked.status not in _TAKEN:
        return StationReportState.REFUSED
    return StationReportState.COMPLETE if asked.is_over else StationReportState.ASKED

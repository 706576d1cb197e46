"""What every dialect does with jobs and reports that a station tells of by requestId."""

from csms.gateway.asking import Asked, Json, Lesson
from csms.gateway.dispatch import Exchange, Handler, Payload
from csms.maintenance.service import JobNews, JobRequest, ReportRequest, begin_job, note_asked, note_progress
from csms.stations.service import want_availability
from csms.work import Work
from models import JobKind, ReportKind

_AGREED = ("Accepted", "Scheduled")


def job_news(kind: JobKind) -> Handler:
    """Serves a status notification about jobs of this kind; any word is answered (L01, L03, N01)."""

    async def on_status(ctx: Exchange, payload: Payload, work: Work) -> Payload:
        news = JobNews(kind, payload["status"], payload.get("requestId"), payload.get("location") or [])
        await note_progress(work, ctx.ref, news, ctx.received_at)
        return {}

    return on_status


def job_lesson(kind: JobKind) -> Lesson:
    """Records what was begun by the answer to a request (L01, N01); an answer without a status means yes."""

    async def learn_begun(work: Work, asked: Asked) -> None:
        request = JobRequest(
            kind=kind,
            action=asked.action,
            status=str(asked.answer.get("status", "")),
            request=asked.payload,
            request_id=asked.payload.get("requestId"),
            file_name=str(asked.answer.get("filename") or asked.answer.get("fileName") or ""),
        )
        await begin_job(work, asked.ref, request, asked.at)

    return learn_begun


async def learn_reset(work: Work, asked: Asked) -> None:
    """B11, B12: a reset of the station lasts until its boot; one of an EVSE is over at once, or when it is idle."""
    status, evse_number = str(asked.answer.get("status", "")), asked.payload.get("evseId") or 0
    request = JobRequest(
        kind=JobKind.RESET,
        action=asked.action,
        status=status,
        request=asked.payload,
        evse_number=evse_number,
        is_over=bool(evse_number) and status == "Accepted",
    )
    await begin_job(work, asked.ref, request, asked.at)


def report_lesson(kind: ReportKind, personal: tuple[str, ...] = ()) -> Lesson:
    """Records the answer to a request for a report; `personal` are fields of the request that are not kept."""

    async def learn_asked(work: Work, asked: Asked) -> None:
        request_id = asked.payload.get("requestId")
        if not isinstance(request_id, int):
            return
        kept = {name: value for name, value in asked.payload.items() if name not in personal}
        is_over = kind == ReportKind.CUSTOMER_INFORMATION and not asked.payload.get("report")
        status = str(asked.answer.get("status", ""))
        asked_report = ReportRequest(kind, asked.action, request_id, status, kept, is_over)
        await note_asked(work, asked.ref, asked_report, asked.at)

    return learn_asked


async def learn_availability(work: Work, asked: Asked, evse: Json, *, operative: bool) -> None:
    """G03, G04: what the station agreed to be, now or once its transactions have ended."""
    status = asked.answer.get("status")
    if status in _AGREED:
        await want_availability(
            work,
            asked.ref,
            evse_number=evse.get("id") or 0,
            connector_number=evse.get("connectorId") or 0,
            operative=operative,
            scheduled=status == "Scheduled",
            at=asked.at,
        )

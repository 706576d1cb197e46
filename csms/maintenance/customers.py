"""Customer information is personal data: joined for whoever asked, and deleted in time (N09, N10)."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from csms.work import Work
from models import ReportKind, StationReport


def text_of(report: StationReport) -> str:
    """What the station told, its parts in order."""
    return "".join(text for _, text in sorted(report.texts.items(), key=lambda part: int(part[0])))


async def delete_old_texts(work: Work, before: datetime) -> None:
    """Forget what reports older than `before` told; that they were asked for stays known. Platform scope."""
    await work.session().execute(
        update(StationReport)
        .where(
            col(StationReport.kind) == ReportKind.CUSTOMER_INFORMATION,
            col(StationReport.updated_at) < before,
        )
        .values(texts={})
        .execution_options(synchronize_session=False)
    )

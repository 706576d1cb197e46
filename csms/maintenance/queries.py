"""Reads of jobs, reports and display messages of one station, within the tenant in scope."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.maintenance.customers import text_of
from models import DisplayMessage, JobKind, MaintenanceJob, ReportKind, StationReport

__all__ = ["display_messages", "jobs", "report", "reports", "text_of"]


async def jobs(
    session: AsyncSession,
    station_id: int,
    *,
    kinds: Sequence[JobKind] = (),
    open_only: bool = False,
    limit: int = 50,
) -> list[MaintenanceJob]:
    """Jobs of a station, the newest first."""
    query = select(MaintenanceJob).where(col(MaintenanceJob.station_id) == station_id)
    if kinds:
        query = query.where(col(MaintenanceJob.kind).in_(kinds))
    if open_only:
        query = query.where(col(MaintenanceJob.ended_at).is_(None))
    return list((await session.execute(query.order_by(col(MaintenanceJob.id).desc()).limit(limit))).scalars())


async def reports(
    session: AsyncSession, station_id: int, *, kind: ReportKind | None = None, limit: int = 50
) -> list[StationReport]:
    """Reports of a station, the newest first."""
    query = select(StationReport).where(col(StationReport.station_id) == station_id)
    if kind is not None:
        query = query.where(col(StationReport.kind) == kind)
    return list((await session.execute(query.order_by(col(StationReport.id).desc()).limit(limit))).scalars())


async def report(session: AsyncSession, report_id: int) -> StationReport | None:
    """One report of the tenant in scope, or None."""
    return await session.get(StationReport, report_id)


async def display_messages(session: AsyncSession, station_id: int) -> list[DisplayMessage]:
    """What a station's display shows, as far as the station has confirmed it."""
    query = select(DisplayMessage).where(col(DisplayMessage.station_id) == station_id)
    return list((await session.execute(query.order_by(col(DisplayMessage.message_id)))).scalars())

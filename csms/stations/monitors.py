"""Keeps the monitors that stations have on their variables (N02 to N06)."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Executable, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from csms.stations.ref import StationRef
from csms.stations.reports import MonitorReport
from csms.stations.tables import MONITOR
from csms.work import Work
from models import StationMonitor

_KEY = ("station_id", "monitor_id")


async def store_monitors(work: Work, ref: StationRef, reports: Sequence[MonitorReport], at: datetime) -> None:
    """Insert monitors, or replace those of the same number."""
    for report in reports:
        row = {name: getattr(report, name) for name in MonitorReport.__slots__}
        row |= {"tenant_id": ref.tenant_id, "station_id": ref.id, "reported_at": at}
        work.append(_upsert(work.dialect), row)


async def forget_monitors(work: Work, ref: StationRef, monitor_ids: Sequence[int]) -> None:
    """The station has cleared these, or never had them (N06)."""
    await work.session().execute(
        delete(StationMonitor).where(
            col(StationMonitor.station_id) == ref.id, col(StationMonitor.monitor_id).in_(monitor_ids)
        )
    )


async def forget_all_monitors(work: Work, ref: StationRef) -> None:
    """The station went back to a base set of monitors, which is not known before the next report (N03)."""
    await work.session().execute(delete(StationMonitor).where(col(StationMonitor.station_id) == ref.id))


async def severity_of(work: Work, ref: StationRef, monitor_id: int) -> int | None:
    """Severity of one of the station's monitors, if it is known."""
    query = select(StationMonitor.severity).where(
        col(StationMonitor.station_id) == ref.id, col(StationMonitor.monitor_id) == monitor_id
    )
    return (await work.session().execute(query)).scalar_one_or_none()


@lru_cache
def _upsert(dialect: str) -> Executable:
    insert = postgresql.insert(MONITOR) if dialect == "postgresql" else sqlite.insert(MONITOR)
    changed = [column.name for column in MONITOR.c if column.name not in (*_KEY, "id", "tenant_id")]
    return insert.on_conflict_do_update(
        index_elements=list(_KEY), set_={name: insert.excluded[name] for name in changed}
    )

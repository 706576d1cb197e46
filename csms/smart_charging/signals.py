"""Signals for automatic frequency restoration (Q08): the newest one that each station answered."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.smart_charging.store import fitting
from csms.stations.ref import StationRef
from csms.work import Work
from models import FrequencySignal


async def signal_answered(
    work: Work, ref: StationRef, signal: int, signalled_at: datetime, status: str, at: datetime
) -> None:
    """Keep an AFRRSignal and the station's answer. Signals come every few seconds: one row a station, and a count."""
    row = await frequency_signal(work.session(), ref.id)
    if row is None:
        row = FrequencySignal(
            station_id=ref.id, signal=fitting(signal), signalled_at=signalled_at, status=status[:16], answered_at=at
        )
        work.session().add(row)
        return
    row.signal, row.signalled_at, row.status, row.answered_at = fitting(signal), signalled_at, status[:16], at
    row.count += 1


async def frequency_signal(session: AsyncSession, station_id: int) -> FrequencySignal | None:
    """The newest signal of a station, or None if it never was sent one."""
    query = select(FrequencySignal).where(col(FrequencySignal.station_id) == station_id)
    return (await session.execute(query)).scalar_one_or_none()

"""Which transactions charge with priority (K21: by us, K22: by the driver at the station)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.stations.ref import StationRef
from csms.work import Work
from models import PriorityCharging

_MAX_ID = 36


async def priority_told(
    work: Work, ref: StationRef, transaction_ocpp_id: str, *, is_active: bool, at: datetime
) -> None:
    """A NotifyPriorityCharging: the station knows best."""
    row = await _row(work, ref, transaction_ocpp_id, at)
    row.is_active, row.updated_at = is_active, at


async def priority_asked(
    work: Work, ref: StationRef, transaction_ocpp_id: str, *, wanted: bool, status: str, at: datetime
) -> None:
    """A UsePriorityCharging and its answer: Accepted, Rejected, or NoProfile to charge by."""
    row = await _row(work, ref, transaction_ocpp_id, at)
    row.wanted, row.status, row.updated_at = wanted, status, at
    if status == "Accepted":
        row.is_active = wanted


async def priorities(session: AsyncSession, station_id: int) -> Sequence[PriorityCharging]:
    """What is known of priority at a station, the newest first."""
    query = select(PriorityCharging).where(col(PriorityCharging.station_id) == station_id)
    return (await session.execute(query.order_by(col(PriorityCharging.id).desc()))).scalars().all()


async def prioritised(session: AsyncSession, station_id: int, transaction_ocpp_ids: Sequence[str]) -> frozenset[str]:
    """Those of the transactions that charge with priority now."""
    if not transaction_ocpp_ids:
        return frozenset()
    query = select(col(PriorityCharging.transaction_ocpp_id)).where(
        col(PriorityCharging.station_id) == station_id,
        col(PriorityCharging.transaction_ocpp_id).in_(transaction_ocpp_ids),
        col(PriorityCharging.is_active),
    )
    return frozenset((await session.execute(query)).scalars())


async def _row(work: Work, ref: StationRef, transaction_ocpp_id: str, at: datetime) -> PriorityCharging:
    session, key = work.session(), transaction_ocpp_id[:_MAX_ID]
    query = select(PriorityCharging).where(
        col(PriorityCharging.station_id) == ref.id, col(PriorityCharging.transaction_ocpp_id) == key
    )
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        row = PriorityCharging(station_id=ref.id, transaction_ocpp_id=key, updated_at=at)
        session.add(row)
    return row

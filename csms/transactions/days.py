"""Energy, sessions and revenue per local day, summed in the database."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Float, cast, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import Transaction

QUARTER_S = 900
"""Every zone's offset is a whole number of quarters of an hour: quarters add up to local days, also in summer time."""
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What started on one local day. `revenue` is in the tenant's currency, of sessions that have ended."""

    day: date
    energy_wh: int
    sessions: int
    revenue: Decimal


async def daily_energy(
    session: AsyncSession, since: datetime, time_zone: str, until: datetime | None = None
) -> list[DayTotal]:
    """Totals of each day in `time_zone` from `since` on; days without sessions are there, up to `until`."""
    zone = ZoneInfo(time_zone)
    totals: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for quarter, *sums in (await session.execute(_quarters(session, since, until))).all():
        day = datetime.fromtimestamp(int(quarter) * QUARTER_S, UTC).astimezone(zone).date()
        totals[day] = [total + int(more or 0) for total, more in zip(totals[day], sums, strict=True)]
    first = since.astimezone(zone).date()
    last = max([first, *totals] if until is None else [first, until.astimezone(zone).date()])
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [DayTotal(day, totals[day][0], totals[day][1], Decimal(totals[day][2]) / MICRO) for day in days]


def _quarters(session: AsyncSession, since: datetime, until: datetime | None) -> Any:
    """Sums by quarter of an hour. Money is summed in millionths, exact on both databases."""
    quarter: Any = _epoch(session) // QUARTER_S
    micros = cast(func.round(cast(col(Transaction.cost), Float) * MICRO), BigInteger)
    within = [col(Transaction.started_at) >= since]
    if until is not None:
        within.append(col(Transaction.started_at) < until)
    each: Any = (
        select(quarter.label("quarter"), col(Transaction.energy_wh), micros.label("micros")).where(*within).subquery()
    )
    sums = (func.sum(each.c.energy_wh), func.count(), func.sum(each.c.micros))
    return select(each.c.quarter, *sums).group_by(each.c.quarter)


def _epoch(session: AsyncSession) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return cast(func.strftime("%s", col(Transaction.started_at)), BigInteger)
    return cast(func.floor(extract("epoch", col(Transaction.started_at))), BigInteger)

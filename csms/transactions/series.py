"""The course of a transaction for a chart: its meter values, thinned in the database."""

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.transactions.samples import samples_of
from models import MeterValue, Transaction


class MeterPoint(NamedTuple):
    """One point of a chart. What was not said is None."""

    sampled_at: datetime
    power_w: float | None
    transaction_energy_wh: int | None
    soc_percent: float | None


async def meter_series(session: AsyncSession, transaction_id: int, max_points: int = 300) -> list[MeterPoint]:
    """A transaction's meter values in order of time, evenly thinned to about `max_points`; the last is always there.

    Where the station never said its power, it is worked out from the energy between two points (quirk 56).
    """
    transaction = await session.get(Transaction, transaction_id)
    if transaction is None:
        return []
    numbered = (
        select(
            col(MeterValue.sampled_at),
            col(MeterValue.power_w),
            col(MeterValue.transaction_energy_wh),
            col(MeterValue.soc_percent),
            func.row_number().over(order_by=col(MeterValue.sampled_at)).label("place"),
            func.count().over().label("places"),
        )
        .where(
            samples_of(transaction),
            or_(
                col(MeterValue.power_w).is_not(None),
                col(MeterValue.transaction_energy_wh).is_not(None),
                col(MeterValue.soc_percent).is_not(None),
            ),
        )
        .subquery()
    )
    step = 1 + (numbered.c.places - 1) // max_points
    query = (
        select(*list(numbered.c)[:4])
        .where(or_((numbered.c.place - 1) % step == 0, numbered.c.place == numbered.c.places))
        .order_by(numbered.c.place)
    )
    points = [MeterPoint(*row) for row in (await session.execute(query)).all()]
    return points if any(point.power_w is not None for point in points) else _with_mean_power(points)


def _with_mean_power(points: list[MeterPoint]) -> list[MeterPoint]:
    """Power up to each point, as the energy since the point before tells it."""
    with_power: list[MeterPoint] = points[:1]
    for before, point in pairwise(points):
        seconds = (point.sampled_at - before.sampled_at).total_seconds()
        if point.transaction_energy_wh is None or before.transaction_energy_wh is None or seconds <= 0:
            with_power.append(point)
            continue
        step_wh = max(0, point.transaction_energy_wh - before.transaction_energy_wh)
        with_power.append(point._replace(power_w=round(step_wh * 3600 / seconds, 1)))
    return with_power

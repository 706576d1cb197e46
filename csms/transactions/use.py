"""What was used of an allotment so far: sessions at a time, energy and money of the day and the month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.limits import ZERO, Allotment, Periods, Use
from csms.transactions.restore import load
from models import Tenant, Transaction

_COLUMNS: tuple[Any, ...] = (
    col(Transaction.id),
    col(Transaction.station_id),
    col(Transaction.evse_number),
    col(Transaction.is_open),
    col(Transaction.authorization_status),
    col(Transaction.started_at),
    col(Transaction.energy_wh),
    col(Transaction.cost),
    col(Transaction.currency),
)


@dataclass(frozen=True, slots=True)
class Books:
    """By whose clock and in whose money a tenant's limits are counted."""

    time_zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """A session about to begin, which does not count yet; nor does one on the same EVSE whose end was lost."""

    station_id: int
    evse_number: int
    transaction_id: int | None = None


async def books_of(session: AsyncSession, tenant_id: int) -> Books:
    """The tenant's time zone and currency."""
    found = await session.execute(
        select(col(Tenant.time_zone), col(Tenant.currency)).where(col(Tenant.id) == tenant_id)
    )
    time_zone, currency = found.one()
    return Books(time_zone, currency)


async def use_of(
    session: AsyncSession, allotment: Allotment, now: datetime, books: Books, beginning: Beginning | None = None
) -> Use:
    """What the allotment's owner used, as of `now`; without the session that is `beginning`."""
    periods = Periods.at(now, books.time_zone)
    lately = or_(col(Transaction.is_open), col(Transaction.started_at) >= periods.month)
    found = (await session.execute(select(*_COLUMNS).where(owned_by(allotment), lately))).all()
    rows = [row for row in found if beginning is None or row.id != beginning.transaction_id]
    running = await _running(session, [row.id for row in rows if row.is_open])
    return _summed(rows, running, periods, books, beginning)


def owned_by(allotment: Allotment) -> ColumnElement[bool]:
    """The sessions that count for it: those its token, driver or group began."""
    columns: dict[str, Any] = {
        "token": col(Transaction.id_token_id),
        "driver": col(Transaction.driver_id),
        "group": col(Transaction.token_group),
    }
    return columns[allotment.kind] == allotment.key


async def _running(session: AsyncSession, ids: list[int]) -> dict[int, tuple[int, Decimal]]:
    """Energy and cost of those that run, as far as their meters have told."""
    if not ids:
        return {}
    loaded = await load(session, col(Transaction.id).in_(ids), limit=len(ids))
    costs = {
        entry.id: entry.cost(entry.state, entry.state.progress.at or entry.state.started_at) for _, entry in loaded
    }
    return {entry.id: (entry.state.energy_wh, costs[entry.id] or ZERO) for _, entry in loaded}


def _summed(
    rows: Sequence[Any],
    running: dict[int, tuple[int, Decimal]],
    periods: Periods,
    books: Books,
    beginning: Beginning | None,
) -> Use:
    transactions = energy_day = energy_month = 0
    cost_day = cost_month = ZERO
    for row in rows:
        energy_wh, cost = running.get(row.id, (row.energy_wh, row.cost or ZERO))
        cost = cost if row.currency == books.currency else ZERO
        transactions += _is_busy(row, beginning)
        if row.started_at >= periods.month:
            energy_month, cost_month = energy_month + energy_wh, cost_month + cost
        if row.started_at >= periods.day:
            energy_day, cost_day = energy_day + energy_wh, cost_day + cost
    return Use(transactions, energy_day, energy_month, cost_day, cost_month)


def _is_busy(row: Any, beginning: Beginning | None) -> bool:
    if not row.is_open or row.authorization_status not in ("Accepted", ""):
        return False
    here = beginning is not None and (row.station_id, row.evse_number) == (beginning.station_id, beginning.evse_number)
    return not here

"""Limits of a transaction (2.1, E16): what the station says it has, and what we tell it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.authorization.decision import decide
from csms.authorization.limits import Left
from csms.authorization.prepaid import Allowance, allowance_of
from csms.stations.ref import StationRef
from csms.transactions.adhoc import paid_in_advance
from csms.transactions.admitting import left_for
from csms.transactions.use import Beginning, books_of
from models import Transaction

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """The most a transaction may cost, deliver and last; None: no limit of ours."""

    max_cost: Decimal | None = None
    max_energy_wh: int | None = None
    max_time_s: int | None = None

    def within(self, left: Left) -> "OwnLimit":
        """The tighter of this and what is left."""
        tighter = Left(self.max_energy_wh, self.max_cost).at_most(left)
        return OwnLimit(tighter.cost, tighter.energy_wh, self.max_time_s)


NO_LIMIT = OwnLimit()


async def find_transaction(session: AsyncSession, ref: StationRef, ocpp_id: str) -> Transaction | None:
    """The transaction with this id on the wire."""
    query = select(Transaction).where(col(Transaction.station_id) == ref.id, col(Transaction.start_key) == ocpp_id)
    return (await session.execute(query)).scalar_one_or_none()


async def limit_for(session: AsyncSession, ref: StationRef, row: Transaction, now: datetime) -> OwnLimit:
    """Our limit of a transaction, worked out once and kept with it; a repeated event hears the same.

    It comes from the token: its own limits, what is left on it if it is prepaid, or what was paid in advance; and from
    what the limits of the day and the month leave to token, driver and group.
    """
    if row.own_limit is None and row.is_open and row.authorization_status == "Accepted" and row.id_token:
        allowance = await allowance_of(session, row.id_token, row.id_token_type)
        limit = combined(allowance, row.currency, await paid_in_advance(session, ref, row))
        limit = limit.within(await _left(session, ref, row, now))
        row.own_limit = None if limit == NO_LIMIT else _written(limit)
    return NO_LIMIT if row.own_limit is None else _read(row.own_limit)


async def _left(session: AsyncSession, ref: StationRef, row: Transaction, now: datetime) -> Left:
    decision = await decide(session, row.id_token, now, type=row.id_token_type, station=ref)
    left = await left_for(session, ref, decision, now, Beginning(ref.id, row.evse_number, row.id))
    is_counted = row.currency == (await books_of(session, ref.tenant_id)).currency
    return left if is_counted else Left(left.energy_wh)


def combined(allowance: Allowance | None, currency: str, prepaid: Decimal | None = None) -> OwnLimit:
    """The tightest of all limits. A credit in another currency than the tariff's says nothing."""
    found = allowance or Allowance()
    costs = [found.max_cost, prepaid]
    if found.credit is not None and found.credit_currency in ("", currency):
        costs.append(max(ZERO, found.credit))
    told = [cost for cost in costs if cost is not None]
    return OwnLimit(min(told) if told else None, found.max_energy_wh, found.max_time_s)


def _written(limit: OwnLimit) -> dict[str, Any]:
    values = {
        "max_cost": None if limit.max_cost is None else str(limit.max_cost),
        "max_energy_wh": limit.max_energy_wh,
        "max_time_s": limit.max_time_s,
    }
    return {name: value for name, value in values.items() if value is not None}


def _read(written: dict[str, Any]) -> OwnLimit:
    cost = written.get("max_cost")
    return OwnLimit(None if cost is None else Decimal(cost), written.get("max_energy_wh"), written.get("max_time_s"))

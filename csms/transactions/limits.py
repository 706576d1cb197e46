"""Limits of a transaction (2.1, E16): what the station says it has, and what we tell it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.authorization.prepaid import Allowance, allowance_of
from csms.stations.ref import StationRef
from csms.transactions.adhoc import paid_in_advance
from models import Transaction

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """The most a transaction may cost, deliver and last; None: no limit of ours."""

    max_cost: Decimal | None = None
    max_energy_wh: int | None = None
    max_time_s: int | None = None


NO_LIMIT = OwnLimit()


async def find_transaction(session: AsyncSession, ref: StationRef, ocpp_id: str) -> Transaction | None:
    """The transaction with this id on the wire."""
    query = select(Transaction).where(col(Transaction.station_id) == ref.id, col(Transaction.start_key) == ocpp_id)
    return (await session.execute(query)).scalar_one_or_none()


async def limit_for(session: AsyncSession, ref: StationRef, row: Transaction) -> OwnLimit:
    """Our limit of a transaction, worked out once and kept with it; a repeated event hears the same.

    It comes from the token: its own limits, what is left on it if it is prepaid, or what was paid in advance.
    """
    if row.own_limit is None and row.is_open and row.authorization_status == "Accepted" and row.id_token:
        allowance = await allowance_of(session, row.id_token, row.id_token_type)
        limit = combined(allowance, row.currency, await paid_in_advance(session, ref, row))
        row.own_limit = None if limit == NO_LIMIT else _written(limit)
    return NO_LIMIT if row.own_limit is None else _read(row.own_limit)


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

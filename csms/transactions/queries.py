"""Reads of transactions for pages and API. Each works within the tenant in scope and pages in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Float, Select, func, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.errors import InvalidInputError, NotFoundError
from csms.tariffs.pricing import Price, Prices, price_of
from csms.transactions.days import DayTotal, daily_energy
from csms.transactions.restore import load
from csms.transactions.running import Running
from csms.transactions.series import MeterPoint, meter_series
from models import ChargingStation, Driver, Location, Tariff, TariffVersion, Transaction

__all__ = [
    "MAX_TOTAL",
    "SORTS",
    "DayTotal",
    "LatestMeter",
    "MeterPoint",
    "TransactionDetail",
    "TransactionQuery",
    "TransactionRow",
    "daily_energy",
    "latest_meter",
    "meter_series",
    "open_transactions",
    "search_transactions",
    "transaction_detail",
    "transaction_rows",
]

MAX_TOTAL = 10_000
"""A total is counted up to here: a count of all history would cost more with every year."""
MAX_OPEN = 10_000


@dataclass(frozen=True, slots=True)
class TransactionQuery:
    """What a list of transactions should hold. `since` and `until` bound the start; None leaves them open."""

    text: str = ""
    """In station identity or name, location name or token; or the whole id on the wire."""
    is_open: bool | None = None
    station_id: int | None = None
    location_id: int | None = None
    driver_id: int | None = None
    id_token_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "started_at"
    """One of SORTS."""
    descending: bool = True
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A transaction in a list. While it is open, energy and cost are as of its newest meter value."""

    id: int
    ocpp_id: str
    station_id: int
    station_identity: str
    station_name: str
    location_id: int
    location_name: str
    location_time_zone: str
    evse_number: int
    connector_number: int
    id_token: str
    authorization_status: str
    is_open: bool
    charging_state: str
    started_at: datetime
    ended_at: datetime | None
    duration_s: int | None
    """None while open."""
    energy_wh: int
    cost: Decimal | None
    currency: str
    stop_reason: str | None
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class LatestMeter:
    """What the meter of an open transaction said last."""

    sampled_at: datetime | None
    energy_wh: int
    power_w: float | None
    soc_percent: float | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class TransactionDetail:
    """Everything about one transaction."""

    row: TransactionRow
    start_energy_wh: int | None
    end_energy_wh: int | None
    energy_source: str
    energy_estimated: bool
    id_token_type: str
    stop_id_token: str | None
    driver_name: str | None
    remote_start_id: int | None
    tariff_name: str | None
    prices: Prices | None
    price: Price | None
    """The price part by part; None without a tariff."""
    latest: LatestMeter


SORTS: dict[str, ColumnElement[Any]] = {
    "started_at": cast(Any, col(Transaction.started_at)),
    "ended_at": cast(Any, col(Transaction.ended_at)),
    "energy_wh": cast(Any, col(Transaction.energy_wh)),
    "cost": sql_cast(col(Transaction.cost), Float),  # SQLite keeps money as text
    "station": cast(Any, col(ChargingStation.identity_key)),
}
"""Orders of a list, by name. By start the index serves; the others order what the filter leaves."""


async def search_transactions(session: AsyncSession, query: TransactionQuery) -> tuple[list[TransactionRow], int]:
    """One page of transactions, and how many there are in all (at most MAX_TOTAL).

    Raises InvalidInputError for an unknown sort.
    """
    order = SORTS.get(query.sort)
    if order is None:
        raise InvalidInputError(f"Transactions can be sorted by {', '.join(SORTS)}, not by {query.sort}.")
    wanted = _joined(select(col(Transaction.id))).where(*_conditions(query))
    capped = wanted.limit(MAX_TOTAL).subquery()
    total = await session.scalar(select(func.count()).select_from(capped))
    newest_first = col(Transaction.id).desc() if query.descending else col(Transaction.id).asc()
    page = (
        _listed()
        .where(*_conditions(query))
        .order_by(order.desc() if query.descending else order.asc(), newest_first)
        .offset(query.offset)
        .limit(query.limit)
    )
    rows = (await session.execute(page)).all()
    latest = await latest_meter(session, [row[0].id for row in rows if row[0].is_open])
    return [_row(*row, latest=latest.get(row[0].id)) for row in rows], total or 0


async def transaction_rows(session: AsyncSession, ids: Sequence[int]) -> list[TransactionRow]:
    """The transactions of these ids, in their order, as lists show them."""
    found = (await session.execute(_listed().where(col(Transaction.id).in_(ids)))).all()
    latest = await latest_meter(session, [row[0].id for row in found if row[0].is_open])
    rows = {row[0].id: _row(*row, latest=latest.get(row[0].id)) for row in found}
    return [rows[transaction_id] for transaction_id in ids if transaction_id in rows]


def _joined(statement: Any) -> Select[Any]:
    return (
        statement.select_from(Transaction)
        .join(ChargingStation, col(ChargingStation.id) == col(Transaction.station_id))
        .join(Location, col(Location.id) == col(Transaction.location_id))
    )


def _listed() -> Select[Any]:
    station = (col(ChargingStation.identity), col(ChargingStation.name))
    return _joined(select(Transaction, *station, col(Location.name), col(Location.time_zone)))


def _conditions(query: TransactionQuery) -> list[ColumnElement[bool]]:
    conditions: list[Any] = []
    if query.is_open is not None:
        conditions.append(col(Transaction.is_open) if query.is_open else ~col(Transaction.is_open))
    if query.station_id is not None:
        conditions.append(col(Transaction.station_id) == query.station_id)
    if query.location_id is not None:
        conditions.append(col(Transaction.location_id) == query.location_id)
    if query.driver_id is not None:
        conditions.append(col(Transaction.driver_id) == query.driver_id)
    if query.id_token_id is not None:
        conditions.append(col(Transaction.id_token_id) == query.id_token_id)
    if query.since is not None:
        conditions.append(col(Transaction.started_at) >= query.since)
    if query.until is not None:
        conditions.append(col(Transaction.started_at) < query.until)
    if query.text.strip():
        conditions.append(_matches(query.text.strip()))
    return conditions


def _matches(text: str) -> ColumnElement[bool]:
    return or_(
        col(ChargingStation.identity_key).contains(text.casefold(), autoescape=True),
        col(ChargingStation.name).icontains(text, autoescape=True),
        col(Location.name).icontains(text, autoescape=True),
        col(Transaction.id_token).icontains(text, autoescape=True),
        col(Transaction.ocpp_id) == text,
    )


def _row(
    transaction: Transaction,
    identity: str,
    station_name: str,
    location_name: str,
    time_zone: str,
    latest: LatestMeter | None,
) -> TransactionRow:
    ended_at, started_at = transaction.ended_at, transaction.started_at
    return TransactionRow(
        id=cast(int, transaction.id),
        ocpp_id=transaction.ocpp_id or "",
        station_id=transaction.station_id,
        station_identity=identity,
        station_name=station_name,
        location_id=transaction.location_id,
        location_name=location_name,
        location_time_zone=time_zone,
        evse_number=transaction.evse_number,
        connector_number=transaction.connector_number,
        id_token=transaction.id_token,
        authorization_status=transaction.authorization_status,
        is_open=transaction.is_open,
        charging_state=transaction.charging_state,
        started_at=started_at,
        ended_at=ended_at,
        duration_s=None if ended_at is None else max(0, int((ended_at - started_at).total_seconds())),
        energy_wh=latest.energy_wh if latest else transaction.energy_wh,
        cost=latest.cost if latest else transaction.cost,
        currency=transaction.currency,
        stop_reason=transaction.stop_reason,
        remarks=transaction.remarks,
    )


async def latest_meter(session: AsyncSession, transaction_ids: Sequence[int]) -> dict[int, LatestMeter]:
    """The newest meter value that counted of each of these transactions, by id."""
    if not transaction_ids:
        return {}
    loaded = await load(session, col(Transaction.id).in_(transaction_ids), limit=len(transaction_ids))
    return {entry.id: _latest(entry) for _, entry in loaded}


def _latest(entry: Running) -> LatestMeter:
    state, progress = entry.state, entry.state.progress
    cost = entry.cost(state, progress.at or state.started_at)
    return LatestMeter(progress.at, progress.energy_wh, progress.power_w, progress.soc_percent, cost)


async def open_transactions(session: AsyncSession) -> list[TransactionRow]:
    """All that run now, newest first."""
    rows, _ = await search_transactions(session, TransactionQuery(is_open=True, limit=MAX_OPEN))
    return rows


async def transaction_detail(session: AsyncSession, transaction_id: int) -> TransactionDetail:
    """One transaction. Raises NotFoundError for an unknown one, or another tenant's."""
    query = (
        _listed()
        .add_columns(col(Driver.name), col(Tariff.name))
        .outerjoin(Driver, col(Driver.id) == col(Transaction.driver_id))
        .outerjoin(TariffVersion, col(TariffVersion.id) == col(Transaction.tariff_version_id))
        .outerjoin(Tariff, col(Tariff.id) == col(TariffVersion.tariff_id))
        .where(col(Transaction.id) == transaction_id)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFoundError("There is no such transaction.")
    transaction, *listed, driver_name, tariff_name = found
    [(_, entry)] = await load(session, col(Transaction.id) == transaction_id, limit=1)
    latest = _latest(entry)
    return TransactionDetail(
        row=_row(transaction, *listed, latest=latest if transaction.is_open else None),
        start_energy_wh=transaction.start_energy_wh,
        end_energy_wh=transaction.end_energy_wh,
        energy_source=entry.state.progress.source,
        energy_estimated=entry.state.progress.estimated,
        id_token_type=transaction.id_token_type,
        stop_id_token=transaction.stop_id_token,
        driver_name=driver_name,
        remote_start_id=transaction.remote_start_id,
        tariff_name=tariff_name,
        prices=entry.prices,
        price=_price(entry),
        latest=latest,
    )


def _price(entry: Running) -> Price | None:
    if entry.prices is None:
        return None
    state = entry.state
    duration_s = state.duration_s(state.progress.at or state.started_at)
    return price_of(entry.prices, energy_wh=state.energy_wh, duration_s=duration_s, currency=entry.currency)

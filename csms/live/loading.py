"""Reads the picture from the database: a few queries for all tenants together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.live.snapshots import Snapshot, connector_key, connector_snapshot, text_of
from csms.stations.words import OFFLINE
from csms.transactions.samples import newest_sample
from models import ChargingStation, Connector, Location, MeterValue, Tenant, Transaction


@dataclass(frozen=True, slots=True)
class StartedToday:
    """What counts of a transaction for the day it started in. `cost` is None while it is open."""

    id: int
    tenant_id: int
    started_at: datetime
    energy_wh: int
    cost: Decimal | None


async def read_tenants(session: AsyncSession) -> list[tuple[int, str, str]]:
    """Id, currency and time zone of every tenant."""
    query = select(col(Tenant.id), col(Tenant.currency), col(Tenant.time_zone))
    return [(tenant_id or 0, currency, zone) for tenant_id, currency, zone in (await session.execute(query)).all()]


async def read_stations(session: AsyncSession, station_id: int | None = None) -> dict[int, list[Snapshot]]:
    """Snapshots of all stations, or of one, by tenant; without their transactions yet."""
    stations = (
        select(ChargingStation, Location)
        .join(Location, col(Location.id) == col(ChargingStation.location_id))
        .where(col(ChargingStation.decommissioned_at).is_(None))
    )
    connectors = select(
        col(Connector.station_id),
        col(Connector.evse_number),
        col(Connector.number),
        col(Connector.status),
        col(Connector.error_code),
        col(Connector.info),
    ).order_by(col(Connector.station_id), col(Connector.evse_number), col(Connector.number))
    if station_id is not None:
        stations = stations.where(col(ChargingStation.id) == station_id)
        connectors = connectors.where(col(Connector.station_id) == station_id)
    by_station: dict[int, dict[str, Snapshot]] = {}
    for owner, evse, number, *said in (await session.execute(connectors)).all():
        by_station.setdefault(owner, {})[connector_key(evse, number)] = connector_snapshot(*said)
    by_tenant: dict[int, list[Snapshot]] = {}
    for station, location in (await session.execute(stations)).all():
        snapshot = _station(station, location, by_station.get(station.id or 0, {}))
        by_tenant.setdefault(station.tenant_id, []).append(snapshot)
    return by_tenant


async def read_open_transactions(
    session: AsyncSession, tenant_ids: Sequence[int], station_id: int | None = None
) -> dict[int, list[Snapshot]]:
    """Snapshots of the open transactions by tenant, each with the newest its meter said.

    The tenants are named so that the index of open transactions serves, and not all of history is read.
    """
    is_wanted = _open_ones(tenant_ids, station_id)
    query = (
        select(Transaction, col(ChargingStation.identity))
        .join(ChargingStation, col(ChargingStation.id) == col(Transaction.station_id))
        .where(is_wanted)
    )
    meters = await _newest_meter_values(session, is_wanted)
    by_tenant: dict[int, list[Snapshot]] = {}
    for transaction, identity in (await session.execute(query)).all():
        snapshot = _transaction(transaction, identity, meters.get(transaction.id or 0))
        by_tenant.setdefault(transaction.tenant_id, []).append(snapshot)
    return by_tenant


async def read_started_since(session: AsyncSession, since: dict[int, datetime]) -> list[StartedToday]:
    """Transactions that started at or after each tenant's moment."""
    if not since:
        return []
    owned = [
        and_(col(Transaction.tenant_id) == tenant_id, col(Transaction.started_at) >= at)
        for tenant_id, at in since.items()
    ]
    query = select(
        col(Transaction.id),
        col(Transaction.tenant_id),
        col(Transaction.started_at),
        col(Transaction.energy_wh),
        col(Transaction.cost),
        col(Transaction.is_open),
    ).where(or_(*owned))
    return [
        StartedToday(number or 0, tenant_id, started_at, energy_wh, None if is_open else cost)
        for number, tenant_id, started_at, energy_wh, cost, is_open in (await session.execute(query)).all()
    ]


def _open_ones(tenant_ids: Sequence[int], station_id: int | None) -> ColumnElement[bool]:
    wanted = and_(col(Transaction.tenant_id).in_(tenant_ids), col(Transaction.is_open))
    return wanted if station_id is None else wanted & (col(Transaction.station_id) == station_id)


async def _newest_meter_values(session: AsyncSession, is_wanted: ColumnElement[bool]) -> dict[int, MeterValue]:
    is_newest = col(MeterValue.id) == newest_sample()
    query = select(MeterValue).select_from(Transaction).join(MeterValue, is_newest).where(is_wanted)
    rows: Iterable[MeterValue] = (await session.execute(query)).scalars()
    return {row.transaction_id: row for row in rows if row.transaction_id is not None}


def _station(station: ChargingStation, location: Location, connectors: dict[str, Snapshot]) -> Snapshot:
    return {
        "id": station.id,
        "identity": station.identity,
        "name": station.name or station.identity,
        "status": OFFLINE,
        "online": station.is_online,
        "station_status": station.status,
        "error_code": station.error_code,
        "registration": station.registration,
        "location_id": station.location_id,
        "location": location.name,
        "latitude": location.latitude,
        "longitude": location.longitude,
        "vendor": station.vendor,
        "model": station.model,
        "ocpp_version": station.ocpp_version,
        "connectors": connectors,
        "transaction_ids": [],
        "power_w": 0.0,
        "last_seen_at": text_of(station.last_seen_at),
    }


def _transaction(transaction: Transaction, identity: str, meter: MeterValue | None) -> dict[str, Any]:
    metered = meter.transaction_energy_wh if meter is not None else None
    return {
        "id": transaction.id,
        "station_id": transaction.station_id,
        "station": identity,
        "evse_number": transaction.evse_number,
        "connector_number": transaction.connector_number,
        "id_token": transaction.id_token,
        "charging_state": transaction.charging_state,
        "energy_wh": transaction.energy_wh if metered is None else metered,
        "power_w": meter.power_w if meter is not None else None,
        "soc_percent": meter.soc_percent if meter is not None else None,
        "cost": None,
        "currency": transaction.currency,
        "started_at": text_of(transaction.started_at),
        "sampled_at": text_of(meter.sampled_at) if meter is not None else None,
        "ended_at": None,
        "stop_reason": None,
        "remote_start_id": transaction.remote_start_id,
        "is_open": True,
    }

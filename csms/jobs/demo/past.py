"""Puts a demo tenant's past into the database: weeks of transactions, their meter values, and troubles."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import String, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.jobs.demo.curve import CurvePoint, curve_of
from csms.jobs.demo.furnish import SetStation, SetTenant
from csms.jobs.demo.history import PastSession, past_sessions
from csms.jobs.demo.mishaps import Mishap, past_mishaps
from csms.tariffs.pricing import price_of
from csms.work import Work
from models import MeterValue, StationEvent, Transaction

_IN_FULL_FOR = timedelta(days=2)
_INTERVAL_S = {"AC": 300, "DC": 60}
_POINTS_IN_FULL, _POINTS_IN_SHORT = 150, 4
_TRANSMISSION = timedelta(milliseconds=180)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A past session and where it was."""

    station: SetStation
    evse_number: int
    session: PastSession
    start_wh: int


async def write_past(work: Work, tenant: SetTenant, now: datetime) -> None:
    """Add the past of every station of the tenant in scope; nothing of it reaches into the present."""
    entries = sorted(_entries(tenant, now), key=lambda entry: entry.session.started_at)
    rows = [_transaction_row(tenant, entry) for entry in entries]
    ids = await _insert_transactions(work.session(), rows)
    for entry, transaction in zip(entries, rows, strict=True):
        transaction_id = ids[transaction["station_id"], transaction["start_key"]]
        for row in _meter_rows(tenant, entry, transaction_id, now):
            work.append(MeterValue, row)
    for station in tenant.stations:
        rng = random.Random(f"{station.identity} mishaps")
        for mishap in past_mishaps(rng, station.scene.hardware.evse_count, now):
            work.append(StationEvent, _event_row(tenant, station, mishap))


def _entries(tenant: SetTenant, now: datetime) -> Iterator[_Entry]:
    for station in tenant.stations:
        for evse_number in range(1, station.scene.hardware.evse_count + 1):
            rng = random.Random(f"{station.identity} {evse_number}")
            register_wh = rng.randrange(300_000, 9_000_000)
            sessions = past_sessions(
                rng, station.scene.hardware, station.scene.popularity, station.tokens, tenant.scene.time_zone, now
            )
            for session in sessions:
                yield _Entry(station, evse_number, session, register_wh)
                register_wh += session.energy_wh


async def _insert_transactions(session: AsyncSession, rows: list[dict[str, Any]]) -> dict[tuple[int, str], int]:
    """Ids by station and start key. A 1.6 transaction is known on the wire by its id."""
    await session.execute(insert(Transaction), rows, execution_options={"render_nulls": True})
    await session.execute(
        update(Transaction)
        .where(col(Transaction.ocpp_id).is_(None))
        .values(ocpp_id=func.cast(col(Transaction.id), String))
        .execution_options(synchronize_session=False)
    )
    found = await session.execute(select(col(Transaction.station_id), col(Transaction.start_key), col(Transaction.id)))
    return {(station_id, start_key): cast(int, transaction_id) for station_id, start_key, transaction_id in found}


def _transaction_row(tenant: SetTenant, entry: _Entry) -> dict[str, Any]:
    station, session = entry.station, entry.session
    card = tenant.cards.get(session.token)
    version_id, prices = station.tariff.version_at(session.started_at)
    currency = tenant.scene.currency
    price = price_of(prices, energy_wh=session.energy_wh, duration_s=session.duration_s, currency=currency)
    key = f"{station.identity}/{entry.evse_number}/{session.started_at.isoformat()}"
    wire_id = str(uuid5(NAMESPACE_URL, key)) if station.scene.ocpp_version != "1.6" else None
    return {
        "tenant_id": tenant.id,
        "station_id": station.ref.id,
        "location_id": station.ref.location_id,
        "evse_number": entry.evse_number,
        "connector_number": 1,
        "ocpp_id": wire_id,
        "start_key": wire_id or f"demo/{key}",
        "id_token": session.token,
        "id_token_type": "ISO14443",
        "authorization_status": "Accepted",
        "driver_id": card.driver_id if card else None,
        "id_token_id": card.id if card else None,
        "token_group": card.group if card else None,
        "stop_id_token": session.token if session.stop_reason == "Local" else None,
        "is_open": False,
        "charging_state": "EVConnected" if session.stop_reason != "EVDisconnected" else "Idle",
        "started_at": session.started_at,
        "start_received_at": session.started_at + _TRANSMISSION,
        "start_energy_wh": entry.start_wh,
        "ended_at": session.ended_at,
        "end_received_at": session.ended_at + _TRANSMISSION,
        "end_energy_wh": entry.start_wh + session.energy_wh,
        "stop_reason": session.stop_reason,
        "energy_wh": session.energy_wh,
        "energy_source": "registers",
        "energy_estimated": False,
        "currency": currency,
        "tariff_version_id": version_id,
        "cost": price.total,
        "remarks": [],
        "machine": {},
    }


def _meter_rows(tenant: SetTenant, entry: _Entry, transaction_id: int, now: datetime) -> Iterator[dict[str, Any]]:
    """In full for the last days, a coarse curve before."""
    session, hardware = entry.session, entry.station.scene.hardware
    most_points = _POINTS_IN_FULL if now - session.started_at < _IN_FULL_FOR else _POINTS_IN_SHORT
    points = curve_of(session, hardware, _INTERVAL_S[hardware.current_type], most_points)
    for point in points:
        context = "Transaction.End" if point is points[-1] else "Sample.Periodic"
        yield _meter_row(tenant, entry, transaction_id, point, context)


def _meter_row(
    tenant: SetTenant, entry: _Entry, transaction_id: int, point: CurvePoint, context: str
) -> dict[str, Any]:
    return {
        "tenant_id": tenant.id,
        "station_id": entry.station.ref.id,
        "evse_number": entry.evse_number,
        "transaction_id": transaction_id,
        "sampled_at": point.at,
        "received_at": point.at + _TRANSMISSION,
        "context": context,
        "energy_wh": entry.start_wh + point.energy_wh,
        "transaction_energy_wh": point.energy_wh,
        "power_w": point.power_w,
        "soc_percent": point.soc_percent,
    }


def _event_row(tenant: SetTenant, station: SetStation, mishap: Mishap) -> dict[str, Any]:
    return {
        "tenant_id": tenant.id,
        "station_id": station.ref.id,
        "evse_number": mishap.evse_number,
        "connector_number": 1 if mishap.evse_number else 0,
        "at": mishap.at,
        "kind": mishap.kind,
        "severity": mishap.severity,
        "text": mishap.text,
        "source": "",
        "resolved_at": mishap.resolved_at,
        "details": {},
    }

"""Brings a station's EVSEs and connectors to what a person says it has. What it reports itself is added as ever."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.errors import ConflictError, InvalidInputError
from csms.stations.ref import StationRef
from csms.stations.setup import ConnectorPlan
from models import Connector, Evse, Transaction

STANDARDS = {
    "IEC_62196_T2": "Type 2 socket or cable (AC)",
    "IEC_62196_T2_COMBO": "CCS 2 (DC)",
    "IEC_62196_T1": "Type 1 (AC)",
    "IEC_62196_T1_COMBO": "CCS 1 (DC)",
    "CHADEMO": "CHAdeMO (DC)",
    "DOMESTIC_F": "Household, Schuko (AC)",
    "SAE_J3400": "NACS",
    "GBT_AC": "GB/T (AC)",
    "GBT_DC": "GB/T (DC)",
}
"""OCPI's connector types in words."""
MOST_CONNECTORS = 100


def checked_connectors(plans: Sequence[ConnectorPlan]) -> None:
    """Raises InvalidInputError for numbers, powers or sticker texts that cannot be."""
    seen: set[tuple[int, int]] = set()
    for plan in plans:
        where = f"EVSE {plan.evse_number}, connector {plan.number}"
        if not 1 <= plan.evse_number <= 999 or not 1 <= plan.number <= 99:
            raise InvalidInputError(f"{where}: numbers begin with 1.")
        if (plan.evse_number, plan.number) in seen:
            raise InvalidInputError(f"{where}: it is there twice.")
        seen.add((plan.evse_number, plan.number))
        if plan.standard and plan.standard not in STANDARDS:
            raise InvalidInputError(f"{where}: the type is one of {', '.join(STANDARDS)}.")
        if plan.current_type not in ("AC", "DC"):
            raise InvalidInputError(f"{where}: the current is AC or DC.")
        if plan.max_power_w is not None and not 0 < plan.max_power_w <= 10_000_000:
            raise InvalidInputError(f"{where}: the power is more than 0 and at most 10,000 kW.")
        if plan.evse_id and (len(plan.evse_id) > 48 or not plan.evse_id.isprintable() or "/" in plan.evse_id):
            raise InvalidInputError(f"{where}: the EVSE id is at most 48 characters, as in DE*ABC*E0001*1.")
    if len(plans) > MOST_CONNECTORS:
        raise InvalidInputError(f"A station has at most {MOST_CONNECTORS} connectors.")


async def fit_connectors(session: AsyncSession, ref: StationRef, plans: Sequence[ConnectorPlan]) -> list[ConnectorPlan]:
    """Add, change and remove; returns what it had before. Raises ConflictError for one in use that would go."""
    checked_connectors(plans)
    of_station = (col(Evse.station_id) == ref.id, col(Connector.station_id) == ref.id)
    evses = {row.number: row for row in (await session.execute(select(Evse).where(of_station[0]))).scalars()}
    connectors = {
        (row.evse_number, row.number): row
        for row in (await session.execute(select(Connector).where(of_station[1]))).scalars()
    }
    before = [_plan_of(connectors[key], evses.get(key[0])) for key in sorted(connectors)]
    wanted = {(plan.evse_number, plan.number): plan for plan in plans}
    await _require_unused(session, ref, connectors.keys() - wanted.keys())
    for key in connectors.keys() - wanted.keys():
        await session.delete(connectors[key])
    for number in evses.keys() - {plan.evse_number for plan in plans}:
        await session.delete(evses[number])
    await session.flush()
    for (evse_number, number), plan in wanted.items():
        connector = connectors.get((evse_number, number))
        if connector is None:
            connector = Connector(station_id=ref.id, evse_number=evse_number, number=number)
        connector.standard, connector.tariff_id = plan.standard, plan.tariff_id
        evse = evses.get(evse_number)
        if evse is None:
            evse = evses[evse_number] = Evse(station_id=ref.id, number=evse_number)
        evse.current_type, evse.max_power_w, evse.evse_id = plan.current_type, plan.max_power_w, plan.evse_id or None
        session.add_all([connector, evse])
    await session.flush()
    return before


async def connector_plans(session: AsyncSession, station_id: int) -> list[ConnectorPlan]:
    """What the station has, as plans to change."""
    evses = {
        row.number: row
        for row in (await session.execute(select(Evse).where(col(Evse.station_id) == station_id))).scalars()
    }
    query = (
        select(Connector)
        .where(col(Connector.station_id) == station_id)
        .order_by(col(Connector.evse_number), col(Connector.number))
    )
    return [_plan_of(row, evses.get(row.evse_number)) for row in (await session.execute(query)).scalars()]


async def _require_unused(session: AsyncSession, ref: StationRef, going: set[tuple[int, int]]) -> None:
    if not going:
        return
    running = select(col(Transaction.evse_number), col(Transaction.connector_number)).where(
        col(Transaction.station_id) == ref.id, col(Transaction.is_open)
    )
    for evse_number, number in (await session.execute(running)).all():
        if (evse_number, number) in going:
            raise ConflictError(f"EVSE {evse_number}, connector {number}: a session is open there, so it has to stay.")


def _plan_of(connector: Connector, evse: Evse | None) -> ConnectorPlan:
    return ConnectorPlan(
        connector.evse_number,
        connector.number,
        connector.standard,
        evse.current_type if evse else "AC",
        evse.max_power_w if evse else None,
        evse.evse_id if evse else None,
        connector.tariff_id,
    )

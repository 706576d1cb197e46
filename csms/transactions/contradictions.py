"""Where connectors and sessions contradict each other for minutes: free but in session, charging without (DS_40)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.stations.ref import StationRef
from csms.transactions.lost import CONTRADICTED_AFTER, is_contradicted, judge_open
from models import ChargingStation, Connector, Transaction

PREFIX = "contradiction:"
"""Sources of the alerts about contradictions begin with it."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A station's status and its session, or their lack, do not agree."""

    station_id: int
    tenant_id: int
    evse_number: int
    connector_number: int
    source: str
    """Names it, the same every time."""
    text: str


async def contradictions(session: AsyncSession, now: datetime) -> list[Contradiction]:
    """All in scope that have lasted for minutes at `now`."""
    return [*await _free_in_session(session, now), *await _charging_without(session, now)]


async def _free_in_session(session: AsyncSession, now: datetime) -> list[Contradiction]:
    found: list[Contradiction] = []
    for each in await judge_open(session, now):
        if is_contradicted(each.facts, now):
            row = each.transaction
            text = (
                f"Connector {row.evse_number} is Available, yet session {row.id} is open: its end has not arrived. "
                "If it does not come, close the session."
            )
            source = f"{PREFIX}session {row.id}"
            found.append(
                Contradiction(row.station_id, row.tenant_id, row.evse_number, row.connector_number, source, text)
            )
    return found


async def _charging_without(session: AsyncSession, now: datetime) -> list[Contradiction]:
    in_session = exists().where(
        col(Transaction.station_id) == col(Connector.station_id),
        col(Transaction.evse_number) == col(Connector.evse_number),
        col(Transaction.is_open),
    )
    query = (
        select(Connector)
        .join(ChargingStation, col(ChargingStation.id) == col(Connector.station_id))
        .where(
            col(ChargingStation.is_online),
            col(Connector.status) == "Charging",
            col(Connector.status_at) < now - CONTRADICTED_AFTER,
            ~in_session,
        )
    )
    return [_charging(row) for row in (await session.execute(query)).scalars()]


def _charging(row: Connector) -> Contradiction:
    text = (
        f"Connector {row.evse_number} is Charging, yet there is no session: energy may be given away. "
        "Look in the repair inbox, and whether the station reports its sessions."
    )
    source = f"{PREFIX}connector {row.evse_number}-{row.number}"
    return Contradiction(row.station_id, row.tenant_id, row.evse_number, row.number, source, text)


async def station_ref(session: AsyncSession, station_id: int) -> StationRef:
    """Whose contradiction it is."""
    station = await session.get_one(ChargingStation, station_id)
    return StationRef(station_id, station.tenant_id, station.location_id, station.identity)

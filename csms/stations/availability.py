"""What operators want in and out of service, kept and held against what stations report (G03, G04, TC_048_3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.stations.ref import StationRef
from csms.stations.tables import DESIRED
from csms.work import Work
from models import ChargingStation, Connector, DesiredAvailability

_KEY = ("station_id", "evse_number", "connector_number")
_CLOSED = frozenset({"Unavailable", "Faulted"})


class Fulfilment(StrEnum):
    """Whether a part of a station is as it is wanted."""

    DONE = "done"
    PENDING = "pending"
    """Scheduled: the station waits for a transaction to end."""
    DIFFERS = "differs"
    """The station reports something else, or nothing yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish and what became of it. `evse_number` 0 is the station, `connector_number` 0 the whole EVSE."""

    evse_number: int
    connector_number: int
    operative: bool
    fulfilment: Fulfilment
    asked_at: datetime


async def want_availability(
    work: Work,
    ref: StationRef,
    *,
    evse_number: int,
    connector_number: int,
    operative: bool,
    scheduled: bool,
    at: datetime,
) -> None:
    """Keep what the station agreed to be: at once, or `scheduled` for the end of its transactions."""
    row = {
        "tenant_id": ref.tenant_id,
        "station_id": ref.id,
        "evse_number": evse_number,
        "connector_number": connector_number,
        "operative": operative,
        "scheduled": scheduled,
        "asked_at": at,
    }
    work.append(_upsert(work.dialect), row)


def fulfilment_of(operative: bool, scheduled: bool, statuses: Iterable[str]) -> Fulfilment:
    """Compare a wish with the statuses of every connector it is about.

    Out of service: done when all report Unavailable (or Faulted). In service: done when none reports Unavailable.
    """
    said = set(statuses)
    done = "Unavailable" not in said if operative else said <= _CLOSED
    if said and done:
        return Fulfilment.DONE
    return Fulfilment.PENDING if scheduled else Fulfilment.DIFFERS


async def wanted_availability(session: AsyncSession, station_id: int) -> list[Wanted]:
    """What is wanted of a station and its parts, the station first, each compared with what it reports now."""
    wishes = select(DesiredAvailability).where(col(DesiredAvailability.station_id) == station_id)
    wishes = wishes.order_by(col(DesiredAvailability.evse_number), col(DesiredAvailability.connector_number))
    connectors = (
        (await session.execute(select(Connector).where(col(Connector.station_id) == station_id))).scalars().all()
    )
    station = (await session.execute(select(ChargingStation).where(col(ChargingStation.id) == station_id))).scalar_one()
    return [_compared(wish, connectors, station) for wish in (await session.execute(wishes)).scalars()]


def _compared(wish: DesiredAvailability, connectors: Sequence[Connector], station: ChargingStation) -> Wanted:
    statuses = [
        connector.status
        for connector in connectors
        if wish.evse_number in (0, connector.evse_number) and wish.connector_number in (0, connector.number)
    ]
    if wish.evse_number == 0 and not connectors:
        statuses = [station.status]
    fulfilment = fulfilment_of(wish.operative, wish.scheduled, statuses)
    return Wanted(wish.evse_number, wish.connector_number, wish.operative, fulfilment, wish.asked_at)


@lru_cache
def _upsert(dialect: str) -> Executable:
    insert = postgresql.insert(DESIRED) if dialect == "postgresql" else sqlite.insert(DESIRED)
    changed = ("operative", "scheduled", "asked_at")
    return insert.on_conflict_do_update(
        index_elements=list(_KEY), set_={name: insert.excluded[name] for name in changed}
    )

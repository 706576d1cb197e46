"""Reads of stations for pages and API. Each works within the tenant in scope and pages in the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.stations.timeline import EventRow, events, frame_actions, frames, latest_problems
from csms.stations.words import status_expression
from models import ChargingStation, Connector, Evse, Location, StationVariable

__all__ = [
    "SORTS",
    "ConnectorRow",
    "EventRow",
    "MapRow",
    "StationDetail",
    "StationQuery",
    "StationRow",
    "events",
    "frame_actions",
    "frames",
    "latest_problems",
    "locations",
    "map_rows",
    "search_stations",
    "station_detail",
    "variables",
]


@dataclass(frozen=True, slots=True)
class StationQuery:
    """What a list of stations should hold. `statuses` are words as in csms.stations.words; empty means all."""

    text: str = ""
    statuses: Sequence[str] = ()
    location_id: int | None = None
    sort: str = "identity"
    """One of SORTS."""
    descending: bool = False
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """A connector in a list."""

    evse_number: int
    number: int
    status: str
    error_code: str


@dataclass(frozen=True, slots=True)
class StationRow:
    """A station in a list."""

    id: int
    identity: str
    name: str
    status: str
    is_online: bool
    location_id: int
    location: str
    city: str
    vendor: str
    model: str
    firmware_version: str
    ocpp_version: str | None
    registration: str
    last_seen_at: datetime | None
    connectors: list[ConnectorRow] = field(default_factory=list[ConnectorRow])


@dataclass(frozen=True, slots=True)
class StationDetail:
    """A station with all it is made of."""

    station: ChargingStation
    location: Location
    evses: list[Evse]
    connectors: list[Connector]


@dataclass(frozen=True, slots=True)
class MapRow:
    """A station on the map."""

    id: int
    identity: str
    name: str
    status: str
    latitude: float
    longitude: float


_WORD = status_expression()
SORTS: dict[str, tuple[Any, ...]] = {
    "identity": (col(ChargingStation.identity_key),),
    "name": (func.lower(col(ChargingStation.name)),),
    "status": (_WORD,),
    "location": (func.lower(col(Location.name)),),
    "vendor": (func.lower(col(ChargingStation.vendor)), func.lower(col(ChargingStation.model))),
    "ocpp_version": (col(ChargingStation.ocpp_version),),
    "last_seen_at": (col(ChargingStation.last_seen_at),),
}


async def search_stations(session: AsyncSession, query: StationQuery) -> tuple[list[StationRow], int]:
    """One page of stations with their connectors, and how many there are in all."""
    filters = _filters(query)
    counted = select(func.count()).select_from(ChargingStation).join(Location, _at_location())
    total = (await session.execute(counted.where(*filters))).scalar_one()
    page = _rows().where(*filters).order_by(*_order(query)).offset(query.offset).limit(query.limit)
    rows = [StationRow(*row) for row in (await session.execute(page)).all()]
    connectors = await _connectors(session, [row.id for row in rows])
    for row in rows:
        row.connectors.extend(connectors.get(row.id, ()))
    return rows, total


async def station_detail(session: AsyncSession, identity: str) -> StationDetail | None:
    """The station of this identity, whatever its case; None when the tenant has none."""
    found = (
        await session.execute(
            select(ChargingStation, Location)
            .join(Location, _at_location())
            .where(col(ChargingStation.identity_key) == identity.casefold())
        )
    ).one_or_none()
    if found is None:
        return None
    station, location = found
    evses = select(Evse).where(col(Evse.station_id) == station.id).order_by(col(Evse.number))
    connectors = (
        select(Connector)
        .where(col(Connector.station_id) == station.id)
        .order_by(col(Connector.evse_number), col(Connector.number))
    )
    return StationDetail(
        station,
        location,
        list((await session.execute(evses)).scalars()),
        list((await session.execute(connectors)).scalars()),
    )


async def map_rows(session: AsyncSession) -> list[MapRow]:
    """Every station with where it stands and its word."""
    query = select(
        col(ChargingStation.id),
        col(ChargingStation.identity),
        col(ChargingStation.name),
        _WORD,
        col(Location.latitude),
        col(Location.longitude),
    ).join(Location, _at_location())
    query = query.where(col(ChargingStation.decommissioned_at).is_(None))
    return [MapRow(*row) for row in (await session.execute(query.order_by(col(ChargingStation.id)))).all()]


async def locations(session: AsyncSession) -> list[Location]:
    """The tenant's sites by name, for filters."""
    return list((await session.execute(select(Location).order_by(col(Location.name)))).scalars())


async def variables(
    session: AsyncSession, station_id: int, text: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[StationVariable], int]:
    """A page of the station's variables and configuration keys by name, and how many match `text`."""
    filters = [col(StationVariable.station_id) == station_id]
    if text:
        filters.append(_contains(text, col(StationVariable.component), col(StationVariable.variable)))
    total = (await session.execute(select(func.count()).select_from(StationVariable).where(*filters))).scalar_one()
    page = (
        select(StationVariable)
        .where(*filters)
        .order_by(
            col(StationVariable.component),
            col(StationVariable.component_instance),
            col(StationVariable.evse_number),
            col(StationVariable.connector_number),
            col(StationVariable.variable),
            col(StationVariable.variable_instance),
            col(StationVariable.attribute),
        )
        .offset(offset)
        .limit(limit)
    )
    return list((await session.execute(page)).scalars()), total


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        col(ChargingStation.id),
        col(ChargingStation.identity),
        col(ChargingStation.name),
        _WORD,
        col(ChargingStation.is_online),
        col(Location.id),
        col(Location.name),
        col(Location.city),
        col(ChargingStation.vendor),
        col(ChargingStation.model),
        col(ChargingStation.firmware_version),
        col(ChargingStation.ocpp_version),
        col(ChargingStation.registration),
        col(ChargingStation.last_seen_at),
    ).join(Location, _at_location())


def _filters(query: StationQuery) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [col(ChargingStation.decommissioned_at).is_(None)]
    if query.text:
        station = ChargingStation
        columns = (station.identity, station.name, station.serial_number, station.vendor, station.model)
        filters.append(_contains(query.text, *map(col, columns), col(Location.name), col(Location.city)))
    if query.statuses:
        filters.append(_WORD.in_(query.statuses))
    if query.location_id is not None:
        filters.append(col(ChargingStation.location_id) == query.location_id)
    return filters


def _order(query: StationQuery) -> list[ColumnElement[Any]]:
    columns = SORTS.get(query.sort, SORTS["identity"])
    ordered = [column.desc().nulls_last() if query.descending else column.asc().nulls_last() for column in columns]
    return [*ordered, col(ChargingStation.id).asc()]


def _contains(text: str, *columns: Any) -> ColumnElement[bool]:
    return or_(*(column.icontains(text.strip(), autoescape=True) for column in columns))


def _at_location() -> ColumnElement[bool]:
    return col(Location.id) == col(ChargingStation.location_id)


async def _connectors(session: AsyncSession, station_ids: Sequence[int]) -> dict[int, list[ConnectorRow]]:
    query = (
        select(
            col(Connector.station_id),
            col(Connector.evse_number),
            col(Connector.number),
            col(Connector.status),
            col(Connector.error_code),
        )
        .where(col(Connector.station_id).in_(station_ids))
        .order_by(col(Connector.station_id), col(Connector.evse_number), col(Connector.number))
    )
    by_station: dict[int, list[ConnectorRow]] = {}
    for row in (await session.execute(query)).all():
        by_station.setdefault(row[0], []).append(ConnectorRow(*row[1:]))
    return by_station

"""EVSEs and connectors of all stations, for those who look for a free one rather than for a station."""

from typing import Annotated, Any, ClassVar

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Listed, Moment, Shape
from models import ChargingStation, Connector, Evse

router = new_router("evses")
_EVSES = Ordering(col(Evse.id), {"id": Key(col(Evse.id), int)}, "id")
_CONNECTORS = Ordering(col(Connector.id), {"id": Key(col(Connector.id), int)}, "id")
_Station = Annotated[str, Query(max_length=255, description="Identity of one station.")]


class PlacedEvse(Shape):
    """An EVSE, and the station it is part of."""

    id: int
    station: str = Field(examples=["DE-BER-001"])
    location_id: int
    number: int
    evse_id: str | None
    current_type: str
    max_power_w: int | None


class PlacedConnector(Shape):
    """A connector, and where it is."""

    volatile: ClassVar[frozenset[str]] = frozenset({"status", "errorCode", "statusAt"})

    id: int
    station: str = Field(examples=["DE-BER-001"])
    location_id: int
    evse_number: int
    number: int
    standard: str
    status: str
    error_code: str
    status_at: Moment | None
    tariff_id: int | None


@router.get("/evses", response_model=Listed[PlacedEvse])
async def list_evses(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_EVSES.asked)],
    station: _Station = "",
    current_type: Annotated[str, Query(alias="currentType", pattern="^(AC|DC)?$")] = "",
) -> Listed[PlacedEvse]:
    """EVSEs of all stations."""
    call.require(Permission.STATIONS_VIEW)
    query = _with_station(Evse)
    if station:
        query = query.where(col(ChargingStation.identity_key) == station.casefold())
    if current_type:
        query = query.where(col(Evse.current_type) == current_type)
    async with call.reading() as session:
        return await _EVSES.page(session, query, page, lambda row: PlacedEvse.model_validate(_placed(row)))


@router.get("/connectors", response_model=Listed[PlacedConnector])
async def list_connectors(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_CONNECTORS.asked)],
    station: _Station = "",
    status: Annotated[str, Query(max_length=24, description="The station's word, such as Available.")] = "",
    standard: Annotated[str, Query(max_length=32, description="OCPI's ConnectorType.")] = "",
) -> Listed[PlacedConnector]:
    """Connectors of all stations, with their latest status."""
    call.require(Permission.STATIONS_VIEW)
    query = _with_station(Connector)
    if station:
        query = query.where(col(ChargingStation.identity_key) == station.casefold())
    if status:
        query = query.where(col(Connector.status) == status)
    if standard:
        query = query.where(col(Connector.standard) == standard)
    async with call.reading() as session:
        return await _CONNECTORS.page(session, query, page, lambda row: PlacedConnector.model_validate(_placed(row)))


def _with_station(part: Any) -> Any:
    query = select(part, col(ChargingStation.identity), col(ChargingStation.location_id))
    query = query.join(ChargingStation, col(ChargingStation.id) == part.station_id)
    return query.where(col(ChargingStation.decommissioned_at).is_(None))


def _placed(row: tuple[Evse | Connector, str, int]) -> dict[str, Any]:
    return row[0].model_dump() | {"station": row[1], "location_id": row[2]}

"""Charging stations with their EVSEs and connectors as they are answered and asked for; how they are read."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.api.shapes import Body, Flag, Moment, Shape, Text, Whole
from csms.errors import NotFoundError
from csms.stations.registering import StationSetup
from csms.stations.setup import ConnectorPlan
from csms.stations.words import status_expression
from models import ChargingStation, Connector, Evse, Registration

WORD = status_expression()


class ConnectorShape(Shape):
    """A socket or cable, with the latest status its station reported."""

    volatile: ClassVar[frozenset[str]] = frozenset({"status", "errorCode", "info", "statusAt"})

    number: int
    standard: str = Field(examples=["IEC_62196_T2"])
    status: str = Field(examples=["Available"])
    """The station's own word, 1.6 or 2.x; Unknown until it said one."""
    error_code: str
    info: str
    status_at: Moment | None
    tariff_id: int | None


class EvseShape(Shape):
    """A part of a station that charges one vehicle at a time."""

    volatile: ClassVar[frozenset[str]] = ConnectorShape.volatile

    number: int
    """OCPP's evseId; in 1.6 the connectorId."""
    evse_id: str | None = Field(examples=["DE*GEN*E0001*1"])
    current_type: str
    max_power_w: int | None
    connectors: list[ConnectorShape]


class StationShape(Shape):
    """A charging station."""

    volatile: ClassVar[frozenset[str]] = ConnectorShape.volatile | {
        "isOnline",
        "ocppVersion",
        "vendor",
        "model",
        "serialNumber",
        "firmwareVersion",
        "connectedAt",
        "disconnectedAt",
        "bootedAt",
        "lastSeenAt",
        "password",
    }

    id: int
    identity: str = Field(examples=["DE-BER-001"])
    name: str
    location_id: int
    registration: str = Field(examples=["Accepted"])
    """How its BootNotification is answered."""
    security_profile: int
    has_password: bool
    certificate_name: str | None
    subprotocol_optional: bool
    is_strict: bool
    is_online: bool
    status: str = Field(examples=["Charging"])
    """One word: Offline, Faulted, Charging, Occupied, Unavailable or Available."""
    ocpp_version: str | None = Field(examples=["2.0.1"])
    vendor: str
    model: str
    serial_number: str
    firmware_version: str
    connected_at: Moment | None
    disconnected_at: Moment | None
    booted_at: Moment | None
    last_seen_at: Moment | None
    evses: list[EvseShape]
    password: str | None = None
    """Shown once, when it was made for a new station."""


class ConnectorBody(Body):
    """A connector as it shall be."""

    number: Whole = Field(default=1, ge=1, le=9999)
    standard: str = Field(default="IEC_62196_T2", max_length=32, pattern="^[A-Z0-9_]*$")
    """OCPI's ConnectorType."""
    tariff_id: Whole | None = Field(default=None, ge=1, le=2**31 - 1)


class EvseBody(Body):
    """An EVSE as it shall be."""

    number: Whole = Field(ge=1, le=9999, examples=[1])
    evse_id: Text | None = Field(default=None, examples=["DE*GEN*E0001*1"])
    current_type: str = Field(default="AC", pattern="^(AC|DC)$")
    max_power_w: Whole | None = Field(default=None, ge=0, le=100_000_000, examples=[22_000])
    connectors: list[ConnectorBody] = Field(default_factory=lambda: [ConnectorBody()], min_length=1, max_length=20)


class StationBody(Body):
    """A station as it shall be."""

    location_id: Whole | None = Field(default=None, ge=1, le=2**31 - 1)
    """Left out: where it is; a new one stands at the tenant's first location."""
    name: Text = ""
    password: str | None = Field(default=None, max_length=40, examples=["a-long-random-password"])
    """16 to 40 characters. Left out: the one it has; a new station that needs one gets a random one, told once."""
    security_profile: Whole = Field(default=1, ge=0, le=3)
    registration: Registration = Registration.ACCEPTED
    certificate_name: Text | None = None
    subprotocol_optional: Flag = False
    is_strict: Flag = False
    evses: list[EvseBody] | None = Field(default=None, max_length=200)
    """These and no others. Left out: those it has."""

    def setup(self, identity: str) -> StationSetup:
        return StationSetup(
            identity=identity,
            location_id=self.location_id,
            name=self.name,
            password=self.password,
            security_profile=self.security_profile,
            registration=self.registration,
            certificate_name=self.certificate_name,
            subprotocol_optional=self.subprotocol_optional,
            is_strict=self.is_strict,
            connectors=None if self.evses is None else [plan for evse in self.evses for plan in _plans(evse)],
        )


async def require_shape(session: AsyncSession, identity: str) -> StationShape:
    """The station as it is answered. Raises NotFoundError."""
    shape = await find_shape(session, identity)
    if shape is None:
        raise NotFoundError(f"There is no station {identity}.")
    return shape


async def find_shape(session: AsyncSession, identity: str) -> StationShape | None:
    """The same, or None. A station that was removed is not found."""
    query = select(ChargingStation, WORD.label("word")).where(col(ChargingStation.decommissioned_at).is_(None))
    query = query.where(col(ChargingStation.identity_key) == identity.casefold())
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (await shapes_of(session, [(found[0], found.word)]))[0]


async def shapes_of(session: AsyncSession, stations: Sequence[tuple[ChargingStation, str]]) -> list[StationShape]:
    """Stations, each with its word, with their EVSEs and connectors."""
    ids = [station.id or 0 for station, _ in stations]
    evses = await _of(session, Evse, ids, col(Evse.number))
    connectors = await _of(session, Connector, ids, col(Connector.number))
    shaped: list[StationShape] = []
    for station, word in stations:
        mine = [one for one in connectors if one.station_id == station.id]
        parts = [_evse_shape(evse, mine) for evse in evses if evse.station_id == station.id]
        told = station.model_dump() | {
            "status": word,
            "evses": parts,
            "has_password": station.password_hash is not None,
        }
        shaped.append(StationShape.model_validate(told))
    return shaped


async def _of(session: AsyncSession, model: Any, station_ids: Sequence[int], order: Any) -> Sequence[Any]:
    query = select(model).where(model.station_id.in_(station_ids)).order_by(model.station_id, order)
    return (await session.execute(query)).scalars().all()


def _evse_shape(evse: Evse, connectors: Sequence[Connector]) -> EvseShape:
    mine = [ConnectorShape.model_validate(one) for one in connectors if one.evse_number == evse.number]
    return EvseShape.model_validate(evse.model_dump() | {"connectors": mine})


def _plans(evse: EvseBody) -> list[ConnectorPlan]:
    return [
        ConnectorPlan(
            evse_number=evse.number,
            number=one.number,
            standard=one.standard,
            current_type=evse.current_type,
            max_power_w=evse.max_power_w,
            evse_id=evse.evse_id,
            tariff_id=one.tariff_id,
        )
        for one in evse.connectors
    ]

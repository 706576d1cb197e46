"""Sets up locations and charging stations for the tenant in scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from csms.bus.events import RegistrationChanged
from csms.cause import current_cause
from csms.errors import InvalidInputError
from csms.stations.ref import StationRef
from csms.work import Work
from models import ChargingStation, Connector, Evse, Location, Registration


@dataclass(frozen=True, slots=True)
class ConnectorPlan:
    """A connector to be, and the EVSE it belongs to. `standard` is OCPI's ConnectorType."""

    evse_number: int
    number: int = 1
    standard: str = "IEC_62196_T2"
    current_type: str = "AC"
    max_power_w: int | None = None
    evse_id: str | None = None
    tariff_id: int | None = None


async def create_location(
    session: AsyncSession,
    *,
    name: str,
    latitude: float,
    longitude: float,
    time_zone: str,
    address: str = "",
    city: str = "",
    postal_code: str = "",
    country: str = "",
    tariff_id: int | None = None,
) -> Location:
    """Add a site to the tenant in scope. `country` is ISO 3166-1 alpha-3."""
    location = Location(
        name=name,
        latitude=latitude,
        longitude=longitude,
        time_zone=time_zone,
        address=address,
        city=city,
        postal_code=postal_code,
        country=country,
        tariff_id=tariff_id,
    )
    session.add(location)
    await session.flush()
    return location


async def create_station(
    session: AsyncSession,
    *,
    identity: str,
    location_id: int,
    name: str = "",
    password_hash: str | None = None,
    security_profile: int = 1,
    subprotocol_optional: bool = False,
    registration: Registration = Registration.ACCEPTED,
    connectors: Sequence[ConnectorPlan] = (),
) -> ChargingStation:
    """Register a station. `password_hash` comes from `security.digest_password`.

    Raises InvalidInputError for an identity that could not be the last segment of a URL path, or a profile other
    than 0 without a password. The identity must be new on the whole platform, whatever its case.
    """
    if not identity or "/" in identity or ":" in identity:
        raise InvalidInputError("a station's identity needs at least one character and neither / nor : in it")
    if password_hash is None and security_profile in (1, 2):
        raise InvalidInputError(f"security profile {security_profile} needs a password")
    station = ChargingStation(
        identity=identity,
        identity_key=identity.casefold(),
        location_id=location_id,
        name=name,
        password_hash=password_hash,
        security_profile=security_profile,
        subprotocol_optional=subprotocol_optional,
        registration=registration,
    )
    session.add(station)
    await session.flush()
    assert station.id is not None  # noqa: S101 - the flush has numbered it
    add_connectors(session, station.id, connectors)
    await session.flush()
    return station


async def set_registration(work: Work, ref: StationRef, registration: Registration, at: datetime) -> None:
    """Decide how the station's next BootNotification is answered (B01 to B03); one that is online is asked to boot."""
    station = await work.session().get_one(ChargingStation, ref.id)
    station.registration = registration
    work.announce(
        RegistrationChanged(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            registration=registration,
        )
    )


def add_connectors(session: AsyncSession, station_id: int, plans: Sequence[ConnectorPlan]) -> None:
    """Give a new station its EVSEs and connectors."""
    session.add_all(evses_of(station_id, plans))
    session.add_all(connectors_of(station_id, plans))


def evses_of(station_id: int, plans: Sequence[ConnectorPlan]) -> list[Evse]:
    """The EVSEs that the connectors belong to."""
    return [
        Evse(
            station_id=station_id,
            number=plan.evse_number,
            evse_id=plan.evse_id,
            current_type=plan.current_type,
            max_power_w=plan.max_power_w,
        )
        for plan in {plan.evse_number: plan for plan in plans}.values()
    ]


def connectors_of(station_id: int, plans: Sequence[ConnectorPlan]) -> list[Connector]:
    """The connectors."""
    return [
        Connector(
            station_id=station_id,
            evse_number=plan.evse_number,
            number=plan.number,
            standard=plan.standard,
            tariff_id=plan.tariff_id,
        )
        for plan in plans
    ]

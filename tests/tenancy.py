"""Two small tenants with everything a charging session needs, so that no test can forget the other one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from csms.stations.ref import StationRef
from models import (
    ChargingStation,
    Connector,
    Driver,
    Evse,
    IdToken,
    IdTokenStatus,
    Location,
    Tariff,
    TariffVersion,
    Tenant,
    TenantHost,
)
from models.db import Database
from models.scope import tenant_scope

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SmallTenant:
    """One tenant as stored. Each station has EVSE 1 and 2 with connector 1."""

    id: int
    key: str
    hostname: str
    currency: str
    location_id: int
    stations: tuple[StationRef, StationRef]
    tariff_id: int
    tariff_version_id: int
    token: str
    """A token that is accepted and belongs to `driver_id`."""
    blocked_token: str
    driver_id: int

    @property
    def station(self) -> StationRef:
        """The first station."""
        return self.stations[0]


@dataclass(frozen=True)
class TwoTenants:
    """Green Energy charges 0.30 EUR per kWh; Blue Wave 0.60 SGD per kWh and 0.05 per minute after an hour."""

    green: SmallTenant
    blue: SmallTenant


async def found_two_tenants(database: Database) -> TwoTenants:
    """Store both tenants and return their ids."""
    green = await _found(database, "green", "EUR", "Europe/Berlin", {"energy_per_kwh": "0.30"})
    blue_prices = {"energy_per_kwh": "0.60", "per_minute": "0.05", "per_minute_after_min": 60}
    return TwoTenants(green, await _found(database, "blue", "SGD", "Asia/Singapore", blue_prices))


async def _found(database: Database, key: str, currency: str, time_zone: str, prices: dict[str, Any]) -> SmallTenant:
    async with AsyncSession(database.writer, expire_on_commit=False) as session:
        tenant = Tenant(key=key, name=key.title(), currency=currency, time_zone=time_zone, created_at=LONG_AGO)
        session.add(tenant)
        await session.flush()
        session.add(TenantHost(hostname=f"{key}.localhost", tenant_id=_id(tenant)))
        with tenant_scope(_id(tenant)):
            founded = await _furnish(session, tenant, prices)
        await session.commit()
    return founded


async def _furnish(session: AsyncSession, tenant: Tenant, prices: dict[str, Any]) -> SmallTenant:
    location = Location(name=f"{tenant.name} yard", latitude=52.5, longitude=13.4, time_zone=tenant.time_zone)
    tariff = Tariff(name="Standard", currency=tenant.currency, is_default=True)
    driver = Driver(name="Ada Example", created_at=LONG_AGO)
    session.add_all([location, tariff, driver])
    await session.flush()
    version = TariffVersion(tariff_id=_id(tariff), number=1, valid_from=LONG_AGO, prices=prices)
    token, blocked = f"{tenant.key}-card".upper(), f"{tenant.key}-lost".upper()
    session.add_all(
        [
            version,
            IdToken(value=token, value_key=token.casefold(), driver_id=driver.id, created_at=LONG_AGO),
            IdToken(value=blocked, value_key=blocked.casefold(), status=IdTokenStatus.BLOCKED, created_at=LONG_AGO),
        ]
    )
    stations = [await _station(session, tenant, _id(location), number) for number in (1, 2)]
    return SmallTenant(
        id=_id(tenant),
        key=tenant.key,
        hostname=f"{tenant.key}.localhost",
        currency=tenant.currency,
        location_id=_id(location),
        stations=(stations[0], stations[1]),
        tariff_id=_id(tariff),
        tariff_version_id=_id(version),
        token=token,
        blocked_token=blocked,
        driver_id=_id(driver),
    )


async def _station(session: AsyncSession, tenant: Tenant, location_id: int, number: int) -> StationRef:
    identity = f"{tenant.key.upper()}-{number}"
    station = ChargingStation(location_id=location_id, identity=identity, identity_key=identity.casefold())
    session.add(station)
    await session.flush()
    for evse in (1, 2):
        session.add(Evse(station_id=_id(station), number=evse, max_power_w=22_000))
        session.add(Connector(station_id=_id(station), evse_number=evse, number=1))
    await session.flush()
    return StationRef(_id(station), _id(tenant), location_id, identity)


def _id(row: Any) -> int:
    assert row.id is not None
    return row.id

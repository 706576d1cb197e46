"""Puts a demo tenant's present into the database: prices, places, stations, staff and drivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access.service import add_membership, create_user
from csms.jobs.demo.history import WEEKS
from csms.jobs.demo.identities import (
    TOKENS_PER_STATION,
    evse_id_of,
    identity_of,
    lapsed_token,
    lost_token,
    password_of,
    token_values,
)
from csms.jobs.demo.scenery import StationScene, TariffScene, TenantScene
from csms.jobs.demo.wallets import fill_wallets, sighting
from csms.stations.ref import StationRef
from csms.stations.security import digest_password
from csms.stations.service import ConnectorPlan, create_location, create_station
from csms.tariffs.pricing import Prices
from csms.tariffs.service import add_version, create_tariff
from models import ChargingStation, Driver, IdToken, IdTokenStatus, Location, Role, TariffVersion

_OPENED = timedelta(weeks=WEEKS + 4)
_PRICES_CHANGED = timedelta(weeks=3)


@dataclass(frozen=True, slots=True)
class SetTariff:
    """A tariff as stored, with its versions, oldest first."""

    id: int
    scene: TariffScene
    versions: tuple[tuple[datetime, int, Prices], ...]

    def version_at(self, at: datetime) -> tuple[int, Prices]:
        """Id and prices of the version that held then."""
        _, version_id, prices = next(version for version in reversed(self.versions) if version[0] <= at)
        return version_id, prices


@dataclass(frozen=True, slots=True)
class SetStation:
    """A station as stored, with what its history needs."""

    ref: StationRef
    scene: StationScene
    identity: str
    tokens: Sequence[str]
    tariff: SetTariff
    """What its connectors cost: their own tariff, the location's, or the default."""


@dataclass(frozen=True, slots=True)
class SetCard:
    """A card as stored: whose it is, and its group."""

    id: int
    driver_id: int
    group: str | None


@dataclass(frozen=True, slots=True)
class SetTenant:
    """A tenant as stored, with its cards by value."""

    id: int
    scene: TenantScene
    stations: Sequence[SetStation]
    cards: dict[str, SetCard]


async def furnish(
    session: AsyncSession, tenant_id: int, scene: TenantScene, hashes: dict[str, str], secret_key: bytes, now: datetime
) -> SetTenant:
    """Everything but the past, for the tenant in scope. `hashes`: password hash by e-mail."""
    await _hire(session, scene, hashes, now)
    cards = await _add_drivers(session, scene, now)
    tariffs = [await _set_price(session, scene, tariff, now) for tariff in scene.tariffs]
    locations = await _open_locations(session, scene, tariffs)
    stations = [
        await _build_station(session, tenant_id, scene, number, locations, tariffs, secret_key)
        for number in range(len(scene.stations))
    ]
    if scene.own_charger is not None:
        await _reserve_own(session, scene.own_charger, locations[scene.places[0].code], secret_key)
    session.add(sighting(scene, stations[0].ref.id, now))
    return SetTenant(tenant_id, scene, stations, cards)


async def _hire(session: AsyncSession, scene: TenantScene, hashes: dict[str, str], now: datetime) -> None:
    for person in scene.people:
        user = await create_user(
            session, email=person.email, name=person.name, password_hash=hashes[person.email], now=now
        )
        await add_membership(session, cast(int, user.id), Role(person.role))


async def _add_drivers(session: AsyncSession, scene: TenantScene, now: datetime) -> dict[str, SetCard]:
    """Drivers and their cards: everybody's first, then second cards; a lost one and a lapsed one besides."""
    opened_at = now - _OPENED
    drivers = [Driver(name=name, email=_email_of(name), created_at=opened_at) for name in scene.drivers]
    session.add_all(drivers)
    await session.flush()
    cards = [
        _card(value, drivers[number % len(drivers)], opened_at, "Card" if number < len(drivers) else "Second card")
        for number, value in enumerate(token_values(scene))
    ]
    lost = _card(lost_token(scene), drivers[0], opened_at, "Lost card")
    lost.status = IdTokenStatus.BLOCKED
    lapsed = _card(lapsed_token(scene), drivers[1], opened_at, "Old contract")
    lapsed.expires_at = now - timedelta(days=12)
    session.add_all([*cards, lost, lapsed])
    await session.flush()
    await fill_wallets(session, scene, drivers, cards, now)
    return {card.value: SetCard(cast(int, card.id), cast(int, card.driver_id), card.group) for card in cards}


def _card(value: str, driver: Driver, at: datetime, label: str) -> IdToken:
    return IdToken(value=value, value_key=value.casefold(), label=label, driver_id=driver.id, created_at=at)


def _email_of(name: str) -> str:
    plain = name.casefold().replace("ı", "i").replace("ü", "ue").replace("ö", "oe").replace("'", "")
    return ".".join(plain.split()) + "@drivers.example"


async def _set_price(session: AsyncSession, scene: TenantScene, tariff: TariffScene, now: datetime) -> SetTariff:
    opened_at, changed_at = now - _OPENED, now - _PRICES_CHANGED
    stored = await create_tariff(
        session,
        tariff.name,
        scene.currency,
        tariff.earlier or tariff.prices,
        valid_from=opened_at,
        is_default=tariff.is_default,
    )
    tariff_id = cast(int, stored.id)
    if tariff.earlier is not None:
        await add_version(session, tariff_id, tariff.prices, valid_from=changed_at)
    found = await session.scalars(
        select(TariffVersion).where(col(TariffVersion.tariff_id) == tariff_id).order_by(col(TariffVersion.number))
    )
    versions = tuple((row.valid_from, cast(int, row.id), Prices.from_json(row.prices)) for row in found)
    return SetTariff(tariff_id, tariff, versions)


async def _open_locations(
    session: AsyncSession, scene: TenantScene, tariffs: Sequence[SetTariff]
) -> dict[str, Location]:
    by_name = {tariff.scene.name: tariff.id for tariff in tariffs}
    return {
        place.code: await create_location(
            session,
            name=place.name,
            address=place.address,
            postal_code=place.postal_code,
            city=place.city,
            country=scene.country,
            latitude=place.latitude,
            longitude=place.longitude,
            time_zone=scene.time_zone,
            tariff_id=by_name[place.tariff] if place.tariff else None,
        )
        for place in scene.places
    }


async def _build_station(
    session: AsyncSession,
    tenant_id: int,
    scene: TenantScene,
    number: int,
    locations: dict[str, Location],
    tariffs: Sequence[SetTariff],
    secret_key: bytes,
) -> SetStation:
    station = scene.stations[number]
    place_number = place_number_of(scene, number)
    identity, location = identity_of(scene, station.place, place_number), locations[station.place]
    own_tariff = _tariff_for_power(station, tariffs)
    row = await create_station(
        session,
        identity=identity,
        location_id=cast(int, location.id),
        name=f"{location.name} {place_number}",
        password_hash=digest_password(secret_key, password_of(secret_key, identity).encode()),
        connectors=[
            ConnectorPlan(
                evse,
                standard=station.hardware.standard,
                current_type=station.hardware.current_type,
                max_power_w=station.hardware.max_power_w,
                evse_id=evse_id_of(scene, station.place, place_number, evse),
                tariff_id=own_tariff.id if own_tariff else None,
            )
            for evse in range(1, station.hardware.evse_count + 1)
        ],
    )
    _show_nameplate(row, station)
    tokens = token_values(scene)[number * TOKENS_PER_STATION :][:TOKENS_PER_STATION]
    ref = StationRef(cast(int, row.id), tenant_id, row.location_id, identity)
    return SetStation(ref, station, identity, tokens, own_tariff or _tariff_of_place(location, tariffs))


def place_number_of(scene: TenantScene, number: int) -> int:
    """Counted from 1 among the stations of its place."""
    place = scene.stations[number].place
    return sum(station.place == place for station in scene.stations[: number + 1])


def _show_nameplate(row: ChargingStation, station: StationScene) -> None:
    """What its first BootNotification will say again."""
    row.ocpp_version = station.ocpp_version
    row.vendor, row.model = station.hardware.vendor, station.hardware.model
    row.firmware_version = station.hardware.firmware_version


def _tariff_for_power(station: StationScene, tariffs: Sequence[SetTariff]) -> SetTariff | None:
    """DC connectors have the price of the strongest class they reach."""
    if not station.hardware.is_dc:
        return None
    reached = [
        t for t in tariffs if t.scene.for_power_from_w and t.scene.for_power_from_w <= station.hardware.max_power_w
    ]
    return max(reached, key=lambda tariff: tariff.scene.for_power_from_w or 0, default=None)


def _tariff_of_place(location: Location, tariffs: Sequence[SetTariff]) -> SetTariff:
    return next(
        (tariff for tariff in tariffs if tariff.id == location.tariff_id),
        next(tariff for tariff in tariffs if tariff.scene.is_default),
    )


async def _reserve_own(session: AsyncSession, identity: str, location: Location, secret_key: bytes) -> None:
    """A station nobody simulates: the reader's own charger, or another simulator, may be it."""
    await create_station(
        session,
        identity=identity,
        location_id=cast(int, location.id),
        name="Your own charger",
        password_hash=digest_password(secret_key, password_of(secret_key, identity).encode()),
        subprotocol_optional=True,
        connectors=[ConnectorPlan(1, max_power_w=22_000)],
    )

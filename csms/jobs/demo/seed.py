"""Seeds both demo tenants, once; a later start finds them and changes nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func
from sqlmodel import col, select

from csms.access.service import hash_password
from csms.clock import Clock
from csms.jobs.demo.blue import BLUE_WAVE
from csms.jobs.demo.furnish import furnish, place_number_of
from csms.jobs.demo.green import GREEN_ENERGY
from csms.jobs.demo.identities import TOKENS_PER_STATION, identity_of, lost_token, password_of, token_values
from csms.jobs.demo.past import write_past
from csms.jobs.demo.scenery import Hardware, StationScene, TenantScene
from csms.jobs.demo.world import DemoStation, DemoTenant, DemoWorld
from csms.tenants.directory import create_tenant
from csms.work import Committer, Work
from models import ChargingStation, Tenant, Transaction
from models.db import Database
from models.scope import platform_scope, tenant_scope

SCENES = (GREEN_ENERGY, BLUE_WAVE)
_SPEED = 8.0
_SAMPLE_INTERVAL_S = 12
_CARS_PER_DAY = {"AC": 4.0, "DC": 7.0}

Registers = dict[tuple[str, int], int]
"""Where each EVSE's meter stands: by identity and EVSE number, in Wh."""


async def seed_demo(
    committer: Committer, database: Database, clock: Clock, secret_key: bytes, brands: Mapping[str, dict[str, Any]]
) -> DemoWorld:
    """Make Green Energy and Blue Wave exist, with weeks of history, and return what to simulate and who signs in.

    `brands`: brand tokens as plain JSON by tenant key. Each tenant is written in one unit of work: all or nothing.
    """
    with platform_scope():
        for scene in SCENES:
            if not await _exists(database, scene):
                await _seed_tenant(committer, scene, brands[scene.key], secret_key, clock.now())
        return await _world(database, secret_key)


async def _exists(database: Database, scene: TenantScene) -> bool:
    async with database.reading() as session:
        found = await session.scalar(select(Tenant.id).where(col(Tenant.key) == scene.key))
    return found is not None


async def _seed_tenant(
    committer: Committer, scene: TenantScene, brand: dict[str, Any], secret_key: bytes, now: datetime
) -> None:
    hashes = {person.email: await hash_password(person.password) for person in scene.people}

    async def unit(work: Work) -> None:
        session = work.session()
        latitude, longitude, zoom = scene.map_centre
        tenant = await create_tenant(
            session,
            key=scene.key,
            name=scene.name,
            currency=scene.currency,
            time_zone=scene.time_zone,
            locale=scene.locale,
            hosts=[scene.hostname],
            brand=brand,
            map_latitude=latitude,
            map_longitude=longitude,
            map_zoom=zoom,
            now=now,
        )
        with tenant_scope(cast(int, tenant.id)):
            stored = await furnish(session, cast(int, tenant.id), scene, hashes, secret_key, now)
            await write_past(work, stored, now)
            await session.flush()

    await committer.run(unit)


async def _world(database: Database, secret_key: bytes) -> DemoWorld:
    async with database.reading() as session:
        keys = [scene.key for scene in SCENES]
        found = await session.scalars(select(Tenant).where(col(Tenant.key).in_(keys)))
        ids = {tenant.key: cast(int, tenant.id) for tenant in found}
        newest = await session.execute(
            select(ChargingStation.identity, Transaction.evse_number, func.max(Transaction.end_energy_wh))
            .join(ChargingStation, col(ChargingStation.id) == col(Transaction.station_id))
            .group_by(col(ChargingStation.identity), col(Transaction.evse_number))
        )
        registers: Registers = {(identity, evse): wh for identity, evse, wh in newest if wh is not None}
    return DemoWorld(
        tenants=tuple(_tenant(scene, ids[scene.key], secret_key) for scene in SCENES),
        stations=tuple(station for scene in SCENES for station in _stations(scene, secret_key, registers)),
    )


def _tenant(scene: TenantScene, tenant_id: int, secret_key: bytes) -> DemoTenant:
    own = scene.own_charger
    return DemoTenant(
        id=tenant_id,
        key=scene.key,
        name=scene.name,
        hostname=scene.hostname,
        people=scene.people,
        own_charger=(own, password_of(secret_key, own)) if own else None,
    )


def _stations(scene: TenantScene, secret_key: bytes, registers: Registers) -> list[DemoStation]:
    return [_station(scene, number, secret_key, registers) for number in range(len(scene.stations))]


def _station(scene: TenantScene, number: int, secret_key: bytes, registers: Registers) -> DemoStation:
    station, place_number = scene.stations[number], place_number_of(scene, number)
    identity = identity_of(scene, station.place, place_number)
    tokens = token_values(scene)[number * TOKENS_PER_STATION :][:TOKENS_PER_STATION]
    if number % 5 == 2:  # now and then somebody tries a card that was reported lost
        tokens = [*tokens, lost_token(scene)]
    hardware = station.hardware
    plan: dict[str, Any] = {
        "identity": identity,
        "password": password_of(secret_key, identity),
        "ocpp_version": station.ocpp_version,
        "current_type": hardware.current_type,
        "evses": [_evse(hardware, registers.get((identity, evse))) for evse in range(1, hardware.evse_count + 1)],
        "vendor": hardware.vendor,
        "model": hardware.model,
        "serial_number": f"{hardware.vendor[:2].upper()}{1_000_000 + 7_919 * (number + 1)}",
        "firmware_version": hardware.firmware_version,
        "tokens": tokens,
        "time_zone": scene.time_zone,
        "seed": 1_000 * len(scene.key) + number,
        "sample_interval_s": _SAMPLE_INTERVAL_S,
        "behaviour": _behaviour(station, number),
    }
    return DemoStation(scene.key, identity, plan)


def _evse(hardware: Hardware, register_wh: int | None) -> dict[str, Any]:
    return {
        "max_power_w": hardware.max_power_w,
        "phases": hardware.phases,
        "register_wh": register_wh,
        "connectors": [{"standard": hardware.standard, "has_cable": hardware.is_dc}],
    }


def _behaviour(station: StationScene, number: int) -> dict[str, Any]:
    return {
        "lives": True,
        "speed": _SPEED,
        "opening": station.opening,
        "cars_per_day": _CARS_PER_DAY[station.hardware.current_type] * station.popularity,
        "starts_on_plug": not station.hardware.is_dc,
        "resumes_after_power_loss": number % 9 != 4,
    }

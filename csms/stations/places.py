"""Verbs of locations, the sites where stations stand: added, changed and removed by people."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.bus.events import StationChanged
from csms.cause import current_cause
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Work
from models import ChargingStation, Location, Tariff, Transaction


@dataclass(frozen=True, slots=True)
class LocationPlan:
    """A site as a person describes it. `country` is ISO 3166-1 alpha-3."""

    name: str
    latitude: float
    longitude: float
    time_zone: str
    address: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = ""
    support_phone: str = ""
    tariff_id: int | None = None
    """None: the tenant's default tariff."""


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A site in a list, and how many stations stand there."""

    location: Location
    stations: int


@lru_cache
def time_zones() -> frozenset[str]:
    """Names of places, as the time zone database has them."""
    return frozenset(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")) | {"UTC"}


def checked_plan(plan: LocationPlan) -> LocationPlan:
    """The plan with its texts in order. Raises InvalidInputError naming the field that cannot be."""
    texts = {name: value.strip() for name, value in asdict(plan).items() if isinstance(value, str)}
    plan = replace(plan, **texts | {"country": plan.country.strip().upper()})
    if not plan.name or len(plan.name) > 120:
        raise InvalidInputError("Location name: give it a name of at most 120 characters.")
    if not math.isfinite(plan.latitude) or not -90 <= plan.latitude <= 90:
        raise InvalidInputError("Latitude: a number from -90 to 90, such as 52.5206.")
    if not math.isfinite(plan.longitude) or not -180 <= plan.longitude <= 180:
        raise InvalidInputError("Longitude: a number from -180 to 180, such as 13.4098.")
    if plan.time_zone not in time_zones():
        raise InvalidInputError("Time zone: choose one such as Europe/Berlin.")
    if plan.country and not (len(plan.country) == 3 and plan.country.isascii() and plan.country.isalpha()):
        raise InvalidInputError("Country: three letters such as DEU, FRA or SGP.")
    if len(plan.support_phone) > 32 or not set(plan.support_phone) <= set("+0123456789 ()-/."):
        raise InvalidInputError("Support phone: digits as they are dialled, such as +49 30 123456.")
    longest = max(len(plan.address), len(plan.city), len(plan.postal_code))
    if longest > 200:
        raise InvalidInputError("Address: at most 200 characters a field.")
    return plan


async def add_location(work: Work, actor: Actor, plan: LocationPlan, at: datetime) -> Location:
    """Add a site to the actor's tenant. Raises InvalidInputError, or ConflictError for a name it has already."""
    require(actor, Permission.STATIONS_MANAGE)
    plan = checked_plan(plan)
    session = work.session()
    await _require_free_name(session, plan.name)
    await require_tariffs(session, {plan.tariff_id})
    location = Location(**asdict(plan))
    session.add(location)
    await session.flush()
    audit.record_change(work, actor, "location.added", f"location {plan.name}", {}, asdict(plan), at=at)
    return location


async def change_location(work: Work, actor: Actor, location_id: int, plan: LocationPlan, at: datetime) -> Location:
    """Describe a site anew. Raises NotFoundError, InvalidInputError, ConflictError."""
    require(actor, Permission.STATIONS_MANAGE)
    plan = checked_plan(plan)
    session = work.session()
    location = await find_location(session, location_id)
    await _require_free_name(session, plan.name, but_of=location_id)
    await require_tariffs(session, {plan.tariff_id})
    before = {name: getattr(location, name) for name in asdict(plan)}
    for name, value in asdict(plan).items():
        setattr(location, name, value)
    await session.flush()
    audit.record_change(work, actor, "location.changed", f"location {plan.name}", before, asdict(plan), at=at)
    here = select(col(ChargingStation.id)).where(
        col(ChargingStation.location_id) == location_id, col(ChargingStation.decommissioned_at).is_(None)
    )
    for station_id in (await session.execute(here)).scalars():
        work.announce(
            StationChanged(
                tenant_id=actor.tenant_id,
                station_id=station_id or 0,
                at=at,
                cause_id=current_cause(),
                location_id=location_id,
            )
        )
    return location


async def remove_location(work: Work, actor: Actor, location_id: int, at: datetime) -> None:
    """Remove a site where nothing stands and nothing ever happened. Raises ConflictError for any other."""
    require(actor, Permission.STATIONS_MANAGE)
    session = work.session()
    location = await find_location(session, location_id)
    stations = select(col(ChargingStation.decommissioned_at)).where(col(ChargingStation.location_id) == location_id)
    found = list((await session.execute(stations)).scalars())
    if any(gone_at is None for gone_at in found):
        raise ConflictError(f"{location.name} still has chargers. Move them to another location first.")
    past = select(col(Transaction.id)).where(col(Transaction.location_id) == location_id).limit(1)
    if found or (await session.execute(past)).first() is not None:
        raise ConflictError(f"{location.name} is part of the history of sessions or chargers, so it has to stay.")
    audit.record(work, actor, "location.removed", f"location {location.name}", at=at)
    await session.delete(location)
    await session.flush()


async def require_tariffs(session: AsyncSession, tariff_ids: Iterable[int | None]) -> None:
    """Raise InvalidInputError for a tariff that the tenant does not have."""
    for tariff_id in tariff_ids:
        if tariff_id is not None and await session.get(Tariff, tariff_id) is None:
            raise InvalidInputError(f"There is no tariff {tariff_id}.")


async def find_location(session: AsyncSession, location_id: int) -> Location:
    """A site of the tenant in scope. Raises NotFoundError."""
    found = (await session.execute(select(Location).where(col(Location.id) == location_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"There is no location {location_id}.")
    return found


async def location_rows(session: AsyncSession) -> list[LocationRow]:
    """The tenant's sites by name."""
    counted = (
        select(col(ChargingStation.location_id), func.count())
        .where(col(ChargingStation.decommissioned_at).is_(None))
        .group_by(col(ChargingStation.location_id))
    )
    counts: dict[Any, int] = {row[0]: row[1] for row in (await session.execute(counted)).all()}
    places = (await session.execute(select(Location).order_by(func.lower(col(Location.name))))).scalars()
    return [LocationRow(place, counts.get(place.id, 0)) for place in places]


async def _require_free_name(session: AsyncSession, name: str, but_of: int | None = None) -> None:
    same = select(col(Location.id)).where(func.lower(col(Location.name)) == name.lower()).limit(1)
    if but_of is not None:
        same = same.where(col(Location.id) != but_of)
    if (await session.execute(same)).first() is not None:
        raise ConflictError(f"Location name: there is a location {name} already.")

"""Adds and changes locations, with the permission it takes and a record of what was changed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.ext.asyncio import AsyncSession

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.errors import InvalidInputError, NotFoundError
from csms.stations.setup import create_location
from csms.work import Work
from models import Location, Tariff


@dataclass(frozen=True, slots=True)
class Site:
    """A location as it shall be. `country` is ISO 3166-1 alpha-3."""

    name: str
    latitude: float
    longitude: float
    time_zone: str
    address: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = ""
    tariff_id: int | None = None


async def add_location(work: Work, actor: Actor, site: Site, at: datetime) -> Location:
    """Add a site. Raises PermissionDeniedError, InvalidInputError."""
    require(actor, Permission.STATIONS_MANAGE)
    await _check(work.session(), site)
    location = await create_location(work.session(), **asdict(site))
    audit.record_change(work, actor, "location.add", f"location {location.name}", {}, asdict(site), at=at)
    return location


async def change_location(work: Work, actor: Actor, location_id: int, site: Site, at: datetime) -> Location:
    """Make a site what `site` says. Raises PermissionDeniedError, NotFoundError, InvalidInputError."""
    require(actor, Permission.STATIONS_MANAGE)
    await _check(work.session(), site)
    location = await work.session().get(Location, location_id)
    if location is None:
        raise NotFoundError(f"There is no location {location_id}.")
    after = asdict(site)
    before = {name: getattr(location, name) for name in after}
    for name, value in after.items():
        setattr(location, name, value)
    await work.session().flush()
    audit.record_change(work, actor, "location.change", f"location {location.name}", before, after, at=at)
    return location


async def _check(session: AsyncSession, site: Site) -> None:
    try:
        ZoneInfo(site.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInputError(f"There is no time zone {site.time_zone!r}; it reads like Europe/Berlin.") from None
    if site.tariff_id is not None and await session.get(Tariff, site.tariff_id) is None:
        raise InvalidInputError(f"There is no tariff {site.tariff_id}.")

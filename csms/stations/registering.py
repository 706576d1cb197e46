"""Makes a station what a program says it is, whether it was known before or not: one verb on top of `managing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Actor, Permission, require
from csms.errors import InvalidInputError
from csms.stations.managing import (
    StationChange,
    StationPlan,
    add_station,
    change_station,
    find_station,
    move_registration,
)
from csms.stations.security import digest_password
from csms.stations.setup import ConnectorPlan
from csms.work import Work
from models import ChargingStation, Location, Registration

SHORTEST, LONGEST = 16, 40
"""Characters of a password that a station takes (TR_11)."""


@dataclass(frozen=True, slots=True)
class StationSetup:
    """A station as it shall be."""

    identity: str
    location_id: int | None = None
    """None: where it is, or the tenant's first location."""
    name: str = ""
    password: str | None = None
    """None: the one it has; a new station that needs one gets a random one."""
    security_profile: int = 1
    registration: Registration = Registration.ACCEPTED
    subprotocol_optional: bool = False
    is_strict: bool = False
    certificate_name: str | None = None
    connectors: Sequence[ConnectorPlan] | None = None
    """EVSEs and connectors, and no others; None: those it has."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of it."""

    station_id: int
    is_new: bool
    password: str | None
    """The random password that was made for it, to be shown once."""


async def put_station(work: Work, actor: Actor, setup: StationSetup, secret_key: bytes, at: datetime) -> Registered:
    """Make a station what `setup` says, new or known. Raises PermissionDeniedError; InvalidInputError for what cannot
    be; ConflictError for an identity that cannot be had, for it is unique on the whole platform."""
    require(actor, Permission.STATIONS_MANAGE)
    session = work.session()
    digest = _digest(setup.password, secret_key)
    if setup.location_id is not None and await session.get(Location, setup.location_id) is None:
        raise InvalidInputError(f"There is no location {setup.location_id}.")
    known = select(ChargingStation).where(col(ChargingStation.identity_key) == setup.identity.casefold())
    station = (await session.execute(known)).scalar_one_or_none()
    if station is None:
        return await _add(work, actor, setup, digest, secret_key, at)
    await _change(work, actor, station.id or 0, setup, digest, at)
    return Registered(station.id or 0, False, None)


async def _add(
    work: Work, actor: Actor, setup: StationSetup, digest: str | None, secret_key: bytes, at: datetime
) -> Registered:
    plan = StationPlan(
        identity=setup.identity,
        name=setup.name,
        location_id=setup.location_id or await _first_location(work.session()),
        security_profile=setup.security_profile,
        subprotocol_optional=setup.subprotocol_optional,
        registration=setup.registration,
        connectors=tuple(setup.connectors or ()),
        password_hash=digest,
        from_charger=True,
        is_strict=setup.is_strict,
        certificate_name=setup.certificate_name,
    )
    added = await add_station(work, actor, plan, secret_key, at)
    return Registered(added.ref.id, True, added.password)


async def _change(
    work: Work, actor: Actor, station_id: int, setup: StationSetup, digest: str | None, at: datetime
) -> None:
    row = await find_station(work.session(), station_id)
    await change_station(
        work,
        actor,
        station_id,
        StationChange(
            name=setup.name,
            location_id=setup.location_id,
            security_profile=setup.security_profile,
            subprotocol_optional=setup.subprotocol_optional,
            is_strict=setup.is_strict,
            certificate_name=setup.certificate_name or "",
            connectors=None if setup.connectors is None else tuple(setup.connectors),
            password_hash=digest,
        ),
        at,
    )
    if row.registration != setup.registration:
        await move_registration(work, actor, station_id, setup.registration, at)


def _digest(password: str | None, secret_key: bytes) -> str | None:
    if password is None:
        return None
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(f"A station's password has {SHORTEST} to {LONGEST} characters.")
    return digest_password(secret_key, password.encode())


async def _first_location(session: AsyncSession) -> int:
    found = await session.scalar(select(col(Location.id)).order_by(col(Location.id)).limit(1))
    if found is None:
        raise InvalidInputError("There is no location yet. Add one, or name the location of the station.")
    return found

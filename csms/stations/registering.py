"""Makes stations known and changes what they are, with the permission it takes and a record of what was changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.errors import ConflictError, InvalidInputError
from csms.stations.ref import StationRef
from csms.stations.secrets import MASK
from csms.stations.security import digest_password, generate_password
from csms.stations.setup import ConnectorPlan, create_station, set_registration
from csms.work import Work
from models import ChargingStation, Connector, Evse, Location, Registration, Tariff

SHORTEST, LONGEST = 16, 40
"""Characters of a password that a station takes (TR_11)."""
_WITH_PASSWORD = (1, 2)


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
    _check(setup)
    session = work.session()
    key = setup.identity.casefold()
    found = await session.execute(select(ChargingStation).where(col(ChargingStation.identity_key) == key))
    known = found.scalar_one_or_none()
    await _require_location(session, setup.location_id)
    await _require_tariffs(session, setup.connectors or ())
    if known is None:
        return await _create(work, actor, setup, secret_key, at)
    before = await station_values(session, known)
    _change(known, setup, secret_key)
    if setup.connectors is not None:
        await _place_connectors(session, cast(int, known.id), setup.connectors)
    if known.registration != setup.registration:
        ref = StationRef(cast(int, known.id), known.tenant_id, known.location_id, known.identity)
        await set_registration(work, ref, setup.registration, at)
    await session.flush()
    after = await station_values(session, known)
    if setup.password is not None:
        before, after = before | {"password": MASK}, after | {"password": "changed"}
    audit.record_change(work, actor, "station.change", f"station {known.identity}", before, after, at=at)
    return Registered(cast(int, known.id), False, None)


async def station_values(session: AsyncSession, station: ChargingStation) -> dict[str, Any]:
    """What an operator can set of a station, for the record of changes."""
    connectors = await session.execute(
        select(Connector)
        .where(col(Connector.station_id) == station.id)
        .order_by(col(Connector.evse_number), col(Connector.number))
    )
    return {
        "location_id": station.location_id,
        "name": station.name,
        "security_profile": station.security_profile,
        "registration": str(station.registration),
        "subprotocol_optional": station.subprotocol_optional,
        "is_strict": station.is_strict,
        "certificate_name": station.certificate_name,
        "connectors": [f"{one.evse_number}.{one.number} {one.standard}" for one in connectors.scalars()],
    }


async def _create(work: Work, actor: Actor, setup: StationSetup, secret_key: bytes, at: datetime) -> Registered:
    session = work.session()
    made = generate_password() if setup.password is None and setup.security_profile in _WITH_PASSWORD else None
    password = setup.password or made
    try:
        station = await create_station(
            session,
            identity=setup.identity,
            location_id=setup.location_id or await _first_location(session),
            name=setup.name,
            password_hash=None if password is None else digest_password(secret_key, password.encode()),
            security_profile=setup.security_profile,
            subprotocol_optional=setup.subprotocol_optional,
            registration=setup.registration,
            connectors=setup.connectors or (),
        )
    except IntegrityError:
        raise ConflictError(f"The identity {setup.identity} cannot be had. Choose another.") from None
    station.is_strict, station.certificate_name = setup.is_strict, setup.certificate_name
    await session.flush()
    ref = StationRef(cast(int, station.id), station.tenant_id, station.location_id, station.identity)
    await set_registration(work, ref, setup.registration, at)
    values: Mapping[str, Any] = await station_values(session, station)
    audit.record_change(work, actor, "station.add", f"station {station.identity}", {}, values, at=at)
    return Registered(ref.id, True, made)


def _change(station: ChargingStation, setup: StationSetup, secret_key: bytes) -> None:
    if setup.location_id is not None:
        station.location_id = setup.location_id
    station.name = setup.name
    station.subprotocol_optional = setup.subprotocol_optional
    station.is_strict = setup.is_strict
    station.certificate_name = setup.certificate_name
    if setup.password is not None:
        station.password_hash = digest_password(secret_key, setup.password.encode())
        station.pending_password_hash = None
    if setup.security_profile in _WITH_PASSWORD and station.password_hash is None:
        raise InvalidInputError(f"Security profile {setup.security_profile} needs a password.")
    if setup.security_profile != station.security_profile:
        station.security_profile, station.pending_security_profile = setup.security_profile, None


async def _place_connectors(session: AsyncSession, station_id: int, plans: Sequence[ConnectorPlan]) -> None:
    """EVSEs and connectors as planned; one that stays keeps what its station said of it."""
    evses = {one.number: one for one in await _all(session, Evse, station_id)}
    connectors = {(one.evse_number, one.number): one for one in await _all(session, Connector, station_id)}
    for plan in plans:
        evse = evses.setdefault(plan.evse_number, Evse(station_id=station_id, number=plan.evse_number))
        evse.evse_id, evse.current_type, evse.max_power_w = plan.evse_id, plan.current_type, plan.max_power_w
        place = (plan.evse_number, plan.number)
        connector = connectors.setdefault(
            place, Connector(station_id=station_id, evse_number=plan.evse_number, number=plan.number)
        )
        connector.standard, connector.tariff_id = plan.standard, plan.tariff_id
        session.add_all((evse, connector))
    wanted = {(plan.evse_number, plan.number) for plan in plans}
    for place, connector in connectors.items():
        if place not in wanted:
            await session.execute(delete(Connector).where(col(Connector.id) == connector.id))
    for number, evse in evses.items():
        if number not in {plan.evse_number for plan in plans}:
            await session.execute(delete(Evse).where(col(Evse.id) == evse.id))


async def _all(session: AsyncSession, model: Any, station_id: int) -> Sequence[Any]:
    return (await session.execute(select(model).where(model.station_id == station_id))).scalars().all()


async def _first_location(session: AsyncSession) -> int:
    found = await session.scalar(select(col(Location.id)).order_by(col(Location.id)).limit(1))
    if found is None:
        raise InvalidInputError("There is no location yet. Add one, or name the location of the station.")
    return found


async def _require_location(session: AsyncSession, location_id: int | None) -> None:
    if location_id is not None and await session.get(Location, location_id) is None:
        raise InvalidInputError(f"There is no location {location_id}.")


async def _require_tariffs(session: AsyncSession, plans: Sequence[ConnectorPlan]) -> None:
    for tariff_id in {plan.tariff_id for plan in plans if plan.tariff_id is not None}:
        if await session.get(Tariff, tariff_id) is None:
            raise InvalidInputError(f"There is no tariff {tariff_id}.")


def _check(setup: StationSetup) -> None:
    if setup.password is not None and not SHORTEST <= len(setup.password) <= LONGEST:
        raise InvalidInputError(f"A station's password has {SHORTEST} to {LONGEST} characters.")
    places = [(plan.evse_number, plan.number) for plan in setup.connectors or ()]
    if len(set(places)) != len(places):
        raise InvalidInputError("Each connector of an EVSE needs a number of its own.")

"""Verbs of people who look after a fleet: a station is added, changed, given a new password, removed.

Each asks for the permission, and is recorded in the same commit. A password is shown once: it is returned here and kept
nowhere but as a digest.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.bus.events import StationAdded, StationChanged, StationRemoved
from csms.cause import current_cause
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.stations.fitting import checked_connectors, fit_connectors
from csms.stations.identities import checked_identity, taken_error, taken_identities
from csms.stations.places import LocationPlan, add_location, find_location, require_tariffs
from csms.stations.ref import StationRef
from csms.stations.secrets import MASK
from csms.stations.security import digest_password, generate_password
from csms.stations.setup import ConnectorPlan, connectors_of, evses_of, set_registration
from csms.work import Work
from models import ChargingStation, Connector, Registration, StationEvent, Transaction
from models.scope import check_row

PROFILES = {
    0: "None: anybody who knows its identity can connect as it",
    1: "Password, without encryption",
    2: "Password, over TLS",
    3: "Its own certificate, over TLS",
}
"""The security profiles of OCPP in words."""


@dataclass(frozen=True, slots=True)
class StationPlan:
    """A station to be. It stands at `location_id`, or at a `location` that is added with it."""

    identity: str
    name: str = ""
    location_id: int | None = None
    location: LocationPlan | None = None
    security_profile: int = 1
    subprotocol_optional: bool = False
    registration: Registration = Registration.ACCEPTED
    connectors: tuple[ConnectorPlan, ...] = ()
    """None is needed: what it has is learnt when it connects."""
    password_hash: str | None = None
    """Digest of a password that it knows already; without one, a password is made."""
    from_charger: bool = False
    """The identity is one that a charger uses already."""
    is_strict: bool = False
    certificate_name: str | None = None


@dataclass(frozen=True, slots=True)
class StationChange:
    """What becomes of a station; None leaves it as it is."""

    name: str | None = None
    location_id: int | None = None
    location: LocationPlan | None = None
    security_profile: int | None = None
    subprotocol_optional: bool | None = None
    is_strict: bool | None = None
    certificate_name: str | None = None
    """Empty: none is expected any more."""
    connectors: tuple[ConnectorPlan, ...] | None = None
    password_hash: str | None = None
    """Digest of another password, which holds from its next connection on."""


@dataclass(frozen=True, slots=True)
class Added:
    """A station that was added. `password` is None where it needs none or knows its own."""

    ref: StationRef
    password: str | None


async def add_station(work: Work, actor: Actor, plan: StationPlan, secret_key: bytes, at: datetime) -> Added:
    """Make a station known to the actor's tenant.

    Raises InvalidInputError for what cannot be, ConflictError for an identity that is taken by whomever.
    """
    return (await add_stations(work, actor, [plan], secret_key, at))[0]


async def add_stations(
    work: Work, actor: Actor, plans: Sequence[StationPlan], secret_key: bytes, at: datetime
) -> list[Added]:
    """Make several known, all or none; thousands take a second. As `add_station`."""
    require(actor, Permission.STATIONS_MANAGE)
    session = work.session()
    plans = [replace(plan, identity=checked_identity(plan.identity, from_charger=plan.from_charger)) for plan in plans]
    taken = await taken_identities(session, [plan.identity for plan in plans])
    await require_tariffs(session, {one.tariff_id for plan in plans for one in plan.connectors})
    rows: list[ChargingStation] = []
    passwords: list[str | None] = []
    places: dict[int | None, int] = {}
    for plan in plans:
        if plan.identity.casefold() in taken:
            raise taken_error(plan.identity)
        taken.add(plan.identity.casefold())
        if plan.location is not None or plan.location_id not in places:
            places[plan.location_id] = await _place(work, actor, plan.location_id, plan.location, at)
        row, password = _row(plan, places[plan.location_id], secret_key)
        rows.append(row)
        passwords.append(password)
    try:
        await _write(session, actor.tenant_id, rows)
    except IntegrityError:  # somebody else took it in the meantime
        identity = plans[0].identity if len(plans) == 1 else "one of them"
        raise taken_error(identity) from None
    numbers = await _numbers(session, [row.identity_key for row in rows])
    for row in rows:
        row.id, row.tenant_id = numbers[row.identity_key], actor.tenant_id
    pairs = [(row.id or 0, plan) for row, plan in zip(rows, plans, strict=True)]
    await _write(
        session, actor.tenant_id, [evse for number, plan in pairs for evse in evses_of(number, plan.connectors)]
    )
    await _write(
        session, actor.tenant_id, [one for number, plan in pairs for one in connectors_of(number, plan.connectors)]
    )
    for row, plan in zip(rows, plans, strict=True):
        after = _described(row) | {"connectors": _connectors_in_words(plan.connectors)}
        audit.record_change(work, actor, "station.added", f"station {row.identity}", {}, after, at=at)
        work.announce(StationAdded(**_event(_ref(row), at)))
    return [Added(_ref(row), password) for row, password in zip(rows, passwords, strict=True)]


async def _write(session: AsyncSession, tenant_id: int, rows: Sequence[SQLModel]) -> None:
    """Insert rows of one table by one statement: a fleet must not keep everybody else waiting."""
    if not rows:
        return
    table: Table = getattr(type(rows[0]), "__table__")  # noqa: B009 - SQLModel's types do not know it
    names = [column.name for column in table.columns if column.name not in ("id", "tenant_id")]
    values = [{"tenant_id": tenant_id} | {name: getattr(row, name) for name in names} for row in rows]
    for value in values:
        check_row(value)
    await (await session.connection()).execute(insert(table), values)


async def _numbers(session: AsyncSession, keys: Sequence[str]) -> dict[str, int]:
    """Ids of the stations just written, by identity."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        wanted = col(ChargingStation.identity_key).in_(keys[start : start + 500])
        query = select(col(ChargingStation.identity_key), col(ChargingStation.id)).where(wanted)
        found |= {key: number or 0 for key, number in (await session.execute(query)).all()}
    return found


def _row(plan: StationPlan, location_id: int, secret_key: bytes) -> tuple[ChargingStation, str | None]:
    if plan.security_profile not in PROFILES:
        raise InvalidInputError("Security profile: one of 0 to 3.")
    checked_connectors(plan.connectors)
    password, digest = None, plan.password_hash
    if digest is None and plan.security_profile in (1, 2):
        password = generate_password()
        digest = digest_password(secret_key, password.encode())
    row = ChargingStation(
        identity=plan.identity,
        identity_key=plan.identity.casefold(),
        location_id=location_id,
        name=_checked_name(plan.name),
        password_hash=digest,
        security_profile=plan.security_profile,
        subprotocol_optional=plan.subprotocol_optional,
        registration=plan.registration,
        is_strict=plan.is_strict,
        certificate_name=plan.certificate_name,
    )
    return row, password


async def change_station(work: Work, actor: Actor, station: str | int, change: StationChange, at: datetime) -> None:
    """Change what people decide about a station.

    Raises ConflictError for a profile that needs a password it has not, or for a connector in use that would go.
    """
    require(actor, Permission.STATIONS_MANAGE)
    session = work.session()
    row = await find_station(session, station)
    before = _described(row)
    if change.name is not None:
        row.name = _checked_name(change.name)
    if change.location_id is not None or change.location is not None:
        row.location_id = await _place(work, actor, change.location_id, change.location, at)
    if change.password_hash is not None:
        row.password_hash, row.pending_password_hash = change.password_hash, None
        before["password"] = MASK
    if change.security_profile is not None and change.security_profile != row.security_profile:
        _change_profile(row, change.security_profile)
    if change.subprotocol_optional is not None:
        row.subprotocol_optional = change.subprotocol_optional
    if change.is_strict is not None:
        row.is_strict = change.is_strict
    if change.certificate_name is not None:
        row.certificate_name = change.certificate_name or None
    after = _described(row)
    if change.password_hash is not None:
        after["password"] = "changed"  # noqa: S105 - says that it is another one, not which
    await session.flush()
    ref = _ref(row)
    if change.connectors is not None:
        await require_tariffs(session, {plan.tariff_id for plan in change.connectors})
        had = await fit_connectors(session, ref, change.connectors)
        before["connectors"] = _connectors_in_words(had)
        after["connectors"] = _connectors_in_words(change.connectors)
    audit.record_change(work, actor, "station.changed", f"station {row.identity}", before, after, at=at)
    work.announce(StationChanged(**_event(ref, at), location_id=row.location_id))


async def give_new_password(work: Work, actor: Actor, station: str | int, secret_key: bytes, at: datetime) -> str:
    """Make a password that a person enters in the station; from its next connection on, only this one counts."""
    require(actor, Permission.STATIONS_MANAGE)
    row = await find_station(work.session(), station)
    password = generate_password()
    row.password_hash = digest_password(secret_key, password.encode())
    row.pending_password_hash, row.pending_password_stays = None, False
    await work.session().flush()
    audit.record(work, actor, "station.password_changed", f"station {row.identity}", {"password": "***"}, at=at)
    work.announce(StationChanged(**_event(_ref(row), at), location_id=row.location_id))
    return password


async def move_registration(
    work: Work, actor: Actor, station: str | int, registration: Registration, at: datetime
) -> None:
    """Decide how the station's next BootNotification is answered; one that is online is asked to boot (B02)."""
    require(actor, Permission.STATIONS_MANAGE)
    row = await find_station(work.session(), station)
    before, after = {"registration": row.registration}, {"registration": str(registration)}
    if before == after:
        return
    await set_registration(work, _ref(row), registration, at)
    await work.session().flush()
    audit.record_change(work, actor, "station.registration_changed", f"station {row.identity}", before, after, at=at)


async def remove_station(work: Work, actor: Actor, station: str | int, at: datetime) -> None:
    """Take a station out of the fleet: its door is closed at once, its identity is free again.

    Its row stays for the history of its sessions, decommissioned. Raises ConflictError while somebody charges.
    """
    require(actor, Permission.STATIONS_MANAGE)
    session = work.session()
    row = await find_station(session, station)
    ref = _ref(row)
    running = select(col(Transaction.id)).where(col(Transaction.station_id) == row.id, col(Transaction.is_open))
    if (await session.execute(running.limit(1))).first() is not None:
        raise ConflictError(
            f"A session is still open at {row.identity}. Stop it, or close it in the list of sessions, then remove it."
        )
    audit.record_change(work, actor, "station.removed", f"station {row.identity}", _described(row), {}, at=at)
    row.identity_key = f":{row.id}"  # no identity has a colon in it
    row.password_hash, row.pending_password_hash = None, None
    row.decommissioned_at, row.is_online = at, False
    await session.flush()
    await session.execute(
        update(StationEvent)
        .where(col(StationEvent.station_id) == row.id, col(StationEvent.resolved_at).is_(None))
        .values(resolved_at=at)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Connector)
        .where(col(Connector.station_id) == row.id)
        .values(status="Unknown", error_code="")
        .execution_options(synchronize_session=False)
    )
    work.announce(StationRemoved(**_event(ref, at), identity=row.identity))


async def find_station(session: AsyncSession, station: str | int) -> ChargingStation:
    """The tenant's station of this identity (text) or id (number). Raises NotFoundError; removed ones are not found."""
    key = col(ChargingStation.id) == station
    if isinstance(station, str):
        key = col(ChargingStation.identity_key) == station.casefold()
    query = select(ChargingStation).where(key, col(ChargingStation.decommissioned_at).is_(None))
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"There is no station {station}.")
    return found


async def _place(work: Work, actor: Actor, location_id: int | None, location: LocationPlan | None, at: datetime) -> int:
    if location is not None:
        return (await add_location(work, actor, location, at)).id or 0
    if location_id is None:
        raise InvalidInputError("Location: choose where the charger stands, or describe a new location.")
    return (await find_location(work.session(), location_id)).id or 0


def _change_profile(row: ChargingStation, profile: int) -> None:
    if profile not in PROFILES:
        raise InvalidInputError("Security profile: one of 0 to 3.")
    if profile in (1, 2) and row.password_hash is None:
        raise ConflictError(f"Security profile {profile} needs a password, and there is none. Give it one first.")
    row.security_profile, row.pending_security_profile = profile, None


def _checked_name(name: str) -> str:
    name = name.strip()
    if len(name) > 120 or not name.isprintable():
        raise InvalidInputError("Name: at most 120 characters, on one line.")
    return name


def _described(row: ChargingStation) -> dict[str, Any]:
    return {
        "identity": row.identity,
        "name": row.name,
        "location_id": row.location_id,
        "security_profile": row.security_profile,
        "subprotocol_optional": row.subprotocol_optional,
        "registration": str(row.registration),
        "is_strict": row.is_strict,
        "certificate_name": row.certificate_name,
    }


def _connectors_in_words(plans: Sequence[ConnectorPlan]) -> list[dict[str, Any]]:
    return [asdict(replace(plan, evse_id=plan.evse_id or None)) for plan in plans]


def _ref(row: ChargingStation) -> StationRef:
    return StationRef(row.id or 0, row.tenant_id, row.location_id, row.identity)


def _event(ref: StationRef, at: datetime) -> dict[str, Any]:
    return {"tenant_id": ref.tenant_id, "station_id": ref.id, "at": at, "cause_id": current_cause()}

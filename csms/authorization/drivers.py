"""What people do with drivers and their vehicles: add, change, archive, delete. All audited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.limits import LIMIT_NAMES, NO_LIMITS, Limits, problem_with
from csms.authorization.revision import tokens_changed
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Work
from models import Driver, IdToken, Transaction, Vehicle


@dataclass(frozen=True, slots=True)
class DriverForm:
    """What can be said of a driver; empty text is nothing."""

    name: str
    email: str = ""
    phone: str = ""
    language: str = ""
    notes: str = ""
    external_reference: str = ""
    limits: Limits = NO_LIMITS

    @classmethod
    def of(cls, row: Driver) -> "DriverForm":
        """A driver as they are, to be changed with `dataclasses.replace`."""
        about = (row.name, row.email, row.phone, row.language, row.notes, row.external_reference)
        return cls(*about, Limits.of(row))


@dataclass(frozen=True, slots=True)
class VehicleForm:
    """What can be said of a car."""

    name: str
    plate: str = ""
    vin: str = ""
    evcc_id: str = ""
    mac_address: str = ""
    battery_wh: int | None = None


async def add_driver(work: Work, actor: Actor, form: DriverForm, at: datetime) -> Driver:
    """Raises PermissionDeniedError, InvalidInputError."""
    require(actor, Permission.TOKENS_MANAGE)
    row = Driver(name="", created_at=at)
    _write(row, form)
    work.session().add(row)
    await work.session().flush()
    audit.record_change(work, actor, "driver.add", subject_of(row), {}, said_of(row), at=at)
    return row


async def change_driver(work: Work, actor: Actor, driver_id: int, form: DriverForm, at: datetime) -> Driver:
    """Make a driver what the form says. Raises PermissionDeniedError, NotFoundError, InvalidInputError, and
    ConflictError for one whose data was erased."""
    require(actor, Permission.TOKENS_MANAGE)
    row = await find_driver(work.session(), driver_id)
    if row.erased_at is not None:
        raise ConflictError("This driver's data was erased; what is left cannot be changed.")
    before = said_of(row)
    _write(row, form)
    await work.session().flush()
    audit.record_change(work, actor, "driver.change", subject_of(row), before, said_of(row), at=at)
    return row


async def archive_driver(work: Work, actor: Actor, driver_id: int, at: datetime) -> Driver:
    """Put away a driver who charges no more: the sessions stay, the cards are refused. Raises PermissionDeniedError,
    NotFoundError."""
    return await _set_archived(work, actor, driver_id, at, "driver.archive", at)


async def restore_driver(work: Work, actor: Actor, driver_id: int, at: datetime) -> Driver:
    """Take an archived driver back, cards and all. Raises PermissionDeniedError, NotFoundError, ConflictError for one
    whose data was erased."""
    return await _set_archived(work, actor, driver_id, None, "driver.restore", at)


async def delete_driver(work: Work, actor: Actor, driver_id: int, at: datetime) -> None:
    """Forget a driver who never charged, with their vehicles; cards stay, without a driver. Raises
    PermissionDeniedError, NotFoundError, and ConflictError where there are sessions."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    row = await find_driver(session, driver_id)
    charged = select(col(Transaction.id)).where(col(Transaction.driver_id) == driver_id).limit(1)
    if await session.scalar(charged) is not None:
        raise ConflictError("This driver has sessions, which are kept: archive the driver, or erase the personal data.")
    audit.record_change(work, actor, "driver.delete", subject_of(row), said_of(row), {}, at=at)
    await session.execute(delete(Vehicle).where(col(Vehicle.driver_id) == driver_id))
    free = update(IdToken).where(col(IdToken.driver_id) == driver_id).values(driver_id=None)
    await session.execute(free.execution_options(synchronize_session=False))
    await session.delete(row)
    await session.flush()
    await tokens_changed(work, actor.tenant_id, at)


async def add_vehicle(work: Work, actor: Actor, driver_id: int, form: VehicleForm, at: datetime) -> Vehicle:
    """Raises PermissionDeniedError, NotFoundError, InvalidInputError."""
    require(actor, Permission.TOKENS_MANAGE)
    await find_driver(work.session(), driver_id)
    row = Vehicle(driver_id=driver_id, name="", created_at=at)
    _write_vehicle(row, form)
    work.session().add(row)
    await work.session().flush()
    audit.record_change(work, actor, "vehicle.add", _vehicle_subject(row), {}, _vehicle_said(row), at=at)
    return row


async def change_vehicle(work: Work, actor: Actor, vehicle_id: int, form: VehicleForm, at: datetime) -> Vehicle:
    """Raises PermissionDeniedError, NotFoundError, InvalidInputError."""
    require(actor, Permission.TOKENS_MANAGE)
    row = await find_vehicle(work.session(), vehicle_id)
    before = _vehicle_said(row)
    _write_vehicle(row, form)
    await work.session().flush()
    audit.record_change(work, actor, "vehicle.change", _vehicle_subject(row), before, _vehicle_said(row), at=at)
    return row


async def delete_vehicle(work: Work, actor: Actor, vehicle_id: int, at: datetime) -> None:
    """Raises PermissionDeniedError, NotFoundError."""
    require(actor, Permission.TOKENS_MANAGE)
    row = await find_vehicle(work.session(), vehicle_id)
    audit.record_change(work, actor, "vehicle.delete", _vehicle_subject(row), _vehicle_said(row), {}, at=at)
    await work.session().delete(row)
    await work.session().flush()


async def find_driver(session: AsyncSession, driver_id: int) -> Driver:
    """A driver of the tenant in scope. Raises NotFoundError."""
    return await _one(session, select(Driver).where(col(Driver.id) == driver_id), "driver")


async def find_vehicle(session: AsyncSession, vehicle_id: int) -> Vehicle:
    """A vehicle of the tenant in scope. Raises NotFoundError."""
    return await _one(session, select(Vehicle).where(col(Vehicle.id) == vehicle_id), "vehicle")


async def _one(session: AsyncSession, query: Any, what: str) -> Any:
    found = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"There is no such {what}.")
    return found


def subject_of(row: Driver) -> str:
    """How the audit names a driver: without the name, which may have to be erased."""
    return f"driver {row.id}"


def said_of(row: Driver) -> dict[str, Any]:
    """Everything people say of a driver, for the audit."""
    return {
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "language": row.language,
        "notes": row.notes,
        "external_reference": row.external_reference,
        "archived_at": row.archived_at and row.archived_at.isoformat(),
        **Limits.of(row).as_json(),
    }


async def _set_archived(
    work: Work, actor: Actor, driver_id: int, archived_at: datetime | None, action: str, at: datetime
) -> Driver:
    require(actor, Permission.TOKENS_MANAGE)
    row = await find_driver(work.session(), driver_id)
    if row.erased_at is not None:
        raise ConflictError("This driver's data was erased; what is left cannot be changed.")
    if (row.archived_at is None) != (archived_at is None):
        before, row.archived_at = said_of(row), archived_at
        await work.session().flush()
        audit.record_change(work, actor, action, subject_of(row), before, said_of(row), at=at)
        await tokens_changed(work, actor.tenant_id, at)
    return row


def _write(row: Driver, form: DriverForm) -> None:
    name, email = form.name.strip(), form.email.strip()
    if not 0 < len(name) <= 200:
        raise InvalidInputError("A driver has a name, of at most 200 characters.")
    if email:
        try:
            email = validate_email(email, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            raise InvalidInputError(f"{email[:100]} is not an e-mail address.") from None
    if (problem := problem_with(form.limits)) is not None:
        raise InvalidInputError(problem)
    row.name, row.email, row.phone = name, email, form.phone.strip()[:40]
    row.language, row.notes = form.language.strip()[:16], form.notes.strip()[:2_000]
    row.external_reference = form.external_reference.strip()[:100]
    for name in LIMIT_NAMES:
        setattr(row, name, getattr(form.limits, name))


def _write_vehicle(row: Vehicle, form: VehicleForm) -> None:
    if not form.name.strip():
        raise InvalidInputError("Say which car it is: make and model, or what its driver calls it.")
    if form.battery_wh is not None and not 0 < form.battery_wh < 10**7:
        raise InvalidInputError("A battery holds more than 0 and less than 10,000 kWh.")
    row.name, row.plate = form.name.strip()[:100], form.plate.strip()[:20]
    row.vin, row.evcc_id = form.vin.strip().upper(), form.evcc_id.strip()
    row.mac_address, row.battery_wh = form.mac_address.strip().upper(), form.battery_wh
    for value, longest, what in ((row.vin, 17, "VIN"), (row.evcc_id, 36, "EVCCID"), (row.mac_address, 17, "MAC")):
        if len(value) > longest:
            raise InvalidInputError(f"A {what} has at most {longest} characters.")


def _vehicle_subject(row: Vehicle) -> str:
    return f"vehicle {row.id} of driver {row.driver_id}"


def _vehicle_said(row: Vehicle) -> dict[str, Any]:
    return {
        "name": row.name,
        "plate": row.plate,
        "vin": row.vin,
        "evcc_id": row.evcc_id,
        "mac_address": row.mac_address,
        "battery_wh": row.battery_wh,
    }

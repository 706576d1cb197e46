"""What a person may ask of us about themselves: everything we know as one document, or to be forgotten (GDPR)."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.drivers import find_driver, said_of, subject_of
from csms.authorization.revision import tokens_changed
from csms.authorization.tokens import said_of as token_said
from csms.authorization.tokens import subject_of as token_subject
from csms.errors import ConflictError
from csms.work import Work
from models import (
    AuditEntry,
    ChargingStation,
    Driver,
    IdToken,
    Location,
    Reservation,
    TokenSighting,
    Transaction,
    Vehicle,
)


async def export_driver(work: Work, actor: Actor, driver_id: int, at: datetime) -> dict[str, Any]:
    """Everything kept about a driver, as plain JSON. Audited, for it is a copy of personal data. Raises
    PermissionDeniedError, NotFoundError."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    driver = await find_driver(session, driver_id)
    tokens = await _tokens(session, driver_id)
    vehicles = (await session.scalars(select(Vehicle).where(col(Vehicle.driver_id) == driver_id))).all()
    audit.record(work, actor, "driver.export", subject_of(driver), at=at)
    return {
        "exported_at": at.isoformat(),
        "driver": {"id": driver.id, "created_at": driver.created_at.isoformat(), **said_of(driver)},
        "cards": [{"id": row.id, "created_at": row.created_at.isoformat(), **token_said(row)} for row in tokens],
        "vehicles": [row.model_dump(mode="json", exclude={"tenant_id"}) for row in vehicles],
        "sessions": await _sessions(session, driver_id),
        "reservations": await _reservations(session, [row.value_key for row in tokens]),
    }


async def erase_driver(work: Work, actor: Actor, driver_id: int, at: datetime) -> Driver:
    """Forget who a driver is: name, contact, notes, cards and vehicles go, and the card's number in sessions gives way
    to a word. Sessions stay with their energy and cost, as accounts must. Raises PermissionDeniedError, NotFoundError,
    and ConflictError while a session runs."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    driver = await find_driver(session, driver_id)
    running = select(col(Transaction.id)).where(col(Transaction.driver_id) == driver_id, col(Transaction.is_open))
    if (running_id := await session.scalar(running.limit(1))) is not None:
        raise ConflictError(f"Session {running_id} of this driver still runs. Erase the data when it has ended.")
    tokens = await _tokens(session, driver_id)
    word = f"erased-{driver_id}"
    await _rename_in_sessions(session, driver_id, tokens, word)
    await _forget_tokens(session, tokens, word)
    await _scrub_audit(session, driver, tokens)
    await session.execute(delete(Vehicle).where(col(Vehicle.driver_id) == driver_id))
    driver.name, driver.email, driver.phone, driver.language = f"Erased driver {driver_id}", "", "", ""
    driver.notes, driver.external_reference = "", ""
    driver.archived_at, driver.erased_at = driver.archived_at or at, at
    await session.flush()
    details = {"cards": len(tokens)}
    audit.record(work, actor, "driver.erase", subject_of(driver), details, at=at)
    await tokens_changed(work, actor.tenant_id, at)
    return driver


async def _tokens(session: AsyncSession, driver_id: int) -> list[IdToken]:
    query = select(IdToken).where(col(IdToken.driver_id) == driver_id).order_by(col(IdToken.id))
    return list((await session.execute(query)).scalars())


async def _sessions(session: AsyncSession, driver_id: int) -> list[dict[str, Any]]:
    query = (
        select(Transaction, col(ChargingStation.identity), col(Location.name))
        .join(ChargingStation, col(ChargingStation.id) == col(Transaction.station_id))
        .join(Location, col(Location.id) == col(Transaction.location_id))
        .where(col(Transaction.driver_id) == driver_id)
        .order_by(col(Transaction.started_at))
    )
    return [
        {
            "id": row.id,
            "station": identity,
            "location": place,
            "connector": row.evse_number,
            "card": row.id_token,
            "started_at": row.started_at.isoformat(),
            "ended_at": row.ended_at and row.ended_at.isoformat(),
            "energy_wh": row.energy_wh,
            "cost": None if row.cost is None else str(row.cost),
            "currency": row.currency,
        }
        for row, identity, place in (await session.execute(query)).all()
    ]


async def _reservations(session: AsyncSession, keys: list[str]) -> list[dict[str, Any]]:
    query = select(Reservation).where(func.lower(col(Reservation.id_token)).in_(keys))
    return [
        {"id": row.id, "card": row.id_token, "expires_at": row.expires_at.isoformat(), "ended_by": row.end_reason}
        for row in (await session.execute(query)).scalars()
    ]


async def _rename_in_sessions(session: AsyncSession, driver_id: int, tokens: list[IdToken], word: str) -> None:
    """Also in the key by which 1.6 knows a repeated start: nobody repeats one of a session that has ended."""
    values = {value.casefold() for row in tokens for value in (row.value, row.value_key)}
    own = (await session.execute(select(Transaction).where(col(Transaction.driver_id) == driver_id))).scalars()
    for row in own:
        if row.id_token and row.id_token in row.start_key:
            row.start_key = f"{word}/{row.id}"
        row.id_token = word if row.id_token else ""
        row.stop_id_token = word if row.stop_id_token else None
    await session.flush()
    if values:
        ended = update(Transaction).where(func.lower(col(Transaction.stop_id_token)).in_(values))
        await session.execute(ended.values(stop_id_token=word).execution_options(synchronize_session=False))


async def _forget_tokens(session: AsyncSession, tokens: list[IdToken], word: str) -> None:
    keys = [row.value_key for row in tokens]
    values = {value.casefold() for row in tokens for value in (row.value, row.value_key)}
    if values:
        reserved = update(Reservation).where(func.lower(col(Reservation.id_token)).in_(values))
        await session.execute(reserved.values(id_token=word).execution_options(synchronize_session=False))
        await session.execute(delete(TokenSighting).where(col(TokenSighting.value_key).in_(keys)))
    for row in tokens:
        await session.delete(row)
    await session.flush()


async def _scrub_audit(session: AsyncSession, driver: Driver, tokens: list[IdToken]) -> None:
    """Who did what and when stays; what the entries quote of the person goes."""
    subjects = [subject_of(driver), *(token_subject(row) for row in tokens)]
    about = or_(col(AuditEntry.subject).in_(subjects), col(AuditEntry.subject).like(f"vehicle % of driver {driver.id}"))
    scrub = update(AuditEntry).where(about).values(details={"erased": True})
    await session.execute(scrub.execution_options(synchronize_session=False))

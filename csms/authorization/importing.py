"""Many tokens at once, from a table: first as a preview, then done in one unit of work."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.keys import token_key
from csms.authorization.revision import tokens_changed
from csms.authorization.sightings import forget_sightings_of
from csms.authorization.token_csv import CardLine
from csms.errors import InvalidInputError
from csms.work import Work
from models import Driver, IdToken, TokenGroup

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do."""

    new: tuple[CardLine, ...]
    known: tuple[CardLine, ...]
    """Registered already; they are left as they are."""
    wrong: tuple[CardLine, ...]
    new_drivers: int
    new_groups: tuple[str, ...]


async def plan_import(session: AsyncSession, lines: list[CardLine]) -> ImportPlan:
    """Hold the lines against what the tenant in scope has. Changes nothing."""
    good = [line for line in lines if not line.error]
    registered = await _registered(session, [token_key(line.value)[:255] for line in good])
    known = [line for line in good if (token_key(line.value)[:255], line.type) in registered]
    new = [line for line in good if (token_key(line.value)[:255], line.type) not in registered]
    drivers, groups = await _drivers(session), await _groups(session)
    strangers = {_person(line) for line in new if line.driver or line.email} - drivers.keys()
    return ImportPlan(
        tuple(new),
        tuple(known),
        tuple(line for line in lines if line.error),
        len(strangers),
        tuple(sorted({line.group for line in new if line.group} - groups)),
    )


async def import_tokens(work: Work, actor: Actor, lines: list[CardLine], at: datetime) -> ImportPlan:
    """Register every good line that is new, with the drivers and groups it names. Returns what was done. Raises
    PermissionDeniedError, and InvalidInputError where nothing is new."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    plan = await plan_import(session, lines)
    if not plan.new:
        raise InvalidInputError("No line of the file is a new card, so nothing was imported.")
    drivers = await _drivers(session)
    session.add_all(TokenGroup(value=value, name=value, created_at=at) for value in plan.new_groups)
    for line in plan.new:
        if (line.driver or line.email) and _person(line) not in drivers:
            driver = Driver(name=line.driver or line.email, email=line.email, created_at=at)
            session.add(driver)
            await session.flush()
            drivers[_person(line)] = cast(int, driver.id)
    session.add_all(_token(line, drivers.get(_person(line)), at) for line in plan.new)
    await session.flush()
    await forget_sightings_of(work, *(line.value for line in plan.new))
    details = {"cards": len(plan.new), "drivers": plan.new_drivers, "groups": list(plan.new_groups)}
    audit.record(work, actor, "token.import", f"{len(plan.new)} cards", details, at=at)
    await tokens_changed(work, actor.tenant_id, at)
    return plan


def _token(line: CardLine, driver_id: int | None, at: datetime) -> IdToken:
    return IdToken(
        value=line.value,
        value_key=token_key(line.value)[:255],
        type=line.type,
        label=line.label,
        driver_id=driver_id,
        group=line.group or None,
        status=line.status,
        valid_from=line.valid_from,
        expires_at=line.expires_at,
        created_at=at,
    )


def _person(line: CardLine) -> tuple[str, str]:
    """Who is meant: by e-mail where there is one, for people share names."""
    return ("email", line.email.casefold()) if line.email else ("name", line.driver.casefold())


async def _registered(session: AsyncSession, keys: list[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for start in range(0, len(keys), _CHUNK):
        query = select(col(IdToken.value_key), col(IdToken.type)).where(
            col(IdToken.value_key).in_(keys[start : start + _CHUNK])
        )
        found.update((key, kind) for key, kind in (await session.execute(query)).all())
    return found


async def _drivers(session: AsyncSession) -> dict[tuple[str, str], int]:
    query = select(col(Driver.id), col(Driver.name), col(Driver.email)).where(col(Driver.erased_at).is_(None))
    found: dict[tuple[str, str], int] = {}
    for number, name, email in (await session.execute(query.order_by(col(Driver.id).desc()))).all():
        driver_id = cast(int, number)
        found["name", name.casefold()] = driver_id
        if email:
            found["email", email.casefold()] = driver_id
    return found


async def _groups(session: AsyncSession) -> set[str]:
    return set((await session.scalars(select(col(TokenGroup.value)))).all())

"""What people do with tokens: add, change, block, end, delete. All audited; stations' lists follow."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.keys import token_key
from csms.authorization.limits import LIMIT_NAMES, NO_LIMITS, Limits, problem_with
from csms.authorization.revision import tokens_changed
from csms.authorization.service import new_token_value
from csms.authorization.sightings import forget_sightings_of
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Work
from models import Driver, IdToken, IdTokenStatus, Location, TokenGroup

TYPES: Final = (
    "ISO14443",
    "ISO15693",
    "eMAID",
    "KeyCode",
    "MacAddress",
    "Central",
    "Local",
    "EVCCID",
    "VIN",
    "NEMA",
    "",
)
"""Kinds of tokens that can be registered, in 2.x words; empty: nobody knows, and every reader is believed."""
_UNSEEMLY = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class TokenForm:
    """What can be said of a token. `value` is fixed once it is registered; without one it gets one."""

    value: str = ""
    type: str = "ISO14443"
    label: str = ""
    driver_id: int | None = None
    group: str | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    allow_concurrent: bool | None = None
    location_ids: tuple[int, ...] | None = None
    limits: Limits = NO_LIMITS
    max_cost: Decimal | None = None
    """Of each session, as are the two below."""
    max_energy_wh: int | None = None
    max_time_s: int | None = None

    @classmethod
    def of(cls, row: IdToken) -> "TokenForm":
        """A token as it is, to be changed with `dataclasses.replace`."""
        return cls(
            row.value,
            row.type,
            row.label,
            row.driver_id,
            row.group,
            row.valid_from,
            row.expires_at,
            row.allow_concurrent,
            None if row.location_ids is None else tuple(row.location_ids),
            Limits.of(row),
            row.max_cost,
            row.max_energy_wh,
            row.max_time_s,
        )


async def add_token(work: Work, actor: Actor, form: TokenForm, at: datetime) -> IdToken:
    """Register a token. Raises PermissionDeniedError, InvalidInputError, ConflictError when it is registered."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    value = _value(form.value) or new_token_value()
    await _refuse_twin(session, value, form.type, None)
    row = IdToken(value=value, value_key=token_key(value), created_at=at)
    await _write(session, row, form)
    session.add(row)
    await session.flush()
    await forget_sightings_of(work, value)
    _record(work, actor, "token.add", row, {}, at)
    await tokens_changed(work, actor.tenant_id, at)
    return row


async def change_token(work: Work, actor: Actor, token_id: int, form: TokenForm, at: datetime) -> IdToken:
    """Make a token what the form says; its value stays. Raises as `add_token`, and NotFoundError."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    row = await find_token(session, token_id)
    before = said_of(row)
    await _refuse_twin(session, row.value, form.type, row.id)
    await _write(session, row, form)
    await session.flush()
    _record(work, actor, "token.change", row, before, at)
    await tokens_changed(work, actor.tenant_id, at)
    return row


async def block_token(work: Work, actor: Actor, token_id: int, at: datetime) -> IdToken:
    """Accept it no longer. Raises PermissionDeniedError, NotFoundError."""
    return await _set_status(work, actor, token_id, IdTokenStatus.BLOCKED, "token.block", at)


async def unblock_token(work: Work, actor: Actor, token_id: int, at: datetime) -> IdToken:
    """Accept it again. Raises PermissionDeniedError, NotFoundError."""
    return await _set_status(work, actor, token_id, IdTokenStatus.ACCEPTED, "token.unblock", at)


async def expire_token(work: Work, actor: Actor, token_id: int, at: datetime) -> IdToken:
    """End its validity now. Raises PermissionDeniedError, NotFoundError."""
    require(actor, Permission.TOKENS_MANAGE)
    row = await find_token(work.session(), token_id)
    if row.expires_at is None or row.expires_at > at:
        before, row.expires_at = said_of(row), at
        await work.session().flush()
        _record(work, actor, "token.expire", row, before, at)
        await tokens_changed(work, actor.tenant_id, at)
    return row


async def delete_token(work: Work, actor: Actor, token_id: int, at: datetime) -> None:
    """Forget a token; its sessions stay as they are. Raises PermissionDeniedError, NotFoundError."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    row = await find_token(session, token_id)
    audit.record_change(work, actor, "token.delete", subject_of(row), said_of(row), {}, at=at)
    await session.delete(row)
    await session.flush()
    await tokens_changed(work, actor.tenant_id, at)


async def find_token(session: AsyncSession, token_id: int) -> IdToken:
    """A token of the tenant in scope. Raises NotFoundError."""
    query = select(IdToken).where(col(IdToken.id) == token_id).execution_options(populate_existing=True)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFoundError("There is no such card.")
    return row


def subject_of(row: IdToken) -> str:
    """How the audit names it: without its value, which is personal."""
    return f"card {row.id}"


def said_of(row: IdToken) -> dict[str, Any]:
    """Everything people decide about a token, as plain values for the audit."""
    return {
        "value": row.value,
        "type": row.type,
        "label": row.label,
        "driver_id": row.driver_id,
        "group": row.group,
        "status": str(row.status),
        "valid_from": row.valid_from and row.valid_from.isoformat(),
        "expires_at": row.expires_at and row.expires_at.isoformat(),
        "allow_concurrent": row.allow_concurrent,
        "location_ids": row.location_ids,
        "max_cost": None if row.max_cost is None else str(row.max_cost),
        "max_energy_wh": row.max_energy_wh,
        "max_time_s": row.max_time_s,
        **Limits.of(row).as_json(),
    }


async def _set_status(
    work: Work, actor: Actor, token_id: int, status: IdTokenStatus, action: str, at: datetime
) -> IdToken:
    require(actor, Permission.TOKENS_MANAGE)
    row = await find_token(work.session(), token_id)
    if row.status != status:
        before, row.status = said_of(row), status
        await work.session().flush()
        _record(work, actor, action, row, before, at)
        await tokens_changed(work, actor.tenant_id, at)
    return row


def _record(work: Work, actor: Actor, action: str, row: IdToken, before: dict[str, Any], at: datetime) -> None:
    audit.record_change(work, actor, action, subject_of(row), before, said_of(row), at=at)


async def _write(session: AsyncSession, row: IdToken, form: TokenForm) -> None:
    await _check(session, form)
    row.type, row.label = form.type, form.label.strip()[:100]
    row.driver_id, row.group = form.driver_id, (form.group or "").strip() or None
    row.valid_from, row.expires_at = form.valid_from, form.expires_at
    row.allow_concurrent = form.allow_concurrent
    row.location_ids = None if form.location_ids is None else list(form.location_ids)
    row.max_cost, row.max_energy_wh, row.max_time_s = form.max_cost, form.max_energy_wh, form.max_time_s
    for name in LIMIT_NAMES:
        setattr(row, name, getattr(form.limits, name))


async def _check(session: AsyncSession, form: TokenForm) -> None:
    if form.type not in TYPES:
        raise InvalidInputError(f"There is no kind of token called {form.type}; known are {', '.join(TYPES[:-1])}.")
    if form.valid_from and form.expires_at and form.expires_at <= form.valid_from:
        raise InvalidInputError("A card cannot end before it begins: choose a later end.")
    problem = problem_with(form.limits)
    for each in (form.max_cost, form.max_energy_wh, form.max_time_s):
        if each is not None and not (Decimal(each).is_finite() and 0 < each < 2**31):
            problem = f"A limit is more than 0, or left out for none; got {each}."
    if problem is not None:
        raise InvalidInputError(problem)
    if form.driver_id is not None:
        driver = await _one(session, select(Driver).where(col(Driver.id) == form.driver_id), "driver")
        if driver.erased_at is not None:
            raise ConflictError("This driver's data was erased; choose another one.")
    if form.group and form.group.strip():
        await _one(session, select(TokenGroup).where(col(TokenGroup.value) == form.group.strip()), "group")
    for location_id in form.location_ids or ():
        await _one(session, select(Location).where(col(Location.id) == location_id), "location")


async def _one(session: AsyncSession, query: Any, what: str) -> Any:
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"There is no such {what}.")
    return found


def _value(value: str) -> str:
    value = value.strip()
    if len(value) > 255 or _UNSEEMLY.search(value):
        raise InvalidInputError("A card's number has at most 255 characters, and all of them can be seen.")
    return value


async def _refuse_twin(session: AsyncSession, value: str, kind: str, besides: int | None) -> None:
    """The same spelling with a kind that fits would make two tokens one."""
    query = select(IdToken).where(col(IdToken.value_key) == token_key(value)[:255], col(IdToken.type) == kind)
    twin = (await session.execute(query)).scalars().first()
    if twin is not None and twin.id != besides:
        raise ConflictError(f"The card {twin.value} is registered already.")

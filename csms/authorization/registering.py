"""Makes tokens known and changes what they are good for, with the permission it takes and a record of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.keys import token_key
from csms.authorization.service import create_id_token
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Work
from models import Driver, IdToken, IdTokenStatus, Location


@dataclass(frozen=True, slots=True)
class TokenSetup:
    """A token as it shall be."""

    value: str
    type: str = "ISO14443"
    status: IdTokenStatus = IdTokenStatus.ACCEPTED
    group: str | None = None
    expires_at: datetime | None = None
    label: str = ""
    driver_id: int | None = None
    allow_concurrent: bool | None = None
    location_ids: list[int] | None = None
    credit: Decimal | None = None
    credit_currency: str = ""
    max_cost: Decimal | None = None
    max_energy_wh: int | None = None
    max_time_s: int | None = None


async def find_token(session: AsyncSession, value: str, type: str | None = None) -> IdToken | None:
    """The token of this value, however it is spelled; of several, the one of this type. None when there is none.

    Raises ConflictError when several fit.
    """
    query = select(IdToken).where(col(IdToken.value_key) == token_key(value)).order_by(col(IdToken.id))
    found = (await session.execute(query)).scalars().all()
    if len(found) > 1 or (found and type is not None and found[0].type != type):
        of_type = [token for token in found if token.type == type]
        if not of_type and type is None:
            types = ", ".join(token.type or "none" for token in found)
            raise ConflictError(f"There are tokens {value} of several types: {types}. Say which type is meant.")
        return of_type[0] if of_type else None
    return found[0] if found else None


async def put_id_token(work: Work, actor: Actor, setup: TokenSetup, at: datetime) -> tuple[IdToken, bool]:
    """Make a token of this value and type what `setup` says. Returns it, and whether it is new.

    A value that is known under one other type alone is the same card: its type is corrected. Raises
    PermissionDeniedError; InvalidInputError for a driver or location that there is not.
    """
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    await _check(session, setup)
    token = await find_token(session, setup.value, setup.type)
    if token is None:
        query = select(IdToken).where(col(IdToken.value_key) == token_key(setup.value))
        others = (await session.execute(query)).scalars().all()
        token = others[0] if len(others) == 1 else None
    is_new = token is None
    before = {} if token is None else token_values(token)
    if token is None:
        token = await create_id_token(session, setup.value, now=at, type=setup.type)
    for name, value in asdict(setup).items():
        if name != "value":
            setattr(token, name, value)
    await session.flush()
    action = "id_token.add" if is_new else "id_token.change"
    audit.record_change(work, actor, action, f"token {token.value}", before, token_values(token), at=at)
    return token, is_new


async def remove_id_token(work: Work, actor: Actor, token: IdToken, at: datetime) -> None:
    """Forget a token: what stations ask about it is answered Invalid. What it charged stays. Raises
    PermissionDeniedError."""
    require(actor, Permission.TOKENS_MANAGE)
    audit.record_change(work, actor, "id_token.remove", f"token {token.value}", token_values(token), {}, at=at)
    await work.session().delete(token)
    await work.session().flush()


async def require_token(session: AsyncSession, value: str, type: str | None = None) -> IdToken:
    """As `find_token`. Raises NotFoundError when there is none."""
    token = await find_token(session, value, type)
    if token is None:
        raise NotFoundError(f"There is no token {value}.")
    return token


def token_values(token: IdToken) -> dict[str, Any]:
    """What can be set of a token, for the record of changes."""
    return {
        "type": token.type,
        "status": str(token.status),
        "group": token.group,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "label": token.label,
        "driver_id": token.driver_id,
        "allow_concurrent": token.allow_concurrent,
        "location_ids": token.location_ids,
        "credit": None if token.credit is None else str(token.credit),
        "credit_currency": token.credit_currency,
        "max_cost": None if token.max_cost is None else str(token.max_cost),
        "max_energy_wh": token.max_energy_wh,
        "max_time_s": token.max_time_s,
    }


async def _check(session: AsyncSession, setup: TokenSetup) -> None:
    if setup.driver_id is not None and await session.get(Driver, setup.driver_id) is None:
        raise InvalidInputError(f"There is no driver {setup.driver_id}.")
    for location_id in setup.location_ids or ():
        if await session.get(Location, location_id) is None:
            raise InvalidInputError(f"There is no location {location_id}.")
    if setup.credit is not None and len(setup.credit_currency) != 3:
        raise InvalidInputError("A credit needs its currency, three capital letters such as EUR.")

"""Verbs of authorization: registers drivers and their tokens, and sets how a tenant's tokens are judged."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.authorization.decision import INVALID, Decision, PlacedStation, decide
from csms.authorization.keys import same_token, token_key
from models import AuthorizationPolicy, Driver, IdToken, IdTokenStatus

__all__ = [
    "INVALID",
    "Decision",
    "PlacedStation",
    "create_driver",
    "create_id_token",
    "decide",
    "new_token_value",
    "same_token",
    "set_policy",
    "token_key",
]

_RANDOM_BYTES = 7


def new_token_value() -> str:
    """A value for a token that lives in an app or on a web page: nobody guesses it, and 16 characters hold it.

    Some 1.6 stations read past their buffer when an idTag has all of the 20 characters it may have (quirk 31).
    """
    return f"VD{secrets.token_hex(_RANDOM_BYTES).upper()}"


async def create_driver(session: AsyncSession, *, name: str, now: datetime, email: str = "") -> Driver:
    """Add a driver to the tenant in scope."""
    driver = Driver(name=name, email=email, created_at=now)
    session.add(driver)
    await session.flush()
    return driver


async def create_id_token(
    session: AsyncSession,
    value: str | None,
    *,
    now: datetime,
    type: str = "ISO14443",
    driver_id: int | None = None,
    label: str = "",
    group: str | None = None,
    status: IdTokenStatus = IdTokenStatus.ACCEPTED,
    expires_at: datetime | None = None,
    allow_concurrent: bool | None = None,
    location_ids: list[int] | None = None,
) -> IdToken:
    """Register a token with the tenant in scope; without a value it gets one. Value and type are unique there."""
    value = value or new_token_value()
    id_token = IdToken(
        value=value,
        value_key=token_key(value),
        type=type,
        status=status,
        expires_at=expires_at,
        group=group,
        label=label,
        driver_id=driver_id,
        created_at=now,
        allow_concurrent=allow_concurrent,
        location_ids=location_ids,
    )
    session.add(id_token)
    await session.flush()
    return id_token


async def set_policy(
    session: AsyncSession, *, allow_concurrent: bool, master_pass_group: str | None, free_vend: bool
) -> AuthorizationPolicy:
    """Decide how the tokens of the tenant in scope are judged; see AuthorizationPolicy."""
    policy = (await session.execute(select(AuthorizationPolicy))).scalar_one_or_none() or AuthorizationPolicy()
    policy.allow_concurrent = allow_concurrent
    policy.master_pass_group = master_pass_group or None
    policy.free_vend = free_vend
    session.add(policy)
    await session.flush()
    return policy

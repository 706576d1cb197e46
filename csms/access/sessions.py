"""Signing in and out. A sign-in belongs to one hostname's tenant; its row holds only the hash of the cookie's token."""

import math
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.passwords import password_fits
from csms.access.policy import Actor
from csms.access.throttle import SignInThrottle
from csms.access.tokens import hash_token, new_token
from csms.clock import Clock
from csms.errors import SignInError
from csms.work import Committer, Work
from models import Membership, SignInSession, User
from models.db import Database
from models.scope import PLATFORM, tenant_scope

PLATFORM_OWNER = "owner"
"""Role of an actor on the platform's own pages."""

_REFUSED = "E-mail and password do not match an account here. Check both, or ask your Admin for access."


async def sign_in(
    committer: Committer,
    database: Database,
    clock: Clock,
    tenant_id: int | None,
    email: str,
    password: str,
    *,
    throttle: SignInThrottle,
    hours: int,
    address: str = "",
) -> str:
    """Sign a person in on a tenant's hostname (None: the platform's own pages). Returns the cookie's token.

    `hours` is how long it holds, `address` the browser's network address. Raises SignInError, whose text never says
    whether the e-mail, the password or the membership was wrong.
    """
    email = email.strip().casefold()
    wait_s = throttle.admit(f"{tenant_id}:{email}", address)
    if wait_s:
        raise SignInError(f"Too many attempts. Try again in {math.ceil(wait_s / 60)} min.")
    with tenant_scope(tenant_id or PLATFORM):
        async with database.reading() as session:
            user, role = await _find(session, tenant_id, email)
        fits = await password_fits(password, user.password_hash if user and role else None)
        if user is None or role is None or not fits:
            await _note(
                committer, clock, Actor(None, email, email, tenant_id or PLATFORM, ""), "sign_in.failed", address
            )
            raise SignInError(_REFUSED)
        throttle.succeeded(f"{tenant_id}:{email}")
        return await _open(committer, clock, _actor(user, tenant_id, role), hours, address)


async def actor_for_token(session: AsyncSession, token: str, tenant_id: int | None, now: datetime) -> Actor | None:
    """Who holds this cookie on this tenant's hostname; None when unknown, expired, elsewhere, or no longer a member."""
    return await actor_for_sign_in(session, hash_token(token), tenant_id, now)


async def actor_for_sign_in(
    session: AsyncSession, token_hash: str, tenant_id: int | None, now: datetime
) -> Actor | None:
    """The same by what is stored of the token: for access tokens, which name the sign-in they belong to."""
    query = (
        select(User, col(Membership.role))
        .join(SignInSession, col(SignInSession.user_id) == col(User.id))
        .outerjoin(Membership, (col(Membership.user_id) == col(User.id)) & (col(Membership.tenant_id) == tenant_id))
        .where(
            col(SignInSession.token_hash) == token_hash,
            col(SignInSession.tenant_id) == tenant_id,
            col(SignInSession.expires_at) > now,
        )
    )
    with tenant_scope(tenant_id or PLATFORM):
        found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    user, member_role = found
    role = _role(user, tenant_id, member_role)
    return None if role is None else _actor(user, tenant_id, role)


async def sign_out(committer: Committer, clock: Clock, token: str, actor: Actor) -> None:
    """End the sign-in; the cookie is worth nothing from then on."""

    async def unit(work: Work) -> None:
        where = col(SignInSession.token_hash) == hash_token(token)
        await work.session().execute(delete(SignInSession).where(where))
        _record(work, clock, actor, "sign_out", "")

    with tenant_scope(actor.tenant_id):
        await committer.run(unit)


async def _find(session: AsyncSession, tenant_id: int | None, email: str) -> tuple[User | None, str | None]:
    query = (
        select(User, col(Membership.role))
        .outerjoin(Membership, (col(Membership.user_id) == col(User.id)) & (col(Membership.tenant_id) == tenant_id))
        .where(col(User.email) == email)
    )
    found = (await session.execute(query)).one_or_none()
    return (None, None) if found is None else (found[0], _role(found[0], tenant_id, found[1]))


def _role(user: User, tenant_id: int | None, member_role: str | None) -> str | None:
    if tenant_id is None:
        return PLATFORM_OWNER if user.is_platform_owner else None
    return member_role


async def _open(committer: Committer, clock: Clock, actor: Actor, hours: int, address: str) -> str:
    token, now = new_token(), clock.now()
    row = {
        "token_hash": hash_token(token),
        "user_id": actor.user_id,
        "tenant_id": actor.tenant_id or None,
        "created_at": now,
        "expires_at": now + timedelta(hours=hours),
    }

    def unit(work: Work) -> None:
        work.append(SignInSession, row)
        _record(work, clock, actor, "sign_in", address)

    await committer.run(unit)
    return token


async def _note(committer: Committer, clock: Clock, actor: Actor, action: str, address: str) -> None:
    await committer.run(lambda work: _record(work, clock, actor, action, address))


def _record(work: Work, clock: Clock, actor: Actor, action: str, address: str) -> None:
    if actor.tenant_id != PLATFORM:  # the audit belongs to tenants
        details = {"address": address} if address else {}
        audit.record(work, actor, action, f"user {actor.email}", details, at=clock.now())


def _actor(user: User, tenant_id: int | None, role: str) -> Actor:
    return Actor(user.id, user.name, user.email, tenant_id or PLATFORM, role)

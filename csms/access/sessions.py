"""Sign-ins that are open. Each belongs to one hostname's tenant; its row holds only the hash of the cookie's token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit, policy
from csms.access.policy import Actor
from csms.access.tokens import hash_token, new_token
from csms.bus.events import SignInsChanged
from csms.clock import Clock
from csms.errors import NotFoundError
from csms.work import Committer, Work
from models import Membership, Role, SignInSession, User
from models.scope import PLATFORM, platform_scope, tenant_scope

log = structlog.get_logger(__name__)
PLATFORM_OWNER = "owner"
"""Role of an actor on the platform's own pages."""
TOUCH_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody stands: a hostname's tenant (None: the platform's own pages), from an address, with a browser."""

    tenant_id: int | None
    address: str = ""
    user_agent: str = ""

    @property
    def scope(self) -> int:
        """What `tenant_scope` takes."""
        return self.tenant_id or PLATFORM


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who holds a cookie, and what is known of the sign-in."""

    actor: Actor
    expires_at: datetime
    last_seen_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """An open sign-in, as its owner sees it."""

    id: str
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    is_this: bool
    means: str


async def recognise(
    session: AsyncSession, token: str, tenant_id: int | None, now: datetime, idle: timedelta | None = None
) -> SignedIn | None:
    """Who holds this cookie on this tenant's hostname; None when unknown, expired, elsewhere, or no longer a member.

    With `idle`, also when it has not been used for so long.
    """
    signed_in = await _signed_in(session, hash_token(token), tenant_id, now)
    if signed_in is None or idle is None or signed_in.last_seen_at is None:
        return signed_in
    return signed_in if now - signed_in.last_seen_at < idle else None


async def actor_for_sign_in(
    session: AsyncSession, token_hash: str, tenant_id: int | None, now: datetime
) -> Actor | None:
    """The same by what is stored of the token: for access tokens, which name the sign-in they belong to."""
    signed_in = await _signed_in(session, token_hash, tenant_id, now)
    return None if signed_in is None else signed_in.actor


async def _signed_in(session: AsyncSession, token_hash: str, tenant_id: int | None, now: datetime) -> SignedIn | None:
    query = (
        select(SignInSession, User, col(Membership.role))
        .join(User, col(SignInSession.user_id) == col(User.id))
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
    row, user, member_role = found
    actor = actor_of(user, tenant_id, member_role, row.means)
    return None if actor is None else SignedIn(actor, row.expires_at, row.last_seen_at, row.reason)


async def actor_for_token(session: AsyncSession, token: str, tenant_id: int | None, now: datetime) -> Actor | None:
    """Who holds this cookie on this tenant's hostname; None when unknown, expired, elsewhere, or no longer a member."""
    signed_in = await recognise(session, token, tenant_id, now)
    return None if signed_in is None else signed_in.actor


def actor_of(user: User, tenant_id: int | None, member_role: str | None, means: str) -> Actor | None:
    """What a person is on a hostname, having signed in by these means; None for a stranger."""
    if means == policy.PLATFORM and tenant_id is not None:
        return owner_inside(user, tenant_id) if user.is_platform_owner else None
    role = member_role if tenant_id is not None else PLATFORM_OWNER if user.is_platform_owner else None
    return Actor(user.id, user.name, user.email, tenant_id or PLATFORM, role, means=means) if role else None


def owner_inside(user: User, tenant_id: int) -> Actor:
    """A platform owner who entered a tenant: named without the address, so that the audit says who it is."""
    return Actor(user.id, f"{user.name} (platform)", "", tenant_id, Role.ADMIN, means=policy.PLATFORM)


def open_session(work: Work, actor: Actor, door: Door, *, now: datetime, lasts: timedelta, reason: str = "") -> str:
    """Open a sign-in and record it. Returns the cookie's token."""
    token = new_token()
    row = {
        "token_hash": hash_token(token),
        "user_id": actor.user_id,
        "tenant_id": actor.tenant_id or None,
        "created_at": now,
        "expires_at": now + lasts,
        "means": actor.means,
        "reason": reason,
        "user_agent": door.user_agent[:300],
        "address": door.address[:64],
        "last_seen_at": now,
    }
    work.append(SignInSession, row)
    record(work, actor, "sign_in", door, now, {"by": actor.means} if actor.means != policy.PASSWORD else {})
    return token


def record(
    work: Work, actor: Actor, action: str, door: Door, now: datetime, details: dict[str, Any] | None = None
) -> None:
    """Note what concerns a person's account: in the tenant's audit, or for the platform's own pages in the log."""
    address = {"address": door.address} if door.address else {}
    if actor.tenant_id == PLATFORM:  # the audit belongs to tenants
        log.info(action, actor=actor.words, **address, **(details or {}))
    else:
        audit.record(work, actor, action, f"user {actor.words}", address | (details or {}), at=now)


async def sign_out(committer: Committer, clock: Clock, token: str, actor: Actor) -> None:
    """End the sign-in; the cookie is worth nothing from then on."""

    async def unit(work: Work) -> None:
        where = col(SignInSession.token_hash) == hash_token(token)
        await end_sessions(work, actor.tenant_id, clock.now(), where)
        record(work, actor, "sign_out", Door(actor.tenant_id), clock.now())

    with tenant_scope(actor.tenant_id):
        await committer.run(unit)


async def touch(committer: Committer, door: Door, token: str, user_id: int, now: datetime) -> None:
    """Note that the sign-in is in use, and from where; at most once a minute, whoever asks."""
    stale = or_(col(SignInSession.last_seen_at).is_(None), col(SignInSession.last_seen_at) <= now - TOUCH_EVERY)

    async def unit(work: Work) -> None:
        session = work.session()
        seen = await session.execute(
            update(SignInSession)
            .where(col(SignInSession.token_hash) == hash_token(token), stale)
            .values(last_seen_at=now, address=door.address[:64])
            .returning(col(SignInSession.token_hash), col(SignInSession.means))
            .execution_options(synchronize_session=False)
        )
        found = seen.first()
        if found is not None and found[1] != policy.PLATFORM and door.tenant_id is not None:
            here = (col(Membership.user_id) == user_id, col(Membership.tenant_id) == door.tenant_id)
            member = update(Membership).where(*here).values(last_seen_at=now)
            await session.execute(member.execution_options(synchronize_session=False))

    with tenant_scope(door.scope):
        await committer.run(unit)


async def list_sessions(session: AsyncSession, actor: Actor, token: str, now: datetime) -> list[SessionRow]:
    """A person's open sign-ins on this hostname's tenant, the newest first."""
    rows = await session.scalars(
        select(SignInSession)
        .where(*_of(actor), col(SignInSession.expires_at) > now)
        .order_by(col(SignInSession.created_at).desc())
    )
    here = hash_token(token)
    return [
        SessionRow(
            row.token_hash,
            row.user_agent,
            row.address,
            row.created_at,
            row.last_seen_at or row.created_at,
            row.token_hash == here,
            row.means,
        )
        for row in rows
    ]


async def revoke_session(work: Work, actor: Actor, session_id: str, now: datetime) -> None:
    """End one of a person's own sign-ins. Raises NotFoundError for anybody else's."""
    if not await end_sessions(work, actor.tenant_id, now, *_of(actor), col(SignInSession.token_hash) == session_id):
        raise NotFoundError("This sign-in has ended already.")
    record(work, actor, "sign_in.revoked", Door(actor.tenant_id, actor.address), now)


async def revoke_other_sessions(work: Work, actor: Actor, token: str, now: datetime) -> int:
    """End a person's sign-ins on this tenant but this one. Returns how many there were."""
    others = col(SignInSession.token_hash) != hash_token(token)
    ended = await end_sessions(work, actor.tenant_id, now, *_of(actor), others)
    if ended:
        record(work, actor, "sign_in.revoked", Door(actor.tenant_id, actor.address), now, {"sign_ins": ended})
    return ended


async def end_everywhere(work: Work, user_id: int, now: datetime, *, but: str = "") -> None:
    """End a person's sign-ins on every hostname, but for that of the token `but`: their password is another one."""
    where: list[ColumnElement[bool]] = [col(SignInSession.user_id) == user_id]
    if but:
        where.append(col(SignInSession.token_hash) != hash_token(but))
    with platform_scope():
        await end_sessions(work, PLATFORM, now, *where)


async def end_sessions(work: Work, tenant_id: int, now: datetime, *where: ColumnElement[bool]) -> int:
    """End the sign-ins that fit, and lead their tabs away after the commit. Returns how many there were."""
    gone = delete(SignInSession).where(*where).returning(col(SignInSession.token_hash))
    hashes = (await work.session().scalars(gone)).all()
    _announce(work, tenant_id, now, hashes, ended=True)
    return len(hashes)


async def refresh_tabs(work: Work, tenant_id: int, user_id: int, now: datetime) -> None:
    """Let a person's open tabs on a tenant load anew: what they may do has changed."""
    query = select(col(SignInSession.token_hash)).where(
        col(SignInSession.user_id) == user_id, col(SignInSession.tenant_id) == tenant_id
    )
    _announce(work, tenant_id, now, (await work.session().scalars(query)).all(), ended=False)


def _announce(work: Work, tenant_id: int, now: datetime, hashes: Sequence[str], *, ended: bool) -> None:
    if hashes:
        work.announce(SignInsChanged(tenant_id=tenant_id, at=now, token_hashes=tuple(hashes), ended=ended))


def _of(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    here = col(SignInSession.tenant_id)
    return col(SignInSession.user_id) == actor.user_id, here == actor.tenant_id if actor.tenant_id else here.is_(None)

"""A tenant's people: who they are, what they may do, and the end of it. The last Admin always stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require, require_grant
from csms.access.sessions import end_sessions, refresh_tabs
from csms.errors import ConflictError, NotFoundError
from csms.work import Work
from models import ExternalIdentity, Invitation, Membership, Role, SecondFactor, SignInSession, User

_LAST_ADMIN = "{name} is the last Admin. Make somebody else an Admin first, or nobody could look after this."


@dataclass(frozen=True, slots=True)
class Member:
    """A person and what they are for the tenant in scope."""

    user_id: int
    name: str
    email: str
    role: str
    last_seen_at: datetime | None
    has_second_factor: bool
    has_single_sign_on: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who has not accepted yet."""

    id: int
    email: str
    role: str
    invited_by: str
    sent_at: datetime
    expires_at: datetime


async def list_members(session: AsyncSession) -> list[Member]:
    """Everybody of the tenant in scope, by name."""
    external = select(col(ExternalIdentity.user_id)).where(col(ExternalIdentity.user_id) == col(User.id)).exists()
    query = (
        select(User, Membership, col(SecondFactor.confirmed_at), external)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .outerjoin(SecondFactor, col(SecondFactor.user_id) == col(User.id))
        .order_by(func.lower(col(User.name)), col(User.id))
    )
    return [
        Member(
            member.user_id, user.name, user.email, member.role, member.last_seen_at, confirmed is not None, bool(linked)
        )
        for user, member, confirmed, linked in (await session.execute(query)).all()
    ]


async def list_invitations(session: AsyncSession) -> list[Invited]:
    """Invitations that were neither accepted nor withdrawn, the newest first; also those that have expired."""
    rows = await session.scalars(select(Invitation).order_by(col(Invitation.sent_at).desc()))
    return [Invited(row.id or 0, row.email, row.role, row.invited_by, row.sent_at, row.expires_at) for row in rows]


async def change_role(work: Work, actor: Actor, user_id: int, role: Role, *, now: datetime) -> None:
    """Give a member another role; their open tabs load anew. Raises ConflictError for the last Admin."""
    require(actor, Permission.STAFF_MANAGE)
    require_grant(actor, role)
    user, member = await _find(work.session(), user_id)
    await set_role(work, actor, user, member, role, now=now)


async def set_role(work: Work, actor: Actor, user: User, member: Membership, role: Role, *, now: datetime) -> None:
    """The same, for who was allowed otherwise: the tenant's OpenID provider decides on roles too."""
    if member.role == role:
        return
    if member.role == Role.ADMIN:
        await _require_another_admin(work.session(), user)
    before, member.role = member.role, role
    await work.session().flush()
    audit.record_change(
        work, actor, "member.role_changed", f"user {user.email}", {"role": before}, {"role": role}, at=now
    )
    await refresh_tabs(work, member.tenant_id, user.id or 0, now)


async def remove_member(work: Work, actor: Actor, user_id: int, *, now: datetime) -> None:
    """End a membership, and with it the person's sign-ins on this tenant. Raises ConflictError for the last Admin.

    The account itself stays: it may belong to other tenants.
    """
    require(actor, Permission.STAFF_MANAGE)
    session = work.session()
    user, member = await _find(session, user_id)
    if member.role == Role.ADMIN:
        await _require_another_admin(session, user)
    await session.delete(member)
    await session.flush()
    await _end_theirs(work, member, now)
    audit.record(work, actor, "member.removed", f"user {user.email}", {"role": member.role}, at=now)


async def end_sign_ins(work: Work, actor: Actor, user_id: int, *, now: datetime) -> int:
    """End a member's sign-ins on this tenant, programs' too. Returns how many there were."""
    require(actor, Permission.STAFF_MANAGE)
    user, member = await _find(work.session(), user_id)
    ended = await _end_theirs(work, member, now)
    if ended:
        audit.record(work, actor, "member.signed_out", f"user {user.email}", {"sign_ins": ended}, at=now)
    return ended


async def _end_theirs(work: Work, member: Membership, now: datetime) -> int:
    theirs = (col(SignInSession.user_id) == member.user_id, col(SignInSession.tenant_id) == member.tenant_id)
    return await end_sessions(work, member.tenant_id, now, *theirs)


async def _find(session: AsyncSession, user_id: int) -> tuple[User, Membership]:
    query = (
        select(User, Membership)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(User.id) == user_id)
        .with_for_update(of=Membership)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFoundError("This person is not a member here.")
    return found[0], found[1]


async def _require_another_admin(session: AsyncSession, user: User) -> None:
    """Two who remove each other at once wait for one another here."""
    query = select(col(Membership.user_id)).where(col(Membership.role) == Role.ADMIN).with_for_update()
    if set((await session.scalars(query)).all()) <= {user.id}:
        raise ConflictError(_LAST_ADMIN.format(name=user.name))

"""Asking somebody to become a member of a tenant: by a link that works once, for a week."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.people import add_membership, tidy_email
from csms.access.policy import Actor, Permission, require, require_grant
from csms.access.tokens import hash_token, new_token
from csms.errors import ConflictError, LinkExpiredError, NotFoundError
from csms.obligations import SendMail
from csms.work import Work
from models import Invitation, Membership, Role, User
from models.scope import current_tenant_id

LASTS: Final = timedelta(days=7)
ROLE_WORDS: Final = {
    Role.ADMIN: "Admin: everything, also staff, brand and programs",
    Role.OPERATOR: "Operator: stations, sessions and drivers",
    Role.VIEWER: "Viewer: look, change nothing",
}


@dataclass(frozen=True, slots=True)
class Host:
    """Where and under which name the tenant is met: `address` is `https://…` without a path."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation as its link finds it."""

    id: int
    email: str
    role: str
    invited_by: str
    expires_at: datetime
    has_account: bool
    """Whether this person has an account already, of another tenant."""


async def invite(work: Work, actor: Actor, email: str, role: Role, host: Host, *, now: datetime) -> str:
    """Ask somebody to become a member; the letter is owed. Returns its link.

    Raises InvalidInputError for what is no address, ConflictError for who is a member or was invited already.
    """
    require(actor, Permission.STAFF_MANAGE)
    require_grant(actor, role)
    session, email = work.session(), tidy_email(email)
    if await _is_member(session, email):
        raise ConflictError(f"{email} is a member already; the role can be changed in the list.")
    known = (await session.execute(select(Invitation).where(col(Invitation.email) == email))).scalar_one_or_none()
    if known is not None and known.expires_at > now:
        raise ConflictError(f"{email} was invited already. The invitation can be sent again from the list.")
    if known is not None:
        await session.delete(known)
        await session.flush()
    token = new_token()
    row = Invitation(
        email=email,
        role=role,
        token_hash=hash_token(token),
        invited_by=actor.name,
        sent_at=now,
        expires_at=now + LASTS,
    )
    session.add(row)
    await session.flush()
    audit.record(work, actor, "invitation.sent", f"invitation of {email}", {"role": role}, at=now)
    return _owe_letter(work, row, token, host, now)


async def send_again(work: Work, actor: Actor, invitation_id: int, host: Host, *, now: datetime) -> str:
    """Send a new link for another week; the old one is worth nothing from then on. Returns the new link."""
    require(actor, Permission.STAFF_MANAGE)
    row = await _get(work.session(), invitation_id)
    token = new_token()
    row.token_hash, row.sent_at, row.expires_at, row.invited_by = hash_token(token), now, now + LASTS, actor.name
    await work.session().flush()
    audit.record(work, actor, "invitation.sent_again", f"invitation of {row.email}", {"role": row.role}, at=now)
    return _owe_letter(work, row, token, host, now)


async def withdraw(work: Work, actor: Actor, invitation_id: int, *, now: datetime) -> None:
    """Take an invitation back: its link is worth nothing from then on."""
    require(actor, Permission.STAFF_MANAGE)
    row = await _get(work.session(), invitation_id)
    await work.session().delete(row)
    await work.session().flush()
    audit.record(work, actor, "invitation.withdrawn", f"invitation of {row.email}", {"role": row.role}, at=now)


async def open_invitation(session: AsyncSession, token: str, now: datetime) -> OpenInvitation:
    """What a link leads to. Raises LinkExpiredError when it was used, withdrawn or has expired."""
    query = (
        select(Invitation, col(User.id))
        .outerjoin(User, col(User.email) == col(Invitation.email))
        .where(col(Invitation.token_hash) == hash_token(token), col(Invitation.expires_at) > now)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise LinkExpiredError("This invitation has been used, was withdrawn, or has expired. Ask for a new one.")
    row, user_id = found
    return OpenInvitation(row.id or 0, row.email, row.role, row.invited_by, row.expires_at, user_id is not None)


async def accept_invitation(work: Work, invitation_id: int, user: User, *, now: datetime) -> Actor:
    """Make a person a member, as they were invited to be. Raises LinkExpiredError when it was withdrawn meanwhile."""
    session = work.session()
    where = (col(Invitation.id) == invitation_id, col(Invitation.email) == user.email, col(Invitation.expires_at) > now)
    used = await session.execute(delete(Invitation).where(*where).returning(col(Invitation.role)))
    role = used.scalar_one_or_none()
    if role is None:
        raise LinkExpiredError("This invitation has been used, was withdrawn, or has expired. Ask for a new one.")
    await add_membership(session, user.id or 0, Role(role))
    actor = Actor(user.id, user.name, user.email, current_tenant_id(), role)
    audit.record(work, actor, "invitation.accepted", f"user {user.email}", {"role": role}, at=now)
    return actor


async def invitation_for(session: AsyncSession, email: str, now: datetime) -> int | None:
    """The open invitation of an address, for who proved that it is theirs in another way than by its link."""
    query = select(col(Invitation.id)).where(col(Invitation.email) == email, col(Invitation.expires_at) > now)
    return (await session.execute(query)).scalar_one_or_none()


def _owe_letter(work: Work, row: Invitation, token: str, host: Host, now: datetime) -> str:
    link = f"{host.address}/join?token={token}"
    work.owe(
        SendMail(
            to=row.email,
            subject=f"Your invitation to {host.name}",
            paragraphs=[
                f"{row.invited_by} invites you to {host.name} as {row.role.title()}.",
                "Accept to set up your account, or to sign in with the one you have.",
            ],
            link_label="Accept the invitation",
            link_url=link,
            note="The link works once, within 7 days. If you do not know what this is about, ignore this mail.",
        ),
        at=now,
    )
    return link


async def _get(session: AsyncSession, invitation_id: int) -> Invitation:
    query = select(Invitation).where(col(Invitation.id) == invitation_id)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFoundError("This invitation was accepted or withdrawn already.")
    return row


async def _is_member(session: AsyncSession, email: str) -> bool:
    query = select(col(User.id)).join(Membership, col(Membership.user_id) == col(User.id))
    return (await session.execute(query.where(col(User.email) == email))).first() is not None

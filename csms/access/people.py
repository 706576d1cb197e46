"""People and what they are for a tenant, and the link that creates the first platform owner."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.passwords import hash_password
from csms.access.tokens import hash_token, new_token
from csms.clock import Clock
from csms.errors import ConflictError, InvalidInputError, SignInError
from csms.work import Committer, Work
from models import Membership, OneTimeLink, Role, User
from models.scope import current_tenant_id

FIRST_OWNER = "first_owner"
"""Purpose of the link that creates the platform owner."""


async def create_user(
    session: AsyncSession, *, email: str, name: str, password_hash: str, now: datetime, is_platform_owner: bool = False
) -> User:
    """Add a person; `password_hash` comes from `hash_password`, made before the unit of work.

    Raises InvalidInputError for what is no e-mail address, ConflictError when it is taken.
    """
    email = email.strip().casefold()
    if "@" not in email.strip("@") or " " in email:
        raise InvalidInputError(f"{email!r} is not an e-mail address.")
    if (await session.execute(select(col(User.id)).where(col(User.email) == email))).first():
        raise ConflictError(f"There is already an account for {email}.")
    user = User(
        email=email, name=name, password_hash=password_hash, created_at=now, is_platform_owner=is_platform_owner
    )
    session.add(user)
    await session.flush()
    return user


async def add_membership(session: AsyncSession, user_id: int, role: Role) -> None:
    """Give a person a role for the tenant in scope, in place of the one they had."""
    known = await session.get(Membership, (user_id, current_tenant_id()))
    if known is None:
        session.add(Membership(user_id=user_id, tenant_id=current_tenant_id(), role=role))
    else:
        known.role = role
    await session.flush()


async def has_platform_owner(session: AsyncSession) -> bool:
    """Whether anybody owns the platform yet."""
    return (await session.execute(select(col(User.id)).where(col(User.is_platform_owner)).limit(1))).first() is not None


async def create_link(committer: Committer, clock: Clock, purpose: str, hours: int = 24) -> str:
    """Make a link that works once within `hours`. Returns the token to put into its URL."""
    token, now = new_token(), clock.now()
    link = {"token_hash": hash_token(token), "purpose": purpose, "expires_at": now + timedelta(hours=hours)}
    await committer.run(lambda work: work.append(OneTimeLink, {**link, "used_at": None}))
    return token


async def redeem_owner_link(
    committer: Committer, clock: Clock, token: str, *, name: str, email: str, password: str
) -> int:
    """Create the platform owner with a FIRST_OWNER link. Returns the user's id.

    Raises SignInError when the link was used or has expired, InvalidInputError and ConflictError as `create_user`;
    then the link still works.
    """
    password_hash = await hash_password(password)

    async def unit(work: Work) -> int:
        session, now = work.session(), clock.now()
        await _use(session, token, FIRST_OWNER, now)
        user = await create_user(
            session, email=email, name=name, password_hash=password_hash, now=now, is_platform_owner=True
        )
        return user.id or 0

    return await committer.run(unit)


async def link_works(session: AsyncSession, token: str, purpose: str, now: datetime) -> bool:
    """Whether the link can still be used, for the page that asks before it does."""
    query = select(col(OneTimeLink.token_hash)).where(*_usable(token, purpose, now))
    return (await session.execute(query)).first() is not None


async def _use(session: AsyncSession, token: str, purpose: str, now: datetime) -> None:
    used = await session.execute(
        update(OneTimeLink)
        .where(*_usable(token, purpose, now))
        .values(used_at=now)
        .returning(col(OneTimeLink.token_hash))
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        raise SignInError("This link has been used or has expired. A restart of the server prints a new one.")


def _usable(token: str, purpose: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(OneTimeLink.token_hash) == hash_token(token),
        col(OneTimeLink.purpose) == purpose,
        col(OneTimeLink.used_at).is_(None),
        col(OneTimeLink.expires_at) > now,
    )

"""People and what they are for a tenant, and the link that creates the first platform owner."""

from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.links import find_link, issue_link, use_link
from csms.access.passwords import hash_password
from csms.clock import Clock
from csms.errors import ConflictError, InvalidInputError, LinkExpiredError
from csms.work import Committer, Work
from models import Membership, Role, User
from models.scope import current_tenant_id

FIRST_OWNER = "first_owner"
"""Purpose of the link that creates the platform owner."""


async def create_user(
    session: AsyncSession, *, email: str, name: str, password_hash: str, now: datetime, is_platform_owner: bool = False
) -> User:
    """Add a person; `password_hash` comes from `hash_password`, made before the unit of work.

    Raises InvalidInputError for what is no e-mail address, ConflictError when it is taken.
    """
    email = tidy_email(email)
    if (await session.execute(select(col(User.id)).where(col(User.email) == email))).first():
        raise ConflictError(f"There is already an account for {email}.")
    user = User(
        email=email, name=name, password_hash=password_hash, created_at=now, is_platform_owner=is_platform_owner
    )
    session.add(user)
    await session.flush()
    return user


def tidy_email(email: str) -> str:
    """The address as it is stored. Raises InvalidInputError for what is none."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.casefold()
    except EmailNotValidError:
        raise InvalidInputError(f"{email.strip()!r} is not an e-mail address.") from None


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
    return await committer.run(lambda work: issue_link(work, purpose, now=clock.now(), lasts=timedelta(hours=hours)))


async def redeem_owner_link(
    committer: Committer, clock: Clock, token: str, *, name: str, email: str, password: str
) -> int:
    """Create the platform owner with a FIRST_OWNER link. Returns the user's id.

    Raises SignInError when the link was used or has expired, InvalidInputError and ConflictError as `create_user`;
    then the link still works.
    """
    password_hash = await hash_password(password, email, name)

    async def unit(work: Work) -> int:
        session, now = work.session(), clock.now()
        await use_link(session, token, FIRST_OWNER, now)
        user = await create_user(
            session, email=email, name=name, password_hash=password_hash, now=now, is_platform_owner=True
        )
        return user.id or 0

    return await committer.run(unit)


async def link_works(session: AsyncSession, token: str, purpose: str, now: datetime) -> bool:
    """Whether the link can still be used, for the page that asks before it does."""
    try:
        await find_link(session, token, purpose, now)
    except LinkExpiredError:
        return False
    return True

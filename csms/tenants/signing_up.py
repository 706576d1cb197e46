"""Making a tenant of one's own: an e-mail address is confirmed, then the tenant is founded, its Admin handed over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.passwords import hash_password
from csms.access.policy import PASSWORD, Actor
from csms.access.sessions import Door, actor_of, open_session
from csms.access.tokens import hash_token, new_token
from csms.clock import Clock
from csms.config import Settings
from csms.errors import ConflictError, InvalidInputError, NotFoundError, SignInError
from csms.obligations import SendMail
from csms.tenants.directory import TenantDirectory
from csms.tenants.founding import FirstAdmin, Founded, NewTenant, found, require_owner, taken_meanwhile, tidy
from csms.work import Committer, Work
from models import HandOver, Membership, SignUp, User
from models.scope import PLATFORM, platform_scope, tenant_scope

CONFIRM_WITHIN: Final = timedelta(hours=24)
INVITED_FOR: Final = timedelta(days=14)
HAND_OVER_WITHIN: Final = timedelta(minutes=5)
PATH: Final = "/sign-up/tenant"
WELCOME_PATH: Final = "/sign-up/welcome"
_NO_LINK: Final = "This link has been used or has expired."


@dataclass(frozen=True, slots=True)
class Person:
    """Who the tenant's first Admin is. `password` is None for somebody who has an account."""

    name: str
    email: str
    """The one that the link confirms."""
    password: str | None


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What came of it. `token` carries the sign-in to the tenant's host; None where the Admin signs in themselves."""

    founded: Founded
    token: str | None


async def ask_to_sign_up(committer: Committer, clock: Clock, settings: Settings, email: str) -> str:
    """Send a link to the address, so that its owner can go on. Returns the address as it is kept.

    Raises InvalidInputError for what is no address, NotFoundError where not everybody may sign up.
    """
    if settings.sign_up != "open":
        raise NotFoundError("Nobody can sign up here without an invitation.")
    address = check_email(email)
    letter = SendMail(
        to=address,
        subject="Confirm your e-mail address",
        paragraphs=[
            "You are about to make a charging platform of your own. Confirm your address to go on; "
            "then you choose its name and where it answers.",
        ],
        link_label="Confirm and go on",
        note="The link works once, within 24 hours. If you did not ask for it, do nothing: no account was made.",
    )
    await _send(committer, clock, settings, letter, "", CONFIRM_WITHIN)
    return address


async def invite(committer: Committer, clock: Clock, settings: Settings, actor: Actor, email: str) -> None:
    """Invite somebody to make a tenant; an earlier invitation to the same address ends.

    Raises PermissionDeniedError, InvalidInputError, or ConflictError where nobody may sign up.
    """
    require_owner(actor)
    if settings.sign_up == "closed":
        raise ConflictError(
            "Sign-up is closed on this installation. Set VOLTDECK_SIGN_UP to “invited” and start the server anew."
        )
    letter = SendMail(
        to=check_email(email),
        subject="Your own charging platform",
        paragraphs=[
            f"{actor.name} invites you to make a charging platform of your own, with your name and your address.",
        ],
        link_label="Accept the invitation",
        note=f"The link works once, within {INVITED_FOR.days} days.",
    )
    await _send(committer, clock, settings, letter, actor.words, INVITED_FOR)


async def withdraw(committer: Committer, actor: Actor, token_hash: str) -> None:
    """Take back an invitation that nobody has used yet."""
    require_owner(actor)
    where = (col(SignUp.token_hash) == token_hash, col(SignUp.used_at).is_(None))
    await committer.run(lambda work: work.session().execute(delete(SignUp).where(*where)))


async def open_invitations(session: AsyncSession, now: datetime) -> list[SignUp]:
    """Invitations that can still be used, newest first."""
    query = select(SignUp).where(
        col(SignUp.invited_by) != "", col(SignUp.used_at).is_(None), col(SignUp.expires_at) > now
    )
    return list((await session.scalars(query.order_by(col(SignUp.created_at).desc()))).all())


async def email_of_link(session: AsyncSession, token: str, now: datetime) -> str | None:
    """The address that a link confirms, while it works."""
    return (await session.execute(select(col(SignUp.email)).where(*_usable(token, now)))).scalar_one_or_none()


async def has_account(session: AsyncSession, email: str) -> bool:
    """Whether there is an account for this address. Only to be told to whoever has proved that it is theirs."""
    return (await session.execute(select(col(User.id)).where(col(User.email) == email))).first() is not None


async def complete(
    committer: Committer,
    directory: TenantDirectory,
    clock: Clock,
    settings: Settings,
    token: str,
    form: NewTenant,
    person: Person,
) -> SignedUp:
    """Found the tenant that a confirmed address asks for; its hostname answers when this returns.

    Raises SignInError when the link was used or has expired, InvalidInputError and ConflictError for what is wrong
    with the form; then the link still works.
    """
    if not form.key.strip():
        raise InvalidInputError("Short name: choose the name that stands in front of the platform's.")
    form = tidy(replace(form, hostnames=()), directory, settings)
    password_hash = None if person.password is None else await hash_password(person.password, person.name, person.email)
    hand_over = new_token()

    async def unit(work: Work) -> SignedUp:
        session, now = work.session(), clock.now()
        email = await email_of_link(session, token, now)
        if email is None or email != person.email:
            raise SignInError(_NO_LINK)
        actor = Actor(None, person.name, email, PLATFORM, "")
        founded = await found(work, directory, clock, actor, form, FirstAdmin(person.name, email, password_hash))
        change = update(SignUp).where(*_usable(token, now)).values(used_at=now, tenant_id=founded.tenant_id)
        used = await session.execute(change.returning(col(SignUp.email)).execution_options(synchronize_session=False))
        if used.first() is None:
            raise SignInError(_NO_LINK)
        with tenant_scope(founded.tenant_id):
            work.owe(_welcome(email, form.name, settings.address_of(founded.hostname)), at=now)
        if not founded.is_new_person:
            return SignedUp(founded, None)
        row = HandOver(
            token_hash=hash_token(hand_over),
            user_id=founded.admin_id,
            tenant_id=founded.tenant_id,
            expires_at=now + HAND_OVER_WITHIN,
        )
        session.add(row)
        return SignedUp(founded, hand_over)

    try:
        with platform_scope():
            signed_up = await committer.run(unit)
    except IntegrityError:
        raise taken_meanwhile() from None
    await directory.load()
    return signed_up


async def take_over(committer: Committer, clock: Clock, door: Door, token: str, *, lasts: timedelta) -> str:
    """Sign in whoever was handed over to this tenant's host. Returns the cookie's token; raises SignInError."""

    async def unit(work: Work) -> str:
        session, now = work.session(), clock.now()
        used = await session.execute(
            update(HandOver)
            .where(
                col(HandOver.token_hash) == hash_token(token),
                col(HandOver.tenant_id) == door.tenant_id,
                col(HandOver.used_at).is_(None),
                col(HandOver.expires_at) > now,
            )
            .values(used_at=now)
            .returning(col(HandOver.user_id))
            .execution_options(synchronize_session=False)
        )
        user = await session.get(User, used.scalar_one_or_none() or 0)
        member = user and await session.get(Membership, (user.id, door.tenant_id))
        actor = user and member and actor_of(user, door.tenant_id, member.role, PASSWORD)
        if actor is None:
            raise SignInError(_NO_LINK)
        return open_session(work, actor, door, now=now, lasts=lasts)

    with tenant_scope(door.scope):
        return await committer.run(unit)


async def delete_old(work: Work, before: datetime) -> None:
    """Forget those who never went on, and hand-overs that are over."""
    await work.session().execute(delete(SignUp).where(col(SignUp.expires_at) < before))
    await work.session().execute(delete(HandOver).where(col(HandOver.expires_at) < before))


def check_email(text: str) -> str:
    """The address in lower case. Raises InvalidInputError."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise InvalidInputError("E-mail: write it as in ada@example.com.") from None
    return found.normalized.casefold()


async def _send(
    committer: Committer, clock: Clock, settings: Settings, letter: SendMail, invited_by: str, lasts: timedelta
) -> None:
    token, now = new_token(), clock.now()
    url = f"{settings.address_of(settings.platform_host)}{PATH}?token={token}"

    async def unit(work: Work) -> None:
        if invited_by:
            earlier = (col(SignUp.email) == letter.to, col(SignUp.used_at).is_(None), col(SignUp.invited_by) != "")
            await work.session().execute(delete(SignUp).where(*earlier))
        sign_up = SignUp(
            token_hash=hash_token(token),
            email=letter.to,
            invited_by=invited_by,
            created_at=now,
            expires_at=now + lasts,
        )
        work.session().add(sign_up)
        work.owe(replace(letter, link_url=url), at=now)

    with platform_scope():
        await committer.run(unit)


def _welcome(email: str, name: str, address: str) -> SendMail:
    return SendMail(
        to=email,
        subject=f"{name} is ready",
        paragraphs=[
            f"The dashboard of {name} answers at the address below; you sign in with {email}.",
            "Next: add your stations, choose your brand under Settings, and invite the people you work with.",
        ],
        link_label="Open the dashboard",
        link_url=address,
    )


def _usable(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SignUp.token_hash) == hash_token(token),
        col(SignUp.used_at).is_(None),
        col(SignUp.expires_at) > now,
    )

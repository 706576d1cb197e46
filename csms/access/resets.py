"""A forgotten password: a link by mail, once, for an hour. Nobody learns from it who has an account."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from csms.access.entrance import Entrance
from csms.access.invitations import Host
from csms.access.links import drop_links, find_link, issue_link, use_link
from csms.access.passwords import hash_password
from csms.access.policy import PASSWORD, Actor
from csms.access.sessions import Door, actor_of, end_everywhere, record
from csms.obligations import SendMail
from csms.work import Work
from models import Membership, User
from models.scope import tenant_scope

RESET: Final = "password_reset"
LASTS: Final = timedelta(hours=1)


async def ask_reset(entrance: Entrance, door: Door, email: str, host: Host) -> None:
    """Send a link to whoever has an account on this hostname; to everybody else, nothing, and that in the same words.

    Raises SignInError after too many tries.
    """
    email = email.strip().replace("\x00", "").casefold()[:254]
    await entrance.letter_throttle.admit(f"forgot:{door.tenant_id}:{email}", door.address)

    async def unit(work: Work) -> None:
        now, session = entrance.clock.now(), work.session()
        member = (col(Membership.user_id) == col(User.id)) & (col(Membership.tenant_id) == door.tenant_id)
        query = select(User, col(Membership.role)).outerjoin(Membership, member).where(col(User.email) == email)
        found = (await session.execute(query)).one_or_none()
        actor = actor_of(found[0], door.tenant_id, found[1], PASSWORD) if found is not None else None
        if actor is None:
            return
        token = await issue_link(work, RESET, now=now, lasts=LASTS, user_id=actor.user_id, tenant_id=door.tenant_id)
        record(work, actor, "password.reset_asked", door, now)
        work.owe(_letter(actor, f"{host.address}/reset?token={token}", host), at=now)

    with tenant_scope(door.scope):
        await entrance.committer.run(unit)


async def reset_works(entrance: Entrance, door: Door, token: str) -> None:
    """Raises LinkExpiredError unless the link can be used."""
    async with entrance.database.reading() as session:
        await find_link(session, token, RESET, entrance.clock.now(), door.tenant_id)


async def reset_password(entrance: Entrance, door: Door, token: str, password: str, host: Host) -> None:
    """Set another password by a link. Every sign-in of the person ends, on every hostname, and so do other links.

    Raises LinkExpiredError, and InvalidInputError for a password that is too easy; then the link still works.
    """
    await entrance.link_throttle.admit(f"reset:{token[:16]}", door.address)
    now = entrance.clock.now()
    async with entrance.database.reading() as session:
        link = await find_link(session, token, RESET, now, door.tenant_id)
        user = await session.get_one(User, link.user_id)
    password_hash = await hash_password(password, user.name, user.email)

    async def unit(work: Work) -> None:
        session = work.session()
        await use_link(session, token, RESET, now, door.tenant_id)
        person = await session.get_one(User, user.id)
        person.password_hash = password_hash
        await session.flush()
        await drop_links(session, person.id or 0)
        await end_everywhere(work, person.id or 0, now)
        who = Actor(person.id, person.name, person.email, door.scope, "", address=door.address)
        record(work, who, "password.reset", door, now)
        work.owe(password_changed(who, host), at=now)

    with tenant_scope(door.scope):
        await entrance.committer.run(unit)


def password_changed(actor: Actor, host: Host) -> SendMail:
    """Tells the owner, who is the one to know whether it was them."""
    return SendMail(
        to=actor.email,
        subject=f"Your password for {host.name} was changed",
        paragraphs=["The password of your account was changed, and other sign-ins have ended."],
        link_label="Sign in",
        link_url=f"{host.address}/sign-in",
        note="If this was not you, reset your password at once, and tell your Admin.",
    )


def _letter(actor: Actor, link: str, host: Host) -> SendMail:
    return SendMail(
        to=actor.email,
        subject=f"Reset your password for {host.name}",
        paragraphs=["Somebody, probably you, asked to reset the password of your account."],
        link_label="Choose another password",
        link_url=link,
        note="The link works once, within an hour. If it was not you, ignore this mail: nothing changes.",
    )

"""What people do with their own account. Its weighty parts ask for the password again.

An account may belong to several tenants. So it is changed by its owner alone, who proved it by password: a tenant's
OpenID provider, or the platform's owner inside a tenant, speaks for that one tenant only.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.entrance import Entrance
from csms.access.invitations import Host
from csms.access.links import drop_links
from csms.access.passwords import hash_password
from csms.access.policy import PASSWORD, PLATFORM, Actor
from csms.access.resets import password_changed
from csms.access.second_factor import (
    Enrolment,
    begin_enrolment,
    confirm_enrolment,
    remove_second_factor,
    renew_recovery_codes,
)
from csms.access.sessions import Door, end_everywhere, record
from csms.errors import ConflictError, InvalidInputError, PermissionDeniedError
from csms.obligations import SendMail
from csms.work import Work
from models import Membership, SignInRules, User
from models.scope import platform_scope, tenant_scope

LONGEST_NAME = 100


def owns_account(actor: Actor) -> bool:
    """Whether this sign-in may change the account itself."""
    return actor.means == PASSWORD and actor.user_id is not None


async def change_name(entrance: Entrance, actor: Actor, name: str) -> None:
    """Be called otherwise. Raises InvalidInputError."""
    _require_own(actor)
    name = tidy_name(name)

    async def unit(work: Work) -> None:
        user = await work.session().get_one(User, actor.user_id)
        before, user.name = user.name, name
        await work.session().flush()
        if actor.tenant_id and before != name:
            sides = ({"name": before}, {"name": name})
            audit.record_change(work, actor, "account.renamed", f"user {user.email}", *sides, at=entrance.clock.now())

    with tenant_scope(actor.tenant_id):
        await entrance.committer.run(unit)


def tidy_name(name: str) -> str:
    """A person's name in order. Raises InvalidInputError."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"Please tell your name, in at most {LONGEST_NAME} characters.")
    return name


async def change_password(entrance: Entrance, actor: Actor, token: str, old: str, new: str, host: Host) -> None:
    """Set another password. Every other sign-in of the person ends, on every hostname.

    Raises SignInError for a wrong old one, InvalidInputError for a new one that is too easy.
    """
    _require_own(actor)
    user = await entrance.prove_again(actor, old)
    password_hash = await hash_password(new, user.name, user.email)

    async def unit(work: Work) -> None:
        now, session = entrance.clock.now(), work.session()
        person = await session.get_one(User, actor.user_id)
        person.password_hash = password_hash
        await session.flush()
        await drop_links(session, person.id or 0)
        await end_everywhere(work, person.id or 0, now, but=token)
        record(work, actor, "password.changed", _door(actor), now)
        work.owe(password_changed(actor, host), at=now)

    with tenant_scope(actor.tenant_id):
        await entrance.committer.run(unit)


async def begin_second_factor(entrance: Entrance, actor: Actor, password: str, issuer: str) -> Enrolment:
    """What the person's app is to be given. Raises SignInError, ConflictError when there is one already."""
    _require_own(actor)
    await entrance.prove_again(actor, password)
    with tenant_scope(actor.tenant_id):
        return await entrance.committer.run(
            lambda work: begin_enrolment(work, entrance.vault, actor.user_id or 0, actor.email, issuer)
        )


async def confirm_second_factor(entrance: Entrance, actor: Actor, code: str) -> list[str]:
    """Take the app's first code. Returns the recovery codes, which are shown this once. Raises InvalidInputError."""
    _require_own(actor)

    async def unit(work: Work) -> list[str]:
        now = entrance.clock.now()
        codes = await confirm_enrolment(work, entrance.vault, actor.user_id or 0, code, now)
        record(work, actor, "second_factor.set_up", _door(actor), now)
        return codes

    with tenant_scope(actor.tenant_id):
        return await entrance.committer.run(unit)


async def new_recovery_codes(entrance: Entrance, actor: Actor, password: str) -> list[str]:
    """Ten codes in place of those there were. Raises SignInError."""
    _require_own(actor)
    await entrance.prove_again(actor, password)

    async def unit(work: Work) -> list[str]:
        record(work, actor, "second_factor.recovery_codes_renewed", _door(actor), entrance.clock.now())
        return await renew_recovery_codes(work, entrance.vault, actor.user_id or 0)

    with tenant_scope(actor.tenant_id):
        return await entrance.committer.run(unit)


async def give_up_second_factor(entrance: Entrance, actor: Actor, password: str, host: Host) -> None:
    """Sign in by password alone from now on. Raises SignInError, and ConflictError where a tenant asks for it."""
    _require_own(actor)
    await entrance.prove_again(actor, password)

    async def unit(work: Work) -> None:
        if await factor_is_required(work.session(), actor.user_id or 0):
            raise ConflictError("A second factor is asked of everybody at a tenant you belong to: it stays.")
        user = await work.session().get_one(User, actor.user_id)
        if user.is_platform_owner and entrance.owners_rules.require_second_factor:
            raise ConflictError("A second factor is asked of every platform owner: it stays.")
        if await remove_second_factor(work, actor.user_id or 0):
            now = entrance.clock.now()
            record(work, actor, "second_factor.removed", _door(actor), now)
            work.owe(_without_factor(actor, host), at=now)

    with tenant_scope(actor.tenant_id):
        await entrance.committer.run(unit)


async def factor_is_required(session: AsyncSession, user_id: int) -> bool:
    """Whether any tenant the person belongs to asks it of everybody."""
    query = (
        select(col(SignInRules.tenant_id))
        .join(Membership, col(Membership.tenant_id) == col(SignInRules.tenant_id))
        .where(col(Membership.user_id) == user_id, col(SignInRules.require_second_factor))
    )
    with platform_scope():
        return (await session.execute(query)).first() is not None


def _require_own(actor: Actor) -> None:
    if actor.means == PLATFORM:
        raise PermissionDeniedError(
            "You are here as the platform's owner: change your account on the platform's pages."
        )
    if not owns_account(actor):
        raise PermissionDeniedError(
            "You came in by single sign-on, which speaks for this organisation only. Sign in with a password to change "
            "your account."
        )


def _door(actor: Actor) -> Door:
    return Door(actor.tenant_id or None, actor.address)


def _without_factor(actor: Actor, host: Host) -> SendMail:
    return SendMail(
        to=actor.email,
        subject=f"Your account for {host.name} has no second factor any more",
        paragraphs=["The authenticator app was removed from your account: a password alone signs you in."],
        link_label="Sign in",
        link_url=f"{host.address}/sign-in",
        note="If this was not you, reset your password at once, and tell your Admin.",
    )

"""Founds a tenant: the tenant, its hostnames and its first Admin, all in one commit, reachable at once."""

import secrets
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from csms.access import audit
from csms.access.people import add_membership, create_user
from csms.access.policy import Actor
from csms.access.sessions import PLATFORM_OWNER
from csms.clock import Clock
from csms.config import Settings
from csms.errors import ConflictError, InvalidInputError, PermissionDeniedError
from csms.tenants.choices import LANGUAGES, currencies, time_zones
from csms.tenants.directory import TenantDirectory, create_tenant
from csms.tenants.hostnames import bare_host, check_hostname, check_slug, free_key, slug_in
from csms.work import Committer, Work
from models import Role, User
from models.scope import PLATFORM, platform_scope, tenant_scope

LONGEST_NAME: Final = 40
LONGEST_ADDRESS: Final = 500
LONGEST_LEGAL: Final = 2_000
_CLEAR: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No characters that are taken for another when read aloud or copied by hand."""


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What is to be founded. Without a `key` one is made of its hostname or name."""

    name: str
    currency: str
    time_zone: str
    key: str = ""
    hostnames: tuple[str, ...] = ()
    """Beside `<key>.<platform domain>`, which is always its own."""
    language: str = "en-GB"
    postal_address: str = ""
    legal_text: str = ""


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Who looks after it. `password_hash` is for somebody without an account; None when there must be one."""

    name: str
    email: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Founded:
    """What came of it."""

    tenant_id: int
    key: str
    hostname: str
    """Where it answers."""
    admin_id: int
    """0 without an Admin."""
    is_new_person: bool
    """Whether the Admin had no account before."""


def first_password() -> str:
    """A password to be told once, easy to read aloud."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(4))


def tidy(form: NewTenant, directory: TenantDirectory, settings: Settings) -> NewTenant:
    """The form with its texts in order. Raises InvalidInputError or ConflictError, naming the field."""
    hostnames = tuple(_free_hostname(name, directory, settings) for name in form.hostnames)
    form = replace(
        form,
        name=form.name.strip(),
        hostnames=hostnames,
        key=check_slug(form.key) if form.key else _key_for(form.name, hostnames, directory, settings),
        postal_address=form.postal_address.strip(),
        legal_text=form.legal_text.strip(),
    )
    check_words(form.name, form.postal_address, form.legal_text)
    if form.currency not in currencies():
        raise InvalidInputError("Currency: choose one from the list.")
    check_place(form.time_zone, form.language)
    _check_key(form, directory, settings)
    return form


def check_words(name: str, postal_address: str, legal_text: str) -> None:
    """Raise InvalidInputError for a name or a text that is missing or too long."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"Name: give it a name of at most {LONGEST_NAME} characters.")
    if len(postal_address) > LONGEST_ADDRESS:
        raise InvalidInputError(f"Address: it may have at most {LONGEST_ADDRESS} characters.")
    if len(legal_text) > LONGEST_LEGAL:
        raise InvalidInputError(f"Legal text: it may have at most {LONGEST_LEGAL} characters.")


def check_place(time_zone: str, language: str) -> None:
    """Raise InvalidInputError for what is not on offer."""
    if time_zone not in time_zones():
        raise InvalidInputError("Time zone: choose one from the list.")
    if language not in LANGUAGES:
        raise InvalidInputError("Language: choose one from the list.")


async def found_tenant(
    committer: Committer,
    directory: TenantDirectory,
    clock: Clock,
    settings: Settings,
    actor: Actor,
    form: NewTenant,
    admin: FirstAdmin | None,
) -> Founded:
    """Create the tenant and its Admin for the platform owner; its hostnames answer when this returns.

    Raises PermissionDeniedError, InvalidInputError or ConflictError, with nothing kept.
    """
    require_owner(actor)
    form = tidy(form, directory, settings)
    try:
        with platform_scope():
            founded = await committer.run(lambda work: found(work, directory, clock, actor, form, admin))
    except IntegrityError:
        raise taken_meanwhile() from None
    await directory.load()
    return founded


async def found(
    work: Work, directory: TenantDirectory, clock: Clock, actor: Actor, form: NewTenant, admin: FirstAdmin | None
) -> Founded:
    """The same as part of a unit of work in the platform's scope, for a form that is tidy. Load the directory after."""
    session, now = work.session(), clock.now()
    tenant = await create_tenant(
        session,
        key=form.key,
        name=form.name,
        currency=form.currency,
        time_zone=form.time_zone,
        locale=form.language,
        hosts=form.hostnames,
        postal_address=form.postal_address,
        legal_text=form.legal_text,
        now=now,
    )
    tenant_id = tenant.id or 0
    hostname = form.hostnames[0] if form.hostnames else directory.slug_host(form.key)
    admin_id, is_new = await _appoint(work, tenant_id, admin, clock) if admin else (0, False)
    details = {"hostname": hostname, "admin": admin.email if admin else ""}
    audit.record(work, replace(actor, tenant_id=tenant_id), "tenant.created", f"tenant {form.name}", details, at=now)
    return Founded(tenant_id, form.key, hostname, admin_id, is_new)


def require_owner(actor: Actor) -> None:
    """Raise PermissionDeniedError unless the actor owns the platform."""
    if actor.tenant_id != PLATFORM or actor.role != PLATFORM_OWNER:
        raise PermissionDeniedError("Only the owner of the platform may do this.")


def taken_meanwhile() -> ConflictError:
    """What to say when somebody else was quicker by a moment."""
    return ConflictError("Short name or hostname: it has just been taken. Please choose another one.")


async def _appoint(work: Work, tenant_id: int, admin: FirstAdmin, clock: Clock) -> tuple[int, bool]:
    session, email = work.session(), admin.email.strip().casefold()
    if not admin.name.strip():
        raise InvalidInputError("Admin's name: tell who looks after this tenant.")
    user = (await session.execute(select(User).where(col(User.email) == email))).scalar_one_or_none()
    is_new = user is None
    if user is None:
        if admin.password_hash is None:
            raise InvalidInputError(f"There is no account for {email}.")
        user = await create_user(
            session, email=email, name=admin.name.strip(), password_hash=admin.password_hash, now=clock.now()
        )
    with tenant_scope(tenant_id):
        await add_membership(session, user.id or 0, Role.ADMIN)
    return user.id or 0, is_new


def _free_hostname(text: str, directory: TenantDirectory, settings: Settings) -> str:
    name = check_hostname(text)
    if directory.by_host(name) or name == bare_host(settings.platform_host):
        raise ConflictError("Hostname: it is taken already.")
    return name


def _key_for(name: str, hostnames: tuple[str, ...], directory: TenantDirectory, settings: Settings) -> str:
    """The slug that one of the hostnames has already, or one made of the name."""
    for hostname in hostnames:
        if slug := slug_in(hostname, settings.resolved_platform_domain()):
            return slug
    taken = {tenant.key for tenant in directory.all()}
    key = free_key(name, taken)
    while directory.by_host(directory.slug_host(key)):
        taken.add(key)
        key = free_key(name, taken)
    return key


def _check_key(form: NewTenant, directory: TenantDirectory, settings: Settings) -> None:
    hostname = directory.slug_host(form.key)
    is_known = any(tenant.key == form.key for tenant in directory.all())
    if is_known or directory.by_host(hostname) or hostname == bare_host(settings.platform_host):
        raise ConflictError(f"Short name: “{form.key}” is taken already. Please choose another one.")

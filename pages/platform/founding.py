"""Founds a tenant: the tenant, its hostname and its first Admin, all in one commit, reachable at once."""

import re
import secrets
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor
from csms.access.service import add_membership, create_user, hash_password
from csms.errors import ConflictError, InvalidInputError
from csms.tenants.directory import bare_host, create_tenant
from csms.work import Work
from models import Role, User
from models.scope import platform_scope, tenant_scope
from pages.services import Services

_HOSTNAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_CLEAR: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No characters that are taken for another when read aloud or copied by hand."""


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What the owner filled in."""

    name: str
    hostname: str
    currency: str
    time_zone: str
    admin_name: str
    admin_email: str


@dataclass(frozen=True, slots=True)
class Founded:
    """What came of it. `password` is None when the Admin had an account before."""

    tenant_id: int
    hostname: str
    admin_email: str
    password: str | None


@lru_cache
def currencies() -> list[str]:
    """Codes of the currencies that can be chosen."""
    return sorted(list_currencies("en") & list_currencies("de"))


@lru_cache
def time_zones() -> list[str]:
    """Names of places, as the time zone database has them."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


def tidy(form: NewTenant, services: Services) -> NewTenant:
    """The form with its texts in order. Raises InvalidInputError or ConflictError, naming the field."""
    if "/" in form.hostname or ":" in form.hostname:
        raise InvalidInputError("Hostname: write it as in charging.example.com, without http://, port or path.")
    form = replace(
        form,
        name=form.name.strip(),
        hostname=bare_host(form.hostname),
        admin_name=form.admin_name.strip(),
        admin_email=form.admin_email.strip(),
    )
    if not form.name or len(form.name) > 40:
        raise InvalidInputError("Name: give the tenant a name of at most 40 characters.")
    if not _HOSTNAME.fullmatch(form.hostname):
        raise InvalidInputError("Hostname: write it as in charging.example.com.")
    if form.currency not in currencies():
        raise InvalidInputError("Currency: choose one from the list.")
    if form.time_zone not in time_zones():
        raise InvalidInputError("Time zone: choose one from the list.")
    if not form.admin_name:
        raise InvalidInputError("Admin's name: tell who looks after this tenant.")
    known = services.directory.by_host(form.hostname)
    if known or form.hostname == bare_host(services.settings.platform_host):
        raise ConflictError("Hostname: it is taken already.")
    return form


async def found_tenant(services: Services, actor: Actor, form: NewTenant) -> Founded:
    """Create the tenant and its Admin; its hostname answers when this returns.

    Raises InvalidInputError or ConflictError, with nothing kept.
    """
    form = tidy(form, services)
    password = "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(4))
    password_hash = await hash_password(password)

    async def unit(work: Work) -> tuple[int, bool]:
        return await _found(work, services, actor, form, password_hash)

    try:
        with platform_scope():
            tenant_id, is_new = await services.committer.run(unit)
    except IntegrityError:  # somebody else founded it in the meantime
        raise ConflictError("Hostname: it is taken already.") from None
    await services.directory.load()
    return Founded(tenant_id, form.hostname, form.admin_email, password if is_new else None)


async def _found(work: Work, services: Services, actor: Actor, form: NewTenant, password_hash: str) -> tuple[int, bool]:
    session, now = work.session(), services.clock.now()
    tenant = await create_tenant(
        session,
        key=free_key(form.name, {tenant.key for tenant in services.directory.all()}),
        name=form.name,
        currency=form.currency,
        time_zone=form.time_zone,
        hosts=[form.hostname],
        now=now,
    )
    known = select(User).where(col(User.email) == form.admin_email.casefold())
    user = (await session.execute(known)).scalar_one_or_none()
    is_new = user is None
    if user is None:
        user = await create_user(
            session, email=form.admin_email, name=form.admin_name, password_hash=password_hash, now=now
        )
    tenant_id, user_id = tenant.id or 0, user.id or 0
    with tenant_scope(tenant_id):
        await add_membership(session, user_id, Role.ADMIN)
    details = {"hostname": form.hostname, "admin": form.admin_email}
    audit.record(work, replace(actor, tenant_id=tenant_id), "tenant.created", f"tenant {form.name}", details, at=now)
    return tenant_id, is_new


def free_key(name: str, taken: set[str]) -> str:
    """A short name for addresses and files: "Grüne Energie" becomes grune-energie, or grune-energie-2."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "tenant"
    number = 2
    candidate = key
    while candidate in taken:
        candidate, number = f"{key}-{number}", number + 1
    return candidate

"""A tenant's own hostnames: claimed, proved by DNS, used, and given up. One hostname belongs to one tenant at most."""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.clock import Clock
from csms.config import Settings
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.obligations import SendMail
from csms.tenants.certificates import certificate_of
from csms.tenants.directory import TenantDirectory, touch_tenant
from csms.tenants.dns import Found, Lookup
from csms.tenants.domain_state import KEPT_FOR, WARN_AFTER, next_check
from csms.tenants.hostnames import bare_host, check_custom_domain
from csms.work import Committer, Work
from models import CustomDomain, Membership, Role, Tenant, TenantHost, User
from models.db import Database
from models.scope import current_tenant_id, platform_scope, tenant_scope

log = structlog.get_logger(__name__)
MOST: Final = 20
"""Domains of one tenant."""
NOT_SOONER: Final = timedelta(seconds=2)
"""However many tabs look on, DNS is asked no more often than this."""
LOOK_AT_CERTIFICATE: Final = timedelta(hours=6)
"""How often a certificate that was seen is looked at again."""
_US: Final = "Voltdeck"


@dataclass(frozen=True, slots=True)
class Domains:
    """What there is to do with custom domains. The tenant is the one in scope, but for `check_due`."""

    committer: Committer
    database: Database
    directory: TenantDirectory
    clock: Clock
    settings: Settings
    lookup: Lookup = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lookup", Lookup(self.settings.dns_server))

    async def add(self, actor: Actor, text: str) -> CustomDomain:
        """Claim a hostname. Raises InvalidInputError or ConflictError."""
        require(actor, Permission.TENANT_MANAGE)
        domain, host = self.settings.resolved_platform_domain(), self.settings.platform_host
        hostname = check_custom_domain(text, domain, host)
        token = f"voltdeck={secrets.token_hex(16)}"

        async def unit(work: Work) -> CustomDomain:
            session, now = work.session(), self.clock.now()
            await _check_room(session, hostname)
            row = CustomDomain(hostname=hostname, token=token, created_at=now, due_at=now)
            session.add(row)
            await session.flush()
            audit.record(work, actor, "domain.added", f"domain {hostname}", at=now)
            return row

        return await self.committer.run(unit)

    async def remove(self, actor: Actor, domain_id: int) -> None:
        """Give a hostname up: it stops answering at once."""
        require(actor, Permission.TENANT_MANAGE)

        async def unit(work: Work) -> None:
            session = work.session()
            row = await _row(session, domain_id)
            tenant = await session.get_one(Tenant, current_tenant_id())
            if tenant.main_hostname == row.hostname:
                tenant.main_hostname = ""
            await session.delete(row)
            if row.verified_at is not None:
                await _take_away(session, row)
            audit.record(work, actor, "domain.removed", f"domain {row.hostname}", at=self.clock.now())

        await self.committer.run(unit)
        await self.directory.load()

    async def choose_main(self, actor: Actor, hostname: str) -> None:
        """Let links lead to `hostname`. Raises InvalidInputError for a name that is not the tenant's."""
        require(actor, Permission.TENANT_MANAGE)
        name = bare_host(hostname)
        known = self.directory.by_id(current_tenant_id())
        if known is None or name not in known.hosts:
            raise InvalidInputError(f"{name} does not answer yet, so it cannot be the main address.")
        await self._set(actor, "main_hostname", name)

    async def lead_to_main(self, actor: Actor, wanted: bool) -> None:
        """Choose whether visitors of the tenant's other names are led to the main one."""
        require(actor, Permission.TENANT_MANAGE)
        await self._set(actor, "redirects", wanted)

    async def _set(self, actor: Actor, field: str, value: str | bool) -> None:
        async def unit(work: Work) -> None:
            tenant = await work.session().get_one(Tenant, current_tenant_id())
            before = {field: getattr(tenant, field)}
            setattr(tenant, field, value)
            subject, now = f"tenant {tenant.name}", self.clock.now()
            audit.record_change(work, actor, "tenant.main_address", subject, before, {field: value}, at=now)

        await self.committer.run(unit)
        await self.directory.load()

    async def all(self, actor: Actor) -> list[CustomDomain]:
        """The tenant's domains, by name."""
        require(actor, Permission.TENANT_MANAGE)
        async with self.database.reading() as session:
            query = select(CustomDomain).order_by(col(CustomDomain.hostname))
            return list((await session.scalars(query)).all())

    async def check(self, domain_id: int) -> CustomDomain:
        """Ask DNS about a domain now, unless that has just been done. Returns it as it stands."""
        async with self.database.reading() as session:
            row = await _row(session, domain_id)
        now = self.clock.now()
        if row.checked_at is not None and now - row.checked_at < NOT_SOONER:
            return row
        found = await self.lookup.look(row.hostname, row.token, self.target(row.tenant_id))
        row, has_changed = await self.committer.run(lambda work: self._judge(work, domain_id, found))
        if has_changed:
            await self.directory.load()
        return row

    async def check_certificate(self, domain_id: int) -> CustomDomain:
        """See whether HTTPS answers under a proved domain; the proxy gets a certificate for it meanwhile."""
        async with self.database.reading() as session:
            row = await _row(session, domain_id)
        if row.verified_at is None or row.lost_at is not None or not self.settings.secure_cookies:
            return row
        served = await certificate_of(self.lookup, row.hostname, self.settings.public_port or 443)

        async def unit(work: Work) -> CustomDomain:
            kept = await _row(work.session(), domain_id)
            kept.certificate = served.to_json()
            kept.served_at = None if served.problem else self.clock.now()
            return kept

        return await self.committer.run(unit)

    async def check_due(self) -> int:
        """Check every tenant's domains whose time has come. Returns how many were."""
        with platform_scope():
            due: list[tuple[int, int]] = await self.committer.run(self._claim)
        await asyncio.gather(*(self._check_one(tenant_id, domain_id) for tenant_id, domain_id in due))
        return len(due)

    async def _check_one(self, tenant_id: int, domain_id: int) -> None:
        try:
            with tenant_scope(tenant_id):
                row = await self.check(domain_id)
                if row.served_at is None or self.clock.now() - row.served_at > LOOK_AT_CERTIFICATE:
                    await self.check_certificate(domain_id)
        except Exception:  # one tenant's trouble is not the others'
            log.exception("a domain could not be checked; it is tried again", tenant=tenant_id, domain=domain_id)

    def target(self, tenant_id: int) -> str:
        """What a custom domain of the tenant is to be an alias of."""
        tenant = self.directory.by_id(tenant_id)
        if tenant is None:
            raise NotFoundError("This tenant")
        return self.directory.slug_host(tenant.key)

    async def _claim(self, work: Work) -> list[tuple[int, int]]:
        """Take what is due, and put it off, so that no two workers ask for the same."""
        now = self.clock.now()
        query = select(CustomDomain).where(col(CustomDomain.due_at) <= now).limit(50).with_for_update(skip_locked=True)
        rows = (await work.session().scalars(query)).all()
        for row in rows:
            row.due_at = next_check(row, now)
        return [(row.tenant_id, row.id or 0) for row in rows]

    async def _judge(self, work: Work, domain_id: int, found: Found) -> tuple[CustomDomain, bool]:
        """Keep what DNS said and what follows from it. Tells whether the tenant's hostnames changed."""
        session, now = work.session(), self.clock.now()
        row = await _row(session, domain_id)
        row.checked_at, row.found, row.due_at = now, found.to_json(), next_check(row, now)
        if found.is_silent:
            return row, False
        if found.is_right:
            return row, await self._found_right(work, row, now)
        row.is_taken = False
        return row, row.verified_at is not None and await self._found_wrong(work, row, now)

    async def _found_right(self, work: Work, row: CustomDomain, now: datetime) -> bool:
        session = work.session()
        host = await session.get(TenantHost, row.hostname)
        if host is not None and host.tenant_id != row.tenant_id:
            row.is_taken = True
            return False
        was_lost, was_verified = row.lost_at is not None, row.verified_at is not None
        row.is_taken, row.lost_at, row.warned_at, row.expired_at = False, None, None, None
        if was_verified and not was_lost:
            return False
        if host is None:
            session.add(TenantHost(hostname=row.hostname, tenant_id=row.tenant_id, is_custom=True))
        else:
            host.is_lost = False
        row.verified_at = row.verified_at or now
        await touch_tenant(session, row.tenant_id)
        _note(work, row, "domain.found_again" if was_verified else "domain.verified", now)
        return True

    async def _found_wrong(self, work: Work, row: CustomDomain, now: datetime) -> bool:
        session = work.session()
        has_changed = row.lost_at is None
        row.lost_at = row.lost_at or now
        lasted = now - row.lost_at
        if has_changed:
            host = await session.get(TenantHost, row.hostname)
            if host is not None:
                host.is_lost = True
            await touch_tenant(session, row.tenant_id)
            _note(work, row, "domain.lost", now)
        if lasted >= WARN_AFTER and row.warned_at is None:
            row.warned_at = now
            await self._tell_admins(work, row, _warning(row, self.target(row.tenant_id)))
        if lasted >= KEPT_FOR:
            await _take_away(session, row)
            row.verified_at, row.expired_at, row.served_at, row.certificate = None, now, None, {}
            _note(work, row, "domain.expired", now)
            await self._tell_admins(work, row, _ended(row))
            has_changed = True
        return has_changed

    async def _tell_admins(self, work: Work, row: CustomDomain, letter: dict[str, Any]) -> None:
        tenant = self.directory.by_id(row.tenant_id)
        link = self.settings.address_of(self.target(row.tenant_id)) + "/settings/domains" if tenant else ""
        emails = select(col(User.email)).join(Membership, col(Membership.user_id) == col(User.id))
        admins = emails.where(col(Membership.tenant_id) == row.tenant_id, col(Membership.role) == Role.ADMIN)
        for email in (await work.session().scalars(admins)).all():
            letter = {**letter, "link_label": "Look at the domain", "link_url": link}
            work.owe(SendMail(to=email, **letter), at=self.clock.now())


def _note(work: Work, row: CustomDomain, action: str, now: datetime) -> None:
    actor = Actor(None, _US, "", row.tenant_id, "")
    audit.record(work, actor, action, f"domain {row.hostname}", dict(row.found), at=now)


def _warning(row: CustomDomain, target: str) -> dict[str, Any]:
    return {
        "subject": f"{row.hostname} no longer leads to your dashboard",
        "paragraphs": [
            f"DNS for {row.hostname} has changed: its records are no longer as they were when it was verified.",
            f"Links lead to {target} meanwhile. Unless the records come back, {row.hostname} stops answering "
            f"{KEPT_FOR.days} days after the change.",
        ],
    }


def _ended(row: CustomDomain) -> dict[str, Any]:
    return {
        "subject": f"{row.hostname} has stopped answering",
        "paragraphs": [
            f"DNS for {row.hostname} has been wrong for {KEPT_FOR.days} days, so it no longer shows your dashboard.",
            "It is still listed under Settings, and answers again as soon as its records are right.",
        ],
    }


async def _row(session: AsyncSession, domain_id: int) -> CustomDomain:
    query = select(CustomDomain).where(col(CustomDomain.id) == domain_id)
    row = (await session.scalars(query)).one_or_none()
    if row is None:
        raise NotFoundError("This domain")
    return row


async def _take_away(session: AsyncSession, row: CustomDomain) -> None:
    ours = (col(TenantHost.hostname) == row.hostname, col(TenantHost.tenant_id) == row.tenant_id)
    await session.execute(delete(TenantHost).where(*ours, col(TenantHost.is_custom)))
    await touch_tenant(session, row.tenant_id)


async def _check_room(session: AsyncSession, hostname: str) -> None:
    count = await session.scalar(select(func.count()).select_from(CustomDomain))
    if (count or 0) >= MOST:
        raise ConflictError(f"There are {MOST} domains already; remove one first.")
    if await session.scalar(select(col(CustomDomain.id)).where(col(CustomDomain.hostname) == hostname)):
        raise ConflictError(f"Hostname: {hostname} is in the list already.")
    host = await session.get(TenantHost, hostname)
    if host is not None and host.tenant_id == current_tenant_id():
        raise ConflictError(f"Hostname: you answer at {hostname} already.")

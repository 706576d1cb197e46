"""The one place that turns a hostname into a tenant. Held in memory; unknown hosts are nobody's."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.tenants.hostnames import bare_host
from models import Tenant, TenantHost
from models.db import Database

__all__ = ["TenantDirectory", "TenantInfo", "bare_host", "create_tenant", "touch_tenant"]
log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 2.0
"""For what another process changed."""


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """What pages and services know of a tenant."""

    id: int
    key: str
    name: str
    currency: str
    time_zone: str
    locale: str
    brand: dict[str, Any] = field(hash=False)
    hosts: tuple[str, ...]
    map_latitude: float
    map_longitude: float
    map_zoom: int
    main_host: str = ""
    """The hostname that links lead to."""
    redirects: bool = False
    """Whether its other hostnames lead to the main one."""
    postal_address: str = ""
    legal_text: str = ""
    support_phone: str = ""
    support_email: str = ""


class TenantDirectory:
    """All tenants by host and by id. `load()` at start and after a change; started, it sees what other processes
    changed. A tenant answers to its hosts and, unless somebody else has that name, to `<key>.<platform domain>`."""

    def __init__(self, database: Database, platform_domain: str = "") -> None:
        self._database = database
        self._domain = platform_domain
        self._mark: tuple[int, int] | None = None
        self._asked_at = 0.0
        self._by_id: dict[int, TenantInfo] = {}
        self._by_host: dict[str, TenantInfo] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin looking for changes of other processes."""
        self._task = asyncio.create_task(self._look_forever(), name="tenant directory")

    async def stop(self) -> None:
        """Stop looking."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def load(self) -> None:
        """Read tenants and hosts anew."""
        async with self._database.reading() as session:
            mark = await _mark(session)
            tenants = (await session.execute(select(Tenant).order_by(col(Tenant.id)))).scalars().all()
            hosts = (await session.execute(select(TenantHost).order_by(col(TenantHost.hostname)))).scalars().all()
        taken = {host.hostname for host in hosts}
        infos = [
            _info(tenant, [host for host in hosts if host.tenant_id == tenant.id], self._slug_host(tenant, taken))
            for tenant in tenants
        ]
        self._by_id = {info.id: info for info in infos}
        self._by_host = {host: info for info in infos for host in info.hosts}
        self._mark = mark

    async def refresh(self) -> None:
        """Read anew if anything changed since."""
        async with self._database.reading() as session:
            mark = await _mark(session)
        if mark != self._mark:
            await self.load()

    async def look_again(self, host: str | None) -> TenantInfo | None:
        """As `by_host`, for a name that was nobody's: another process may just have made it somebody's.

        Strangers' names are many, so the database is asked at most once a second.
        """
        now = asyncio.get_running_loop().time()
        if now - self._asked_at >= 1.0:
            self._asked_at = now
            await self.refresh()
        return self.by_host(host)

    def by_host(self, host: str | None) -> TenantInfo | None:
        """The tenant that answers to this Host header, port and case aside; None for a stranger's or none at all."""
        return None if not host else self._by_host.get(bare_host(host))

    def by_id(self, tenant_id: int) -> TenantInfo | None:
        """The tenant of this id."""
        return self._by_id.get(tenant_id)

    def all(self) -> Sequence[TenantInfo]:
        """Every tenant, in order of id."""
        return sorted(self._by_id.values(), key=lambda info: info.id)

    def slug_host(self, key: str) -> str:
        """The hostname of a slug: `<key>.<platform domain>`."""
        return f"{key}.{self._domain}"

    def _slug_host(self, tenant: Tenant, taken: set[str]) -> str:
        name = self.slug_host(tenant.key)
        return name if self._domain and name not in taken else ""

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.refresh()
            except Exception:
                log.exception("tenants could not be read; the known ones stay")


async def _mark(session: AsyncSession) -> tuple[int, int]:
    """Two numbers of which one differs after every change of a tenant or its hosts."""
    found = await session.execute(select(func.count(), func.coalesce(func.sum(col(Tenant.revision)), 0)))
    count, revisions = found.one()
    return count, revisions


async def touch_tenant(session: AsyncSession, tenant_id: int) -> None:
    """Let every process read this tenant anew: for changes in its hosts, which its own row does not show."""
    await session.execute(
        update(Tenant).where(col(Tenant.id) == tenant_id).values(revision=col(Tenant.revision) + 1),
        execution_options={"synchronize_session": False},
    )


async def create_tenant(
    session: AsyncSession,
    *,
    key: str,
    name: str,
    currency: str,
    time_zone: str,
    hosts: Sequence[str],
    now: datetime,
    locale: str = "en",
    brand: dict[str, Any] | None = None,
    map_latitude: float = 50.0,
    map_longitude: float = 10.0,
    map_zoom: int = 5,
    postal_address: str = "",
    legal_text: str = "",
) -> Tenant:
    """Add a tenant and the hostnames it answers to; key and hostnames must be new on the platform."""
    tenant = Tenant(
        key=key,
        name=name,
        currency=currency,
        time_zone=time_zone,
        locale=locale,
        brand=brand or {},
        map_latitude=map_latitude,
        map_longitude=map_longitude,
        map_zoom=map_zoom,
        created_at=now,
        postal_address=postal_address,
        legal_text=legal_text,
    )
    session.add(tenant)
    await session.flush()
    assert tenant.id is not None  # noqa: S101 - the flush has numbered it
    session.add_all([TenantHost(hostname=bare_host(host), tenant_id=tenant.id) for host in hosts])
    await session.flush()
    return tenant


def _info(tenant: Tenant, rows: Sequence[TenantHost], slug_host: str) -> TenantInfo:
    assert tenant.id is not None  # noqa: S101 - it was read
    given = [row.hostname for row in rows if not row.is_custom] + ([slug_host] if slug_host else [])
    custom = [row.hostname for row in rows if row.is_custom]
    usable = set(given) | {row.hostname for row in rows if not row.is_lost}
    main = tenant.main_hostname if tenant.main_hostname in usable else next(iter(given or custom), "")
    return TenantInfo(
        id=tenant.id,
        key=tenant.key,
        name=tenant.name,
        currency=tenant.currency,
        time_zone=tenant.time_zone,
        locale=tenant.locale,
        brand=tenant.brand,
        hosts=tuple(sorted([*given, *custom])),
        map_latitude=tenant.map_latitude,
        map_longitude=tenant.map_longitude,
        map_zoom=tenant.map_zoom,
        main_host=main,
        redirects=tenant.redirects,
        postal_address=tenant.postal_address,
        legal_text=tenant.legal_text,
        support_phone=tenant.support_phone,
        support_email=tenant.support_email,
    )

"""The one place that turns a hostname into a tenant. Held in memory; unknown hosts are nobody's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Tenant, TenantHost
from models.db import Database


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


class TenantDirectory:
    """All tenants by host and by id; `load()` at start and after a change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_id: dict[int, TenantInfo] = {}
        self._by_host: dict[str, TenantInfo] = {}

    async def load(self) -> None:
        """Read tenants and hosts anew."""
        async with self._database.reading() as session:
            tenants = (await session.execute(select(Tenant))).scalars().all()
            hosts = (await session.execute(select(TenantHost))).scalars().all()
        infos = [_info(tenant, [host.hostname for host in hosts if host.tenant_id == tenant.id]) for tenant in tenants]
        self._by_id = {info.id: info for info in infos}
        self._by_host = {host: info for info in infos for host in info.hosts}

    def by_host(self, host: str | None) -> TenantInfo | None:
        """The tenant that answers to this Host header, port and case aside; None for a stranger's or none at all."""
        return None if not host else self._by_host.get(bare_host(host))

    def by_id(self, tenant_id: int) -> TenantInfo | None:
        """The tenant of this id."""
        return self._by_id.get(tenant_id)

    def all(self) -> Sequence[TenantInfo]:
        """Every tenant, in order of id."""
        return sorted(self._by_id.values(), key=lambda info: info.id)


def bare_host(host: str) -> str:
    """A Host header's name alone: no port, lower case, no trailing dot."""
    name = host.strip()
    if name.startswith("["):  # an IPv6 literal has colons of its own
        return name.partition("]")[0].casefold() + "]"
    return name.partition(":")[0].rstrip(".").casefold()


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
    )
    session.add(tenant)
    await session.flush()
    assert tenant.id is not None  # noqa: S101 - the flush has numbered it
    session.add_all([TenantHost(hostname=bare_host(host), tenant_id=tenant.id) for host in hosts])
    await session.flush()
    return tenant


def _info(tenant: Tenant, hosts: list[str]) -> TenantInfo:
    assert tenant.id is not None  # noqa: S101 - it was read
    return TenantInfo(
        id=tenant.id,
        key=tenant.key,
        name=tenant.name,
        currency=tenant.currency,
        time_zone=tenant.time_zone,
        locale=tenant.locale,
        brand=tenant.brand,
        hosts=tuple(sorted(hosts)),
        map_latitude=tenant.map_latitude,
        map_longitude=tenant.map_longitude,
        map_zoom=tenant.map_zoom,
    )

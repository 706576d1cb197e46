"""Notes chargers that nobody registered where the host or path they came by names a tenant; folded, bounded, quiet.

What strangers can cause is little: one row per identity, few new identities per address and tenant in ten minutes,
written together a few times a second at most.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, replace
from typing import Any

from websockets.datastructures import Headers

from csms.clock import Clock
from csms.stations.knocking import KnockReport, record_knocks
from csms.tenants.directory import TenantDirectory
from csms.work import Committer
from models.scope import platform_scope

WRITE_AFTER_S = 0.2
WINDOW_S = 600.0
NEW_PER_ADDRESS = 10
NEW_PER_TENANT = 100

_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Who knocked, as far as the handshake tells."""

    identity: str
    address: str
    user_agent: str
    offered: str
    password_digest: str | None


class Knocking:
    """Take note with `knocked`; what is over the bounds is left out."""

    def __init__(
        self,
        directory: TenantDirectory | None,
        committer: Committer,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, Any]], object],
    ) -> None:
        """Without a directory no host is anybody's, and nothing is noted."""
        self._directory = directory
        self._committer = committer
        self._clock = clock
        self._spawn = spawn
        self._pending: dict[_Key, KnockReport] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._since = clock.monotonic()
        self._known: set[_Key] = set()
        self._of_address: dict[str, int] = {}
        self._of_tenant: dict[int, int] = {}

    def door_of(self, headers: Headers, path: str) -> int | None:
        """The tenant whose door this is: named by the path before the identity, else by the host. None: nobody's."""
        if self._directory is None:
            return None
        segments = [segment for segment in path.partition("?")[0].split("/") if segment]
        for tenant in self._directory.all():
            if len(segments) > 1 and segments[-2] == tenant.key:
                return tenant.id
        hosts = headers.get_all("Host")
        tenant = self._directory.by_host(hosts[0]) if len(hosts) == 1 else None
        return None if tenant is None else tenant.id

    def knocked(self, tenant_id: int, stranger: Stranger) -> None:
        """A charger that nobody registered is at this tenant's door."""
        key = (tenant_id, stranger.identity.casefold())
        if not self._is_within_bounds(key, stranger.address):
            return
        now = self._clock.now()
        report = KnockReport(
            tenant_id,
            stranger.identity,
            now,
            now,
            stranger.address,
            stranger.user_agent,
            stranger.offered,
            stranger.password_digest,
        )
        before = self._pending.get(key)
        if before is not None:
            report = replace(report, first_at=before.first_at, count=before.count + 1)
        self._pending[key] = report
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WRITE_AFTER_S, self.flush, context=Context())

    def flush(self) -> None:
        """Write what is pending, in the background."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        reports = list(self._pending.values())
        self._pending.clear()
        if reports:
            with platform_scope():
                self._spawn(self._committer.run(lambda work: record_knocks(work, reports)))

    def _is_within_bounds(self, key: _Key, address: str) -> bool:
        now = self._clock.monotonic()
        if now - self._since >= WINDOW_S:
            self._since = now
            self._known.clear()
            self._of_address.clear()
            self._of_tenant.clear()
        if key in self._known:
            return True
        of_address, of_tenant = self._of_address.get(address, 0), self._of_tenant.get(key[0], 0)
        if of_address >= NEW_PER_ADDRESS or of_tenant >= NEW_PER_TENANT:
            return False
        self._known.add(key)
        self._of_address[address] = of_address + 1
        self._of_tenant[key[0]] = of_tenant + 1
        return True

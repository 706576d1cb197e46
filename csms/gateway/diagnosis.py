"""Collects failed handshakes for the connection doctor: folded in memory, written a few times a second at most.

Whoever fails is a stranger, and strangers may be many and busy. In ten minutes no more than a bounded number of rows is
begun: an address that tries many identities, and a name tried from many addresses, share one row; beyond a total
all strangers do.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import replace
from typing import Any

from csms.clock import Clock
from csms.stations.doctor import Cause, FailureReport, record_failures
from csms.work import Committer
from models.scope import platform_scope

WRITE_AFTER_S = 0.2
WINDOW_S = 600.0
KINDS_PER_ADDRESS = 20
ADDRESSES_PER_IDENTITY = 20
KINDS_IN_ALL = 500

_Key = tuple[str, str, str]


class Diagnosis:
    """Take note of failures with `failed`; they are written in batches."""

    def __init__(self, committer: Committer, clock: Clock, spawn: Callable[[Coroutine[Any, Any, Any]], object]) -> None:
        self._committer = committer
        self._clock = clock
        self._spawn = spawn
        self._pending: dict[_Key, FailureReport] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._since = clock.monotonic()
        self._known: set[_Key] = set()
        self._of_address: dict[str, int] = {}
        self._of_identity: dict[str, int] = {}

    def failed(self, cause: Cause, **texts: Any) -> None:
        """A handshake failed; keywords as FailureReport has them. Never a password among them."""
        now = self._clock.now()
        report = self._folded(FailureReport(cause, now, now, **texts))
        key = (report.cause, report.identity, report.address)
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
                self._spawn(self._committer.run(lambda work: record_failures(work, reports)))

    def _folded(self, report: FailureReport) -> FailureReport:
        """The report, without what would begin too many rows."""
        now = self._clock.monotonic()
        if now - self._since >= WINDOW_S:
            self._since = now
            self._known.clear()
            self._of_address.clear()
            self._of_identity.clear()
        key = (report.cause, report.identity, report.address)
        if key in self._known:
            return report
        if len(self._known) >= KINDS_IN_ALL:
            return replace(report, identity="", address="", tenant_id=None, station_id=None)
        if report.tenant_id is None and self._of_address.get(report.address, 0) >= KINDS_PER_ADDRESS:
            return replace(report, identity="")
        if self._of_identity.get(report.identity, 0) >= ADDRESSES_PER_IDENTITY:
            return replace(report, address="")
        self._known.add(key)
        self._of_address[report.address] = self._of_address.get(report.address, 0) + 1
        self._of_identity[report.identity] = self._of_identity.get(report.identity, 0) + 1
        return report

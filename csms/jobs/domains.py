"""Looks after custom domains while nobody looks on: asks DNS every few minutes, and acts on what it says."""

import asyncio
import contextlib

import structlog

from csms.tenants.domains import Domains

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 15.0
"""For domains whose time has come; csms.tenants.domain_state says when that is."""


class DomainWatch:
    """Runs while started; several workers share the domains."""

    def __init__(self, domains: Domains) -> None:
        self._domains = domains
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin looking."""
        self._task = asyncio.create_task(self._look_forever(), name="domain watch")

    async def stop(self) -> None:
        """Stop looking."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _look_forever(self) -> None:
        while True:
            try:
                await self._domains.check_due()
            except Exception:
                log.exception("domains could not be checked; they are looked at again")
            await asyncio.sleep(LOOK_EVERY_S)

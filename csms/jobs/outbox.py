"""Meets obligations: claims rows of the outbox, hands each to what can meet it, and tries again with growing pauses.

Several workers may run at once: a claim is an UPDATE that nobody else's claim overlaps. A worker that dies leaves its
lease, which runs out. So an obligation is met at least once; handlers bear being called twice.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete, or_, select, update
from sqlmodel import col

from csms import metrics
from csms.cause import because_of, new_cause
from csms.clock import Clock
from csms.errors import UndeliverableError
from csms.obligations import Obligation, obligation_from
from csms.work import Committer, Work
from models import OutboxEntry
from models.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)
AT_ONCE = 8
LEASE = timedelta(minutes=5)
PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600))
"""Before the second, third, … attempt; after the last one it is given up."""
KEEP_DONE = timedelta(days=7)
SWEEP_EVERY_S = 3600.0
LOOK_EVERY_S = 5.0
"""For what another process owes and for what is due again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An obligation as handed to its handler."""

    id: int
    tenant_id: int | None
    attempts: int
    """How often it was tried before."""
    kind: str
    payload: dict[str, Any]
    cause_id: str | None


Handler = Callable[[Any, Claim], Awaitable[None]]
"""Meets one kind of obligation. Runs in its tenant's scope; raises UndeliverableError when trying again is no use."""


class Outbox:
    """The worker. `handlers` by kind of obligation."""

    def __init__(self, committer: Committer, clock: Clock, handlers: Mapping[type[Obligation], Handler]) -> None:
        self._committer = committer
        self._clock = clock
        self._handlers = dict(handlers)
        self._wake = asyncio.Event()
        self._swept_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        committer.on_owed(self._wake.set)

    def start(self) -> None:
        """Begin meeting obligations, with those that an earlier process left."""
        self._wake.set()
        self._task = asyncio.create_task(self._work_forever(), name="outbox")

    async def stop(self) -> None:
        """Stop; what was begun is tried again when its lease has run out."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def meet_due(self) -> int:
        """Meet everything that is due now; returns how many were tried."""
        tried = 0
        while claims := await self._run(self._claim):
            await asyncio.gather(*(self._meet(claim) for claim in claims))
            tried += len(claims)
        return tried

    async def sweep(self) -> None:
        """Delete what was done long ago."""
        old = delete(OutboxEntry).where(col(OutboxEntry.done_at) < self._clock.now() - KEEP_DONE)
        await self._run(lambda work: work.session().execute(old))

    async def _work_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)
            self._wake.clear()
            try:
                await self.meet_due()
                await self._sweep_now_and_then()
            except Exception:
                log.exception("obligations could not be claimed; they are looked for again")

    async def _sweep_now_and_then(self) -> None:
        now = self._clock.monotonic()
        if self._swept_at is None or now - self._swept_at > SWEEP_EVERY_S:
            self._swept_at = now
            await self.sweep()

    async def _run(self, unit: Callable[[Work], Any]) -> Any:
        with platform_scope():
            return await self._committer.run(unit)

    async def _claim(self, work: Work) -> list[Claim]:
        now = self._clock.now()
        due = (
            select(col(OutboxEntry.id))
            .where(
                col(OutboxEntry.due_at) <= now,
                or_(col(OutboxEntry.leased_until).is_(None), col(OutboxEntry.leased_until) <= now),
            )
            .order_by(col(OutboxEntry.due_at))
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        ids = (await work.session().scalars(due)).all()
        if not ids:
            return []
        claimed = await work.session().scalars(
            update(OutboxEntry)
            .where(col(OutboxEntry.id).in_(ids))
            .values(leased_until=now + LEASE)
            .returning(OutboxEntry)
            .execution_options(synchronize_session=False)
        )
        return [Claim(row.id or 0, row.tenant_id, row.attempts, row.kind, row.payload, row.cause_id) for row in claimed]

    async def _meet(self, claim: Claim) -> None:
        try:
            with tenant_scope(claim.tenant_id or 0), because_of(claim.cause_id or new_cause()):
                obligation = obligation_from(claim.kind, claim.payload)
                await self._handlers[type(obligation)](obligation, claim)
        except Exception as error:
            await self._failed(claim, error)
        else:
            metrics.obligations.labels(claim.kind, "met").inc()
            now = self._clock.now()
            await self._settle(claim, due_at=None, done_at=now, payload={}, last_error="")

    async def _failed(self, claim: Claim, error: Exception) -> None:
        hopeless = isinstance(error, UndeliverableError | KeyError) or claim.attempts >= len(PAUSES)
        now, words = self._clock.now(), f"{type(error).__name__}: {error}"[:500]
        if hopeless:
            log.error("obligation given up", kind=claim.kind, tenant=claim.tenant_id, error=words)
            metrics.obligations.labels(claim.kind, "given_up").inc()
            await self._settle(claim, due_at=None, dead_at=now, last_error=words)
        else:
            log.warning("obligation will be tried again", kind=claim.kind, tenant=claim.tenant_id, error=words)
            metrics.obligations.labels(claim.kind, "failed").inc()
            await self._settle(claim, due_at=now + PAUSES[claim.attempts], last_error=words)

    async def _settle(self, claim: Claim, **values: Any) -> None:
        values |= {"leased_until": None, "attempts": claim.attempts + 1}
        change = update(OutboxEntry).where(col(OutboxEntry.id) == claim.id).values(**values)
        await self._run(lambda work: work.session().execute(change))

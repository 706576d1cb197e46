"""Ends sessions in good order when what their card, driver or group may use is used up.

A 2.1 station was told its limit and ends the session itself; it is given one more meter value to do so.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from sqlmodel import col, select

from csms.automation.service import Hands
from csms.bus.bus import Bus
from csms.bus.events import TokensChanged, TransactionEnded, TransactionStarted, TransactionUpdated
from csms.cause import because_of, new_cause
from csms.stations.service import EventReport, record_event
from csms.transactions.overrun import Verdict, overrun
from models import Severity, Transaction
from models.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)
KIND = "transaction.limit_reached"
AGAIN_AFTER_S = 60.0
"""A station that did not stop is asked again."""


class LimitGuard:
    """Looks at each session when its meter is first told, and at every meter value of those that have limits."""

    def __init__(self) -> None:
        self._watched: set[int] = set()
        self._busy: set[int] = set()
        self._next: dict[int, TransactionUpdated] = {}
        self._warned: set[int] = set()
        self._asked_at: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._leave: list[Callable[[], None]] = []

    def start(self, bus: Bus, hands: Hands) -> None:
        """Begin to watch, also what runs already."""
        self._hands = hands
        self._leave = [
            bus.subscribe(TransactionStarted, lambda event: self._watched.add(event.transaction_id)),
            bus.subscribe(TransactionUpdated, self._updated),
            bus.subscribe(TransactionEnded, lambda event: self._forget(event.transaction_id)),
            bus.subscribe(TokensChanged, lambda event: self._spawn(self._watch_open(event.tenant_id))),
        ]
        self._spawn(self._watch_open(None))

    async def stop(self) -> None:
        """Watch no more."""
        while self._leave:
            self._leave.pop()()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _updated(self, event: TransactionUpdated) -> None:
        number = event.transaction_id
        if number in self._busy:
            self._next[number] = event  # the newest of those that come while one is looked at
        elif number in self._watched:
            self._busy.add(number)
            self._spawn(self._look(event))

    def _forget(self, transaction_id: int) -> None:
        self._watched.discard(transaction_id)
        self._warned.discard(transaction_id)
        self._asked_at.pop(transaction_id, None)

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch_open(self, tenant_id: int | None) -> None:
        """Limits may be new: look at every open session again."""
        query = select(col(Transaction.id)).where(col(Transaction.is_open))
        with platform_scope() if tenant_id is None else tenant_scope(tenant_id):
            async with self._hands.database.reading() as session:
                self._watched.update(number or 0 for number in (await session.scalars(query)).all())

    async def _look(self, event: TransactionUpdated) -> None:
        try:
            with tenant_scope(event.tenant_id), because_of(new_cause()):
                async with self._hands.database.reading() as session:
                    verdict = await overrun(session, event.transaction_id, self._hands.clock.now())
                if verdict is None or not verdict.is_limited:
                    self._forget(event.transaction_id)
                elif verdict.reason is not None:
                    await self._end(event, verdict, verdict.reason)
        except Exception:
            log.exception("a limit could not be looked at", transaction_id=event.transaction_id)
        finally:
            self._busy.discard(event.transaction_id)
            if (newer := self._next.pop(event.transaction_id, None)) is not None:
                self._updated(newer)

    async def _end(self, event: TransactionUpdated, verdict: Verdict, reason: str) -> None:
        number, now = event.transaction_id, self._hands.clock.monotonic()
        if verdict.is_told and number not in self._warned:
            self._warned.add(number)
            return
        asked_at = self._asked_at.get(number)
        if asked_at is not None and now - asked_at < AGAIN_AFTER_S:
            return
        self._asked_at[number] = now
        if asked_at is None:
            text = f"Session {number} is being ended: {reason}"
            report = EventReport(KIND, Severity.INFO, text, self._hands.clock.now(), verdict.evse_number)
            await self._hands.committer.run(lambda work: record_event(work, verdict.ref, report))
        await self._hands.commands.request_stop(self._hands.actor(event.tenant_id), number)

"""Keeps stations' local lists in step with the tenant's tokens (D01, D02).

Changes are gathered for a quiet moment, then every station that is behind and online gets what differs, by the door
that people use. Who is offline catches up after it has come back; who failed is tried again later.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import distinct
from sqlmodel import col, select

from csms.authorization.keeping import NO_LISTS, ListState, list_states, note_sync
from csms.authorization.revision import tokens_changed
from csms.automation.service import Hands
from csms.bus.bus import Bus
from csms.bus.events import Event, LocalListChanged, StationBooted, StationConnected, TokensChanged, VariablesReported
from csms.cause import because_of, new_cause
from models import AuthorizationPolicy, IdToken
from models.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)
AT_A_TIME = 8
"""Stations that are brought up to date together; a fleet of thousands takes its time."""
MOST_PATIENCE = 6
"""Quiet periods after which changes that never end are sent all the same."""


class ListKeeper:
    """`quiet_s`: how long nothing may change before lists are sent; `retry_s`: between tries of a station."""

    def __init__(self, quiet_s: float, retry_s: float) -> None:
        self._quiet_s = quiet_s
        self._retry_s = retry_s
        self._timers: dict[tuple[str, int], asyncio.TimerHandle] = {}
        self._since: dict[tuple[str, int], float] = {}
        self._syncing: set[int] = set()
        self._turns = asyncio.Semaphore(AT_A_TIME)
        self._tasks: set[asyncio.Task[None]] = set()
        self._leave: list[Callable[[], None]] = []

    def start(self, bus: Bus, hands: Hands) -> None:
        """Begin to listen, and to look after those that are behind."""
        self._hands = hands
        self._leave = [
            bus.subscribe(TokensChanged, self._tokens_changed),
            *(bus.subscribe(kind, self._station_came) for kind in (StationBooted, StationConnected, VariablesReported)),
            bus.subscribe(LocalListChanged, self._list_changed),
        ]
        self._spawn(self._look_forever())

    async def stop(self) -> None:
        """Listen no more and give up what is under way."""
        while self._leave:
            self._leave.pop()()
        for timer in self._timers.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _tokens_changed(self, event: TokensChanged) -> None:
        self._soon(("tenant", event.tenant_id), lambda: self._bring_tenant(event.tenant_id))

    def _station_came(self, event: Event) -> None:
        self._soon(("station", event.station_id), lambda: self._bring_one(event.tenant_id, event.station_id))

    def _list_changed(self, event: LocalListChanged) -> None:
        """An operator may have decided that the list is to be kept; what we did ourselves needs no second look."""
        if event.station_id not in self._syncing:
            self._station_came(event)

    def _soon(self, key: tuple[str, int], job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it when nothing of the kind has happened for a while, or has happened for long."""
        loop = asyncio.get_running_loop()
        waiting = self._timers.pop(key, None)
        if waiting is not None:
            waiting.cancel()
        now = loop.time()
        since = self._since.setdefault(key, now)
        wait_s = min(self._quiet_s, max(0.0, since + MOST_PATIENCE * self._quiet_s - now))

        def begin() -> None:
            self._timers.pop(key, None)
            self._since.pop(key, None)
            self._spawn(job())

        self._timers[key] = loop.call_later(wait_s, begin)

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bring_tenant(self, tenant_id: int) -> None:
        try:
            with tenant_scope(tenant_id):
                async with self._hands.database.reading() as session:
                    behind = [state for state in await list_states(session) if _can_be_brought(state)]
            await asyncio.gather(*(self._bring(tenant_id, state) for state in behind))
        except Exception:
            log.exception("local lists could not be looked at", tenant_id=tenant_id)

    async def _bring_one(self, tenant_id: int, station_id: int) -> None:
        try:
            with tenant_scope(tenant_id):
                async with self._hands.database.reading() as session:
                    states = await list_states(session, station_id)
            for state in states:
                if _can_be_brought(state):
                    await self._bring(tenant_id, state)
        except Exception:
            log.exception("a local list could not be looked at", station_id=station_id)

    async def _bring(self, tenant_id: int, state: ListState) -> None:
        if state.station_id in self._syncing:
            return
        self._syncing.add(state.station_id)
        try:
            async with self._turns:
                with tenant_scope(tenant_id), because_of(new_cause()):
                    await self._sync(tenant_id, state)
        except Exception:
            log.exception("a local list could not be brought up to date", station_id=state.station_id)
        finally:
            self._syncing.discard(state.station_id)

    async def _sync(self, tenant_id: int, state: ListState) -> None:
        """What changes meanwhile raises the revision beyond ours, so nothing is missed."""
        station_id, revision = state.station_id, state.revision
        result = await self._hands.commands.update_local_list(self._hands.actor(tenant_id), station_id)
        left_out, error, at = len(result.left_out), result.error, self._hands.clock.now()
        await self._hands.committer.run(
            lambda work: note_sync(work, tenant_id, station_id, revision, left_out, error, at)
        )

    async def _look_forever(self) -> None:
        """Whatever was missed: a restart, a station that failed, a card that became good by the passing of time."""
        last = self._hands.clock.now()
        while True:
            await asyncio.sleep(self._retry_s)
            try:
                now = self._hands.clock.now()
                await self._count_new_validity(last, now)
                last = now
                for tenant_id in await self._tenants():
                    await self._bring_tenant(tenant_id)
            except Exception:
                log.exception("local lists could not be looked after; it is tried again")

    async def _tenants(self) -> list[int]:
        """Those who ever changed a token."""
        query = select(col(AuthorizationPolicy.tenant_id)).where(col(AuthorizationPolicy.list_revision) > 0)
        with platform_scope():
            async with self._hands.database.reading() as session:
                return list((await session.scalars(query)).all())

    async def _count_new_validity(self, since: datetime, now: datetime) -> None:
        begun = col(IdToken.valid_from).between(since + timedelta(microseconds=1), now)
        with platform_scope():
            async with self._hands.database.reading() as session:
                tenants = (await session.scalars(select(distinct(col(IdToken.tenant_id))).where(begun))).all()
        for tenant_id in tenants:
            with tenant_scope(tenant_id):
                await self._hands.committer.run(lambda work, of=tenant_id: tokens_changed(work, of, now))


def _can_be_brought(state: ListState) -> bool:
    return state.is_behind and state.is_online and state.is_registered and state.version != NO_LISTS

"""Looks once a minute where statuses and sessions contradict each other: an alert, and a question (DS_40).

Truth does not hang on it: who asks csms.transactions.lost finds the same without any sweep.
"""

import asyncio
import contextlib
from collections import defaultdict

import structlog
from sqlmodel import col, select

from csms.access.policy import Actor
from csms.clock import Clock
from csms.commands.commands import TriggerMessage
from csms.commands.service import Commands
from csms.stations.history import ALERT, clear_alerts, raise_alert
from csms.stations.ref import StationRef
from csms.stations.reports import EventReport
from csms.transactions.contradictions import PREFIX, Contradiction, contradictions, station_ref
from csms.work import Committer, Work
from models import Role, Severity, StationEvent
from models.db import Database
from models.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)


class Contradictions:
    """Sweeps every minute while started."""

    def __init__(
        self, database: Database, committer: Committer, commands: Commands, clock: Clock, pause_s: float = 60
    ) -> None:
        self._database = database
        self._committer = committer
        self._commands = commands
        self._clock = clock
        self._pause_s = pause_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin sweeping."""
        self._task = asyncio.create_task(self._sweep_forever(), name="contradictions")

    async def stop(self) -> None:
        """Stop sweeping."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def sweep(self) -> None:
        """Raise an alert for each new contradiction and ask its station; end the alerts of those that passed."""
        with platform_scope():
            async with self._database.reading() as session:
                found = await contradictions(session, self._clock.now())
                raised = await self._raised()
        now_known = {(each.station_id, each.source) for each in found}
        for station_id, source in raised - now_known:
            await self._clear(station_id, source)
        new: dict[int, list[Contradiction]] = defaultdict(list)
        for each in found:
            if (each.station_id, each.source) not in raised:
                new[each.station_id].append(each)
        for station_id, those in new.items():
            await self._raise(station_id, those)
        for station_id, those in new.items():
            await self._ask(station_id, those[0])

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._pause_s)
            try:
                await self.sweep()
            except Exception:
                log.exception("contradictions could not be looked for; it is tried again in a minute")

    async def _raised(self) -> set[tuple[int, str]]:
        query = select(StationEvent).where(
            col(StationEvent.kind) == ALERT,
            col(StationEvent.resolved_at).is_(None),
            col(StationEvent.source).startswith(PREFIX),
        )
        async with self._database.reading() as session:
            return {(row.station_id, row.source) for row in (await session.execute(query)).scalars()}

    async def _clear(self, station_id: int, source: str) -> None:
        ref = await self._ref(station_id)
        with tenant_scope(ref.tenant_id):
            await self._committer.run(lambda work: clear_alerts(work, ref, source, self._clock.now()))

    async def _raise(self, station_id: int, those: list[Contradiction]) -> None:
        ref = await self._ref(station_id)
        with tenant_scope(ref.tenant_id):
            await self._committer.run(lambda work: self._write(work, ref, those))

    async def _write(self, work: Work, ref: StationRef, those: list[Contradiction]) -> None:
        for each in those:
            where = (each.evse_number, each.connector_number)
            alert = EventReport(ALERT, Severity.WARNING, each.text, self._clock.now(), *where, {}, each.source)
            await raise_alert(work, ref, alert)

    async def _ask(self, station_id: int, about: Contradiction) -> None:
        """For its status now, in case one was lost."""
        actor = Actor(user_id=None, name="Voltdeck", email="", tenant_id=about.tenant_id, role=Role.ADMIN)
        asked = TriggerMessage("StatusNotification", about.evse_number, about.connector_number)
        await self._commands.request(actor, station_id, asked)

    async def _ref(self, station_id: int) -> StationRef:
        with platform_scope():
            async with self._database.reading() as session:
                return await station_ref(session, station_id)

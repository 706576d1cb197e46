"""Deletes what has had its time, a little at a time: frames, sign-ins, customer information, unknown cards."""

import asyncio
import contextlib
from datetime import timedelta

import structlog
from sqlalchemy import delete
from sqlmodel import col, select

from csms.access.leftovers import delete_leftovers
from csms.authorization.sightings import delete_old_sightings
from csms.clock import Clock
from csms.config import Settings
from csms.jobs.frame_size import last_beyond
from csms.maintenance.service import delete_old_texts
from csms.stations.doctor import delete_old_failures
from csms.stations.knocking import delete_old_knocks
from csms.tenants.signing_up import delete_old
from csms.work import Committer, Work
from models import Frame, SignInSession
from models.scope import platform_scope

log = structlog.get_logger(__name__)
FRAMES_PER_COMMIT = 2_000
"""Small enough that stations do not notice the commit."""


class Retention:
    """Sweeps every hour while started."""

    def __init__(self, committer: Committer, clock: Clock, settings: Settings, pause_s: float = 3600) -> None:
        self._committer = committer
        self._clock = clock
        self._keep_frames = timedelta(days=settings.frame_retention_days)
        self._keep_customers = timedelta(days=settings.customer_information_days)
        self._most_bytes = settings.frame_retention_mb * 1_000_000
        self._keep_failures = timedelta(days=settings.failure_retention_days)
        self._keep_sightings = timedelta(days=settings.unknown_card_days)
        self._pause_s = pause_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin sweeping."""
        self._task = asyncio.create_task(self._sweep_forever(), name="retention")

    async def stop(self) -> None:
        """Stop sweeping."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def sweep(self) -> int:
        """Delete what has had its time; returns how many frames went."""
        with platform_scope():
            await self._committer.run(self._delete_sign_ins)
            await self._committer.run(lambda work: delete_leftovers(work, self._clock.now()))
            await self._committer.run(lambda work: delete_old(work, self._clock.now()))
            await self._committer.run(lambda work: delete_old_failures(work, self._clock.now() - self._keep_failures))
            await self._committer.run(lambda work: delete_old_knocks(work, self._clock.now() - self._keep_failures))
            await self._committer.run(lambda work: delete_old_texts(work, self._clock.now() - self._keep_customers))
            await self._committer.run(lambda work: delete_old_sightings(work, self._clock.now() - self._keep_sightings))
            gone = 0
            while deleted := await self._committer.run(self._delete_frames):
                gone += deleted
            return gone

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("retention sweep failed; it is tried again in an hour")
            await asyncio.sleep(self._pause_s)

    async def _delete_sign_ins(self, work: Work) -> None:
        await work.session().execute(delete(SignInSession).where(col(SignInSession.expires_at) < self._clock.now()))

    async def _delete_frames(self, work: Work) -> int:
        """Frames are numbered as they come, so the oldest are found by their ids, without an index on the time."""
        session = work.session()
        oldest = select(Frame.id, Frame.at).order_by(col(Frame.id)).limit(FRAMES_PER_COMMIT)
        cutoff = self._clock.now() - self._keep_frames
        too_many_until = await last_beyond(session, self._most_bytes)
        found = (await session.execute(oldest)).all()
        ids = [frame_id for frame_id, at in found if at < cutoff or (frame_id or 0) <= too_many_until]
        if ids:
            await session.execute(delete(Frame).where(col(Frame.id).in_(ids)))
        return len(ids)

"""Verbs of acceptance checks: begun, given up; run in the background, each step written as it comes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlmodel import col

from csms.acceptance import acting, looking
from csms.acceptance.steps import STEPS, FailedError, Limits, SkippedError, Wishes
from csms.acceptance.trial import Trial
from csms.acceptance.watching import Watch
from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.bus.bus import Bus
from csms.bus.events import AcceptanceChecked
from csms.cause import current_cause
from csms.clock import Clock
from csms.commands.service import Commands
from csms.errors import ConflictError, NotFoundError, VoltdeckError
from csms.stations.managing import find_station
from csms.stations.ref import StationRef
from csms.work import Committer, Work
from models import AcceptanceCheck, AcceptanceStep, CheckState
from models.db import Database
from models.scope import require_platform_scope, tenant_scope

log = structlog.get_logger(__name__)
_WORK: dict[str, Callable[[Trial], Awaitable[str]]] = {
    "boot": looking.look_at_boot,
    "status": looking.look_at_status,
    "configuration": looking.look_at_configuration,
    "heartbeat": looking.look_at_heartbeat,
    "meter": looking.look_at_meter,
    "clock": looking.look_at_clock,
    "session": acting.try_session,
    "reset": acting.try_reset,
}
_STOPPED = "The check was stopped before."


class Acceptance:
    """Runs checks, at most one a station at a time."""

    def __init__(
        self,
        bus: Bus,
        committer: Committer,
        database: Database,
        clock: Clock,
        commands: Commands,
        limits: Limits | None = None,
    ) -> None:
        self._bus = bus
        self._committer = committer
        self._database = database
        self._clock = clock
        self._commands = commands
        self._limits = limits or Limits()
        self._running: dict[int, asyncio.Task[None]] = {}

    async def begin(self, actor: Actor, station: str | int, wishes: Wishes) -> int:
        """Begin a check of the station with this identity or id; returns the check's id at once.

        Raises ConflictError while the station is offline or being checked already.
        """
        require(actor, Permission.STATIONS_CONTROL)
        wishes.check()
        with tenant_scope(actor.tenant_id):
            check_id, ref = await self._committer.run(lambda work: self._write(work, actor, station, wishes))
            task = asyncio.create_task(self._run(actor, ref, check_id, wishes), name=f"acceptance check {check_id}")
        self._running[check_id] = task
        task.add_done_callback(lambda _: self._running.pop(check_id, None))
        return check_id

    async def give_up(self, actor: Actor, check_id: int) -> None:
        """Stop a running check. What was asked of the station already is not taken back."""
        require(actor, Permission.STATIONS_CONTROL)
        with tenant_scope(actor.tenant_id):
            async with self._database.reading() as session:
                query = select(AcceptanceCheck).where(col(AcceptanceCheck.id) == check_id)
                check = (await session.execute(query)).scalar_one_or_none()
            if check is None:
                raise NotFoundError("This check")
            task = self._running.get(check_id)
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if check.state == CheckState.RUNNING:
                await self._committer.run(lambda work: _stop(work, check_id, self._clock.now()))

    async def stop(self) -> None:
        """The process ends: running checks are given up."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self, work: Work, actor: Actor, station: str | int, wishes: Wishes) -> tuple[int, StationRef]:
        session, now = work.session(), self._clock.now()
        row = await find_station(session, station)
        if not row.is_online:
            raise ConflictError(f"{row.identity} is not connected. The check can begin once it is online.")
        busy = select(col(AcceptanceCheck.id)).where(
            col(AcceptanceCheck.station_id) == row.id, col(AcceptanceCheck.state) == CheckState.RUNNING
        )
        if (await session.execute(busy.limit(1))).first() is not None:
            raise ConflictError(f"{row.identity} is being checked already.")
        ref = StationRef(row.id or 0, row.tenant_id, row.location_id, row.identity)
        check = AcceptanceCheck(
            station_id=ref.id,
            asked_by=actor.words,
            vendor=row.vendor,
            model=row.model,
            firmware_version=row.firmware_version,
            ocpp_version=row.ocpp_version or "",
            wishes={"evse": wishes.evse_number, "session": bool(wishes.id_token), "reset": wishes.reset},
            started_at=now,
        )
        session.add(check)
        await session.flush()
        check_id = check.id or 0
        session.add_all(
            AcceptanceStep(check_id=check_id, position=position, key=step.key) for position, step in enumerate(STEPS)
        )
        await session.flush()
        audit.record(work, actor, "station.acceptance_check", f"station {ref.identity}", dict(check.wishes), at=now)
        _announce(work, ref, check_id, CheckState.RUNNING, now)
        return check_id, ref

    async def _run(self, actor: Actor, ref: StationRef, check_id: int, wishes: Wishes) -> None:
        watch = Watch(self._bus, ref.id)
        trial = Trial(actor, ref, wishes, self._limits, self._commands, self._database, self._clock, watch)
        states: list[CheckState] = []
        try:
            for position, step in enumerate(STEPS):
                await self._note(ref, check_id, position, CheckState.RUNNING, "")
                state, text = await self._try(step.key, trial)
                states.append(state)
                await self._note(ref, check_id, position, state, text)
            ended = CheckState.FAILED if CheckState.FAILED in states else CheckState.PASSED
            await self._end(ref, check_id, ended)
        finally:
            watch.close()

    async def _try(self, key: str, trial: Trial) -> tuple[CheckState, str]:
        try:
            return CheckState.PASSED, await _WORK[key](trial)
        except SkippedError as skipped:
            return CheckState.SKIPPED, str(skipped)
        except (FailedError, VoltdeckError) as failed:
            return CheckState.FAILED, str(failed)
        except Exception:
            log.exception("a step of an acceptance check failed", step=key, station=trial.ref.identity)
            return (
                CheckState.FAILED,
                "Something went wrong here, not at the station. Try again; the log has the reason.",
            )

    async def _note(self, ref: StationRef, check_id: int, position: int, state: CheckState, text: str) -> None:
        now = self._clock.now()
        begins = {"started_at": now} if state == CheckState.RUNNING else {"ended_at": now}

        async def unit(work: Work) -> None:
            await work.session().execute(
                update(AcceptanceStep)
                .where(col(AcceptanceStep.check_id) == check_id, col(AcceptanceStep.position) == position)
                .values(state=state, text=text, **begins)
                .execution_options(synchronize_session=False)
            )
            _announce(work, ref, check_id, state, now)

        await self._committer.run(unit)

    async def _end(self, ref: StationRef, check_id: int, state: CheckState) -> None:
        now = self._clock.now()

        async def unit(work: Work) -> None:
            check = await work.session().get_one(AcceptanceCheck, check_id)
            check.state, check.ended_at = state, now
            await work.session().flush()
            _announce(work, ref, check_id, state, now)

        await self._committer.run(unit)


async def give_up_unfinished(work: Work, at: datetime) -> None:
    """Checks that a stopped process left running have ended. At start only, platform scope."""
    require_platform_scope()
    query = select(col(AcceptanceCheck.id)).where(col(AcceptanceCheck.state) == CheckState.RUNNING)
    for check_id in (await work.session().execute(query)).scalars().all():
        await _stop(work, check_id or 0, at)


async def _stop(work: Work, check_id: int, at: datetime) -> None:
    session = work.session()
    check = await session.get_one(AcceptanceCheck, check_id)
    check.state, check.ended_at = CheckState.STOPPED, at
    await session.execute(
        update(AcceptanceStep)
        .where(
            col(AcceptanceStep.check_id) == check_id,
            col(AcceptanceStep.state).in_((CheckState.WAITING, CheckState.RUNNING)),
        )
        .values(state=CheckState.SKIPPED, text=_STOPPED, ended_at=at)
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    work.announce(
        AcceptanceChecked(
            tenant_id=check.tenant_id,
            station_id=check.station_id,
            at=at,
            check_id=check_id,
            state=CheckState.STOPPED,
        )
    )


def _announce(work: Work, ref: StationRef, check_id: int, state: CheckState, at: datetime) -> None:
    work.announce(
        AcceptanceChecked(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            check_id=check_id,
            state=state,
        )
    )

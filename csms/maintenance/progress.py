"""Keeps the jobs of stations: begun by an answer, moved on by notifications, ended by either or by a boot."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, select
from sqlmodel import col

from csms.bus.events import MaintenanceJobChanged
from csms.cause import current_cause
from csms.maintenance.jobs import (
    IDLE,
    cancels_others,
    is_beginning,
    proved_by_boot,
    state_after,
    state_at_answer,
)
from csms.stations.ref import StationRef
from csms.stations.secrets import masked
from csms.work import Work
from models import ChargingStation, JobKind, JobState, MaintenanceJob

_JOB: Table = getattr(MaintenanceJob, "__table__")  # noqa: B009 - SQLModel's types do not know it
_OPEN = select(_JOB.c.id).where(
    _JOB.c.station_id == bindparam("of_station"),
    _JOB.c.tenant_id == bindparam("of_tenant"),
    _JOB.c.ended_at.is_(None),
    _JOB.c.kind.in_((JobKind.RESET, JobKind.FIRMWARE)),
)
_MOST_PROGRESS = 200
_BOOTED = "Booted"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A request that begins a job, and the station's word on it ("" where its answer has none)."""

    kind: JobKind
    action: str
    status: str
    request: dict[str, Any]
    request_id: int | None = None
    evse_number: int = 0
    file_name: str = ""
    is_over: bool = False
    """Nothing more is to come although the station accepted."""


@dataclass(frozen=True, slots=True)
class JobNews:
    """A notification about a job. `request_id` is None where the version, or the station, gives none."""

    kind: JobKind
    status: str
    request_id: int | None = None
    locations: list[str] = field(default_factory=list[str])
    details: dict[str, Any] = field(default_factory=dict[str, Any])


async def begin_job(work: Work, ref: StationRef, request: JobRequest, at: datetime) -> MaintenanceJob:
    """Record a job once the station has answered. One that its notifications created already is taken over."""
    jobs = list((await work.session().execute(_newest(ref, request.kind))).scalars())
    job = next((job for job in jobs if job.asked_at is None and job.request_id == request.request_id), None)
    state = state_at_answer(request.status)
    if state == JobState.RUNNING:
        for other in jobs:
            if other is not job and (cancels_others(request.status) or _supersedes(request, other)):
                _move(work, ref, other, JobState.CANCELLED, other.status, at)
    if job is None:
        job = MaintenanceJob(
            station_id=ref.id, kind=request.kind, updated_at=at, version_before=await _version(work, ref)
        )
        work.session().add(job)
    job.action, job.request_id, job.evse_number = request.action, request.request_id, request.evse_number
    job.request, job.asked_at = masked(request.request), at
    job.file_name = request.file_name or job.file_name
    if not job.progress:
        _enter(job, at, request.status or "Accepted")
        state = JobState.DONE if request.is_over and state == JobState.RUNNING else state
        await work.session().flush()
        _move(work, ref, job, state, request.status or "Accepted", at)
    return job


async def note_progress(work: Work, ref: StationRef, news: JobNews, at: datetime) -> None:
    """Take in a notification. One about a job nobody recorded creates it; Idle is about no job."""
    job = await _job_of(work, ref, news)
    if job is None:
        if news.status == IDLE:
            return
        job = MaintenanceJob(
            station_id=ref.id,
            kind=news.kind,
            request_id=news.request_id,
            updated_at=at,
            version_before=await _version(work, ref),
        )
        work.session().add(job)
        await work.session().flush()
    _enter(job, at, news.status, news.details)
    if news.locations:
        job.locations = news.locations
    if news.status != IDLE:
        _move(work, ref, job, state_after(job.state, news.status), news.status, at)


async def note_boot(work: Work, ref: StationRef, version: str, at: datetime) -> None:
    """A station has booted: a reset is over, and a new firmware version proves an update (quirk 70)."""
    if not await work.read(_OPEN, {"of_station": ref.id, "of_tenant": ref.tenant_id}):
        return
    for job in (await work.session().execute(_newest(ref, JobKind.RESET, JobKind.FIRMWARE))).scalars():
        if job.kind == JobKind.RESET and job.evse_number == 0:
            _move(work, ref, job, JobState.DONE, job.status, at)
        elif job.kind == JobKind.FIRMWARE:
            _enter(job, at, _BOOTED, {"version": version})
            job.version_after = version
            if proved_by_boot(job.version_before, version):
                _move(work, ref, job, JobState.DONE, job.status, at)


async def note_transaction_end(work: Work, ref: StationRef, evse_number: int, at: datetime) -> None:
    """A transaction is over: the reset of its EVSE that waited for it takes place, and no boot will tell (B_26)."""
    query = _newest(ref, JobKind.RESET).where(col(MaintenanceJob.evse_number) == evse_number)
    for job in (await work.session().execute(query)).scalars():
        _move(work, ref, job, JobState.DONE, job.status, at)


async def note_unpublished(work: Work, ref: StationRef, checksum: str, status: str, at: datetime) -> None:
    """The answer to UnpublishFirmware (L04): what was published with this checksum is offered no more."""
    query = select(MaintenanceJob).where(
        col(MaintenanceJob.station_id) == ref.id, col(MaintenanceJob.kind) == JobKind.PUBLISH
    )
    for job in (await work.session().execute(query)).scalars():
        if str(job.request.get("checksum")) == checksum:
            _enter(job, at, status)
            job.status = status
            if status in ("Unpublished", "NoFirmware"):
                job.locations = []


async def _job_of(work: Work, ref: StationRef, news: JobNews) -> MaintenanceJob | None:
    """The newest job a notification is about: by its number, or without one the job under way or just ended."""
    newest = select(MaintenanceJob).where(
        col(MaintenanceJob.station_id) == ref.id, col(MaintenanceJob.kind) == news.kind
    )
    newest = newest.order_by(col(MaintenanceJob.id).desc()).limit(1)
    session = work.session()
    if news.request_id is not None:
        by_number = newest.where(col(MaintenanceJob.request_id) == news.request_id)
        return (await session.execute(by_number)).scalar_one_or_none()
    job = (await session.execute(newest.where(col(MaintenanceJob.ended_at).is_(None)))).scalar_one_or_none()
    if job is not None or news.status == IDLE or is_beginning(news.status):
        return job
    return (await session.execute(newest)).scalar_one_or_none()


def _newest(ref: StationRef, *kinds: JobKind) -> Select[MaintenanceJob]:
    """Jobs of these kinds that have not ended, the newest first."""
    return (
        select(MaintenanceJob)
        .where(
            col(MaintenanceJob.station_id) == ref.id,
            col(MaintenanceJob.kind).in_(kinds),
            col(MaintenanceJob.ended_at).is_(None),
        )
        .order_by(col(MaintenanceJob.id).desc())
    )


def _supersedes(request: JobRequest, other: MaintenanceJob) -> bool:
    """Without numbers a station does one job of a kind at a time; and a reset replaces the one before."""
    if request.kind == JobKind.RESET:
        return other.evse_number == request.evse_number
    return request.request_id is None and other.request_id is None


def _enter(job: MaintenanceJob, at: datetime, status: str, details: dict[str, Any] | None = None) -> None:
    """Add to the history, unless the station only repeats itself."""
    job.updated_at = at
    if job.progress and job.progress[-1]["status"] == status:
        return
    entry = {"at": at.isoformat(), "status": status} | (details or {})
    job.progress = [*job.progress[-_MOST_PROGRESS + 1 :], entry]


def _move(work: Work, ref: StationRef, job: MaintenanceJob, state: JobState, status: str, at: datetime) -> None:
    job.state, job.status, job.updated_at = state, status, at
    job.ended_at = None if state == JobState.RUNNING else (job.ended_at or at)
    work.announce(
        MaintenanceJobChanged(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            job_id=job.id or 0,
            kind=job.kind,
            state=state,
            status=status,
        )
    )


async def _version(work: Work, ref: StationRef) -> str:
    query = select(col(ChargingStation.firmware_version)).where(col(ChargingStation.id) == ref.id)
    return (await work.session().execute(query)).scalar_one()

"""Joins the parts in which a station reports its profiles, and squares our store with them (K09, DS_53)."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.bus.events import ChargingProfilesReported
from csms.cause import current_cause
from csms.smart_charging.installing import end_finished
from csms.smart_charging.profile import OURS
from csms.smart_charging.reconciling import MISSING, UNKNOWN, Reported, differences
from csms.smart_charging.stacking import is_asked_for
from csms.smart_charging.store import fitting, new_row, profiles_in_use
from csms.stations.ref import StationRef
from csms.work import Work
from models import ChargingProfile, ChargingProfileReport, ProfileState, ReportState

Json = dict[str, Any]
_TOGETHER = timedelta(minutes=5)
"""A part that comes this late after the last one belongs to another report with the same number."""


async def report_planned(work: Work, ref: StationRef, request: Json, at: datetime, *, resend: bool) -> None:
    """Note a GetChargingProfiles (2.x words) before it is sent; `resend`: send again what is missing."""
    work.session().add(
        ChargingProfileReport(
            station_id=ref.id, request_id=int(request["requestId"]), criteria=request, resend=resend, asked_at=at
        )
    )


async def report_asked(work: Work, ref: StationRef, request: Json, status: str | None, at: datetime) -> None:
    """The answer to a GetChargingProfiles: parts follow, or there is nothing to report (NoProfiles)."""
    session = work.session()
    report = await _find(session, ref, fitting(int(request["requestId"])), at)
    if report is None or report.answered:
        report = ChargingProfileReport(station_id=ref.id, request_id=fitting(int(request["requestId"])), asked_at=at)
        session.add(report)
    came_first = report.state == ReportState.COMPLETE and report.criteria is None
    report.criteria, report.answered = request, True
    if status == "NoProfiles":
        report.state, report.completed_at = ReportState.NO_PROFILES, at
        await _square(work, ref, report, at)
    elif status != "Accepted":
        report.state, report.completed_at = ReportState.REFUSED, at
    elif came_first:  # squared without knowing what was asked for
        await _square(work, ref, report, at)


async def profiles_reported(
    work: Work, ref: StationRef, request_id: int, part: list[Reported], at: datetime, *, is_last: bool
) -> None:
    """One part of a report; parts may come before the answer to the request, and for no request of ours."""
    session = work.session()
    report = await _find(session, ref, fitting(request_id), at)
    if report is None:
        report = ChargingProfileReport(station_id=ref.id, request_id=fitting(request_id), asked_at=at)
        session.add(report)
    report.parts += 1
    report.reported = [*report.reported, *(_as_json(reported) for reported in part)]
    if not is_last:
        report.state = ReportState.PARTIAL
        return
    report.state, report.completed_at = ReportState.COMPLETE, at
    await _square(work, ref, report, at)


async def _find(session: AsyncSession, ref: StationRef, request_id: int, at: datetime) -> ChargingProfileReport | None:
    """The report under way with this number, or one that was complete a moment ago."""
    query = (
        select(ChargingProfileReport)
        .where(col(ChargingProfileReport.station_id) == ref.id, col(ChargingProfileReport.request_id) == request_id)
        .order_by(col(ChargingProfileReport.id).desc())
        .limit(1)
    )
    report = (await session.execute(query)).scalar_one_or_none()
    fresh = report is not None and (report.completed_at is None or report.completed_at >= at - _TOGETHER)
    return report if fresh else None


async def _square(work: Work, ref: StationRef, report: ChargingProfileReport, at: datetime) -> None:
    """Note the differences, then follow the station: it knows best what it has."""
    await end_finished(work, ref, at)
    session = work.session()
    told = [Reported(**entry) for entry in cast(list[Json], report.reported)]
    rows = [row for row in await profiles_in_use(session, ref.id) if _is_meant(row, report, told)]
    found = differences([_as_reported(row) for row in rows], told)
    report.differences = [difference.as_json() for difference in found]
    kinds = {difference.key: difference.kind for difference in found}
    by_key = {reported.key: reported for reported in told}
    for row in rows:
        _follow(session, row, kinds.get((row.profile_id, row.source)), by_key, at)
    for key, reported in by_key.items():
        if kinds.get(key) == UNKNOWN:
            session.add(_reported_row(ref.id, reported, at))
    _announce(work, ref, report, sum(difference.kind == MISSING for difference in found), at)


def _is_meant(row: ChargingProfile, report: ChargingProfileReport, told: list[Reported]) -> bool:
    if row.state == ProfileState.AWAITING:
        return False
    if report.criteria is None:
        return any(reported.profile_id == row.profile_id for reported in told)
    return is_asked_for(row, row.source, report.criteria)


def _follow(
    session: AsyncSession,
    row: ChargingProfile,
    kind: str | None,
    told: dict[tuple[int, str], Reported],
    at: datetime,
) -> None:
    """Make a row what the station says of it. What others had set is theirs to take away."""
    if kind is None:
        row.state, row.confirmed_at = ProfileState.INSTALLED, at
    elif kind == MISSING and row.source == OURS:
        row.state, row.updated_at = ProfileState.MISSING, at
    elif kind == MISSING:
        row.state, row.updated_at, row.removed_at = ProfileState.CLEARED, at, at
    else:
        row.state, row.updated_at, row.removed_at = ProfileState.REPLACED, at, at
        session.add(_reported_row(row.station_id, told[row.profile_id, row.source], at))


def _reported_row(station_id: int, reported: Reported, at: datetime) -> ChargingProfile:
    row = new_row(station_id, reported.evse_number, reported.profile, ProfileState.INSTALLED, at)
    row.source, row.confirmed_at = reported.source, at
    return row


def _as_reported(row: ChargingProfile) -> Reported:
    transaction = {} if row.transaction_ocpp_id is None else {"transactionId": row.transaction_ocpp_id}
    return Reported(row.evse_number, row.source, row.profile | {"id": row.profile_id} | transaction)


def _as_json(reported: Reported) -> Json:
    return {"evse_number": reported.evse_number, "source": reported.source, "profile": reported.profile}


def _announce(work: Work, ref: StationRef, report: ChargingProfileReport, missing: int, at: datetime) -> None:
    work.announce(
        ChargingProfilesReported(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            request_id=report.request_id,
            differences=len(report.differences),
            missing=missing,
            resend=report.resend,
        )
    )

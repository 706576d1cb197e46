"""The station's history: entries are added, and resolved when what they tell of is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from csms.bus.events import StationEventRecorded
from csms.cause import current_cause
from csms.stations.ref import StationRef
from csms.stations.reports import EventReport
from csms.work import Work
from models import Severity, StationEvent


async def record_event(work: Work, ref: StationRef, report: EventReport) -> None:
    """Add an entry to the history and announce it. An INFO is over as it happens; others last until resolved."""
    work.append(StationEvent, event_row(ref, report))
    announce_event(work, ref, report)


async def resolve_events(work: Work, ref: StationRef, evse_number: int, connector_number: int, at: datetime) -> None:
    """The troubles reported of this connector (0, 0: of the station as a whole) are over at `at`."""
    await work.session().execute(
        update(StationEvent)
        .where(
            col(StationEvent.station_id) == ref.id,
            col(StationEvent.resolved_at).is_(None),
            col(StationEvent.kind).in_(STATUS_KINDS),
            col(StationEvent.evse_number) == evse_number,
            col(StationEvent.connector_number) == connector_number,
        )
        .values(resolved_at=at)
        .execution_options(synchronize_session=False)
    )


async def raise_alert(work: Work, ref: StationRef, report: EventReport) -> None:
    """Enter an alert about `report.source`. One that says what is known already is not entered again (quirk 66)."""
    said = select(StationEvent.text).where(*_alerts(ref, report.source))
    if report.text in (await work.session().execute(said)).scalars().all():
        return
    work.session().add(StationEvent(**event_row(ref, report)))
    announce_event(work, ref, report)


async def clear_alerts(work: Work, ref: StationRef, source: str, at: datetime) -> None:
    """The alerts about `source` are over at `at` (N07: cleared; G05: the lock works again)."""
    await work.session().execute(
        update(StationEvent)
        .where(*_alerts(ref, source))
        .values(resolved_at=at)
        .execution_options(synchronize_session=False)
    )


def _alerts(ref: StationRef, source: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StationEvent.station_id) == ref.id,
        col(StationEvent.kind) == ALERT,
        col(StationEvent.resolved_at).is_(None),
        col(StationEvent.source) == source,
    )


def announce_event(work: Work, ref: StationRef, report: EventReport) -> None:
    """Tell of an entry that is being written."""
    work.announce(
        StationEventRecorded(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=report.at,
            cause_id=current_cause(),
            kind=report.kind,
            severity=report.severity,
            text=report.text,
            evse_number=report.evse_number,
        )
    )


def event_row(ref: StationRef, report: EventReport) -> dict[str, Any]:
    """The row of an entry."""
    return {
        "tenant_id": ref.tenant_id,
        "station_id": ref.id,
        "evse_number": report.evse_number,
        "connector_number": report.connector_number,
        "at": report.at,
        "kind": report.kind,
        "severity": str(report.severity),
        "text": report.text,
        "resolved_at": report.at if report.severity == Severity.INFO else None,
        "details": report.details,
        "source": report.source,
    }


STATUS_KINDS = ("connector.faulted", "connector.warning", "station.faulted", "station.warning")
"""Kinds of entry that follow from statuses and end with them."""
ALERT = "device.alert"
"""Kind of entry for what a monitor of the station, or the station itself, calls wrong."""

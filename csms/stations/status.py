"""Takes in StatusNotifications (G01): the newer wins, faults enter the history, repetitions change nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from csms.bus.events import ConnectorStatusChanged, StationStatusChanged
from csms.cause import current_cause
from csms.stations.history import announce_event, event_row, resolve_events
from csms.stations.ref import StationRef
from csms.stations.reports import EventReport, StatusReport
from csms.stations.tables import CONNECTOR, EVSE, STATION
from csms.stations.trouble import Trouble, status_time, tidy, trouble_of
from csms.work import Work
from models import Connector, Evse, StationEvent

_CONNECTOR = select(
    CONNECTOR.c.id,
    CONNECTOR.c.status,
    CONNECTOR.c.status_at,
    CONNECTOR.c.error_code,
    CONNECTOR.c.vendor_error_code,
    CONNECTOR.c.info,
    CONNECTOR.c.vendor_id,
).where(
    CONNECTOR.c.tenant_id == bindparam("of_tenant"),
    CONNECTOR.c.station_id == bindparam("of_station"),
    CONNECTOR.c.evse_number == bindparam("of_evse"),
    CONNECTOR.c.number == bindparam("of_number"),
)
_STATION = select(STATION.c.id, STATION.c.status, STATION.c.status_at, STATION.c.error_code).where(
    STATION.c.tenant_id == bindparam("of_tenant"), STATION.c.id == bindparam("of_station")
)
_EVSE = select(EVSE.c.id).where(
    EVSE.c.tenant_id == bindparam("of_tenant"),
    EVSE.c.station_id == bindparam("of_station"),
    EVSE.c.number == bindparam("of_evse"),
)
_SET_CONNECTOR = (
    update(CONNECTOR)
    .where(CONNECTOR.c.id == bindparam("of_id"), CONNECTOR.c.tenant_id == bindparam("of_tenant"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("status", "status_at", "error_code", "vendor_error_code", "info", "vendor_id")
        }
    )
)
_SET_STATION = (
    update(STATION)
    .where(STATION.c.id == bindparam("of_id"), STATION.c.tenant_id == bindparam("of_tenant"))
    .values({name: bindparam(f"new_{name}") for name in ("status", "status_at", "error_code")})
)


async def report_status(work: Work, ref: StationRef, report: StatusReport) -> bool:
    """Store a status. True when it was taken, False when a newer one is known already (X16_21).

    An EVSE or connector nobody told us of is created. `evse_number` 0 is the station as a whole and leaves the
    connectors as they are (DS_42). No transaction is opened or closed by it (DS_40).
    """
    report, at = tidy(report), status_time(report)
    if report.evse_number == 0:
        return await _report_station(work, ref, report, at)
    return await _report_connector(work, ref, report, at)


async def _report_station(work: Work, ref: StationRef, report: StatusReport, at: datetime) -> bool:
    [known] = await work.read(_STATION, {"of_tenant": ref.tenant_id, "of_station": ref.id})
    if known.status_at is not None and at < known.status_at:
        return False
    values = {"new_status": report.status, "new_status_at": at, "new_error_code": report.error_code}
    work.append(_SET_STATION, {"of_id": ref.id, "of_tenant": ref.tenant_id, **values})
    if (known.status, known.error_code) == (report.status, report.error_code):
        return True
    before = StatusReport(0, 0, known.status, at, known.error_code)
    await _note_trouble(work, ref, trouble_of(before), report, at)
    work.announce(StationStatusChanged(**_event(ref, at), status=report.status, error_code=report.error_code))
    return True


async def _report_connector(work: Work, ref: StationRef, report: StatusReport, at: datetime) -> bool:
    key = {"of_evse": report.evse_number, "of_number": report.connector_number}
    rows = await work.read(_CONNECTOR, {"of_tenant": ref.tenant_id, "of_station": ref.id, **key})
    if not rows:
        await _create_connector(work, ref, report, at)
        before = StatusReport(report.evse_number, report.connector_number, "Unknown", at)
    else:
        known = rows[0]
        if known.status_at is not None and at < known.status_at:
            return False
        work.append(_SET_CONNECTOR, {"of_id": known.id, "of_tenant": ref.tenant_id, **_new_values(report, at)})
        before = StatusReport(
            report.evse_number,
            report.connector_number,
            known.status,
            at,
            known.error_code,
            known.vendor_error_code,
            known.info,
            vendor_id=known.vendor_id,
        )
    if _said(before) == _said(report):
        return True
    await _note_trouble(work, ref, trouble_of(before), report, at)
    work.announce(
        ConnectorStatusChanged(
            **_event(ref, at),
            evse_number=report.evse_number,
            connector_number=report.connector_number,
            status=report.status,
            error_code=report.error_code,
            info=report.info,
        )
    )
    return True


async def _create_connector(work: Work, ref: StationRef, report: StatusReport, at: datetime) -> None:
    session = work.session()
    key = {"of_tenant": ref.tenant_id, "of_station": ref.id, "of_evse": report.evse_number}
    if not await work.read(_EVSE, key):
        session.add(Evse(tenant_id=ref.tenant_id, station_id=ref.id, number=report.evse_number))
    session.add(
        Connector(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            evse_number=report.evse_number,
            number=report.connector_number,
            status=report.status,
            status_at=at,
            error_code=report.error_code,
            vendor_error_code=report.vendor_error_code,
            info=report.info,
            vendor_id=report.vendor_id,
        )
    )


async def _note_trouble(
    work: Work, ref: StationRef, before: Trouble | None, report: StatusReport, at: datetime
) -> None:
    now = trouble_of(report)
    if before == now:
        return
    # By the session, not appended: the old trouble must be resolved before the new one is written.
    if before is not None:
        await resolve_events(work, ref, report.evse_number, report.connector_number, at)
    if now is not None:
        details = {"vendorId": report.vendor_id} if report.vendor_id else {}
        entry = EventReport(now.kind, now.severity, now.text, at, report.evse_number, report.connector_number, details)
        work.session().add(StationEvent(**event_row(ref, entry)))
        announce_event(work, ref, entry)


def _new_values(report: StatusReport, at: datetime) -> dict[str, Any]:
    return {
        "new_status": report.status,
        "new_status_at": at,
        "new_error_code": report.error_code,
        "new_vendor_error_code": report.vendor_error_code,
        "new_info": report.info,
        "new_vendor_id": report.vendor_id,
    }


def _said(report: StatusReport) -> tuple[str, str, str, str]:
    return report.status, report.error_code, report.vendor_error_code, report.info


def _event(ref: StationRef, at: datetime) -> dict[str, Any]:
    return {"tenant_id": ref.tenant_id, "station_id": ref.id, "at": at, "cause_id": current_cause()}

"""Keeps what stations say of reservations; every verb is called inside a unit of work, in the tenant's scope."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.bus.events import ReservationChanged
from csms.cause import current_cause
from csms.reservations.reports import ReserveReport
from csms.reservations.state import ReservationState, state_of
from csms.stations.ref import StationRef
from csms.work import Work
from models import Connector, Reservation, Transaction

_LARGEST = 2**31 - 1


async def note_reserved(work: Work, ref: StationRef, report: ReserveReport) -> None:
    """The station answered a ReserveNow (H01). The same id again replaces the reservation, as it does there."""
    row = await _find_or_make(work, ref, report.ocpp_id, report.at)
    if row is None:
        return
    if report.answer_status != "Accepted" and state_of(row, report.at) is ReservationState.LIVE:
        return  # a change that was declined leaves the reservation as it was
    row.evse_number = _evse(report.evse_number)
    row.connector_type = report.connector_type[:20]
    row.id_token, row.id_token_type = report.id_token[:255], report.id_token_type[:20]
    row.group = report.group[:255] if isinstance(report.group, str) else None
    row.expires_at, row.answered_at, row.answer_status = report.expires_at, report.at, report.answer_status[:20]
    row.ended_at, row.end_reason, row.cancel_refused_at, row.transaction_id = None, "", None, None
    _store(work, ref, row, report.at)


async def note_cancelled(work: Work, ref: StationRef, ocpp_id: int, *, accepted: bool, at: datetime) -> None:
    """The station answered a CancelReservation (H02).

    Rejected means that it knows no such reservation: ours is closed too, unless a connector still says Reserved.
    """
    row = await _find(work.session(), ref, ocpp_id)
    if row is None:
        return
    if not accepted:
        row.cancel_refused_at = at
    if state_of(row, at) is ReservationState.LIVE:
        if accepted:
            row.ended_at, row.end_reason = at, "Cancelled"
        elif not await _shows_reserved(work.session(), ref, row.evse_number):
            row.ended_at, row.end_reason = at, "Gone"
    _store(work, ref, row, at)


async def note_ended(work: Work, ref: StationRef, ocpp_id: int, reason: str, at: datetime) -> None:
    """The station let a reservation go (H04): Expired or Removed. One we never heard of is recorded now."""
    row = await _find_or_make(work, ref, ocpp_id, at)
    if row is not None and row.end_reason != "Used":
        row.ended_at, row.end_reason = at, reason[:16]
        _store(work, ref, row, at)


async def note_used(
    work: Work, ref: StationRef, ocpp_id: int, *, at: datetime, transaction_id: int | None = None, wire_id: str = ""
) -> None:
    """A transaction began on a reservation (H03); it is named by our id, or by the station's `wire_id`.

    0 is how some stations say that there is none (quirk 35). A repeated start changes nothing.
    """
    row = await _find_or_make(work, ref, ocpp_id, at) if ocpp_id else None
    if row is None or (row.end_reason == "Used" and row.transaction_id is not None):
        return
    row.transaction_id = transaction_id or await _transaction(work.session(), ref, wire_id)
    row.ended_at, row.end_reason = row.ended_at or at, "Used"
    _store(work, ref, row, at)


async def note_out_of_order(work: Work, ref: StationRef, evse_number: int, at: datetime) -> None:
    """1.6: a connector (0: the station) that is Faulted or Unavailable keeps nothing for anybody; nobody says so."""
    live = select(Reservation).where(
        col(Reservation.station_id) == ref.id,
        col(Reservation.answer_status) == "Accepted",
        col(Reservation.end_reason) == "",
        col(Reservation.answered_at) <= at,
        col(Reservation.expires_at) > at,
    )
    if evse_number:
        live = live.where(col(Reservation.evse_number) == evse_number)
    for row in (await work.session().scalars(live)).all():
        row.ended_at, row.end_reason = at, "Removed"
        _store(work, ref, row, at)


async def _find(session: AsyncSession, ref: StationRef, ocpp_id: int) -> Reservation | None:
    if not -_LARGEST <= ocpp_id <= _LARGEST:
        return None
    query = select(Reservation).where(col(Reservation.station_id) == ref.id, col(Reservation.ocpp_id) == ocpp_id)
    return (await session.execute(query)).scalar_one_or_none()


async def _find_or_make(work: Work, ref: StationRef, ocpp_id: int, at: datetime) -> Reservation | None:
    """The reservation, or a new row for one that another system made, or whose answer was lost."""
    if not -_LARGEST <= ocpp_id <= _LARGEST:
        return None
    row = await _find(work.session(), ref, ocpp_id)
    known = {"tenant_id": ref.tenant_id, "station_id": ref.id, "ocpp_id": ocpp_id}
    return row or Reservation(**known, **_unknown(at))


def _unknown(at: datetime) -> dict[str, Any]:
    return {"answered_at": at, "answer_status": "Accepted", "expires_at": at}


def _evse(number: object) -> int:
    return number if isinstance(number, int) and 0 < number <= _LARGEST else 0


async def _shows_reserved(session: AsyncSession, ref: StationRef, evse_number: int) -> bool:
    query = select(col(Connector.id)).where(col(Connector.station_id) == ref.id, col(Connector.status) == "Reserved")
    if evse_number:
        query = query.where(col(Connector.evse_number) == evse_number)
    return await session.scalar(query.limit(1)) is not None


async def _transaction(session: AsyncSession, ref: StationRef, wire_id: str) -> int | None:
    query = select(col(Transaction.id)).where(
        col(Transaction.station_id) == ref.id, col(Transaction.start_key) == wire_id
    )
    return await session.scalar(query)


def _store(work: Work, ref: StationRef, row: Reservation, at: datetime) -> None:
    work.session().add(row)
    work.announce(
        ReservationChanged(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            reservation_id=row.ocpp_id,
            evse_number=row.evse_number,
            state=state_of(row, at),
            transaction_id=row.transaction_id,
        )
    )

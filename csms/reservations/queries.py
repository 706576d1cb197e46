"""Reads of reservations for pages and API."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.reservations.state import ReservationState, state_of
from models import ChargingStation, Reservation


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """A reservation, where it is, and how it stood when it was read."""

    reservation: Reservation
    identity: str
    state: ReservationState


async def reservations(
    session: AsyncSession, now: datetime, *, station_id: int | None = None, limit: int = 50
) -> list[ReservationRow]:
    """The latest reservations of the tenant in scope, or of one station, last to expire first."""
    query = select(Reservation, col(ChargingStation.identity)).join(
        ChargingStation, col(ChargingStation.id) == col(Reservation.station_id)
    )
    if station_id is not None:
        query = query.where(col(Reservation.station_id) == station_id)
    query = query.order_by(col(Reservation.expires_at).desc(), col(Reservation.id).desc()).limit(limit)
    return [ReservationRow(row, identity, state_of(row, now)) for row, identity in (await session.execute(query)).all()]


async def live_reservations(
    session: AsyncSession, now: datetime, *, station_id: int | None = None
) -> list[ReservationRow]:
    """What is kept for somebody at `now`, soonest to expire first."""
    query = (
        select(Reservation, col(ChargingStation.identity))
        .join(ChargingStation, col(ChargingStation.id) == col(Reservation.station_id))
        .where(
            col(Reservation.expires_at) > now,
            col(Reservation.end_reason) == "",
            col(Reservation.answer_status) == "Accepted",
        )
    )
    if station_id is not None:
        query = query.where(col(Reservation.station_id) == station_id)
    rows = (await session.execute(query.order_by(col(Reservation.expires_at), col(Reservation.id)))).all()
    return [ReservationRow(row, identity, ReservationState.LIVE) for row, identity in rows]

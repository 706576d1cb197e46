"""Numbers for reservations: known to us and to the station, and never given to two (H01)."""

import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import Reservation

_LARGEST = 2**31 - 1


async def free_reservation_id(session: AsyncSession, station_id: int) -> int:
    """A positive number of 31 bits that no reservation at this station ever had; drawn, so that two askers differ."""
    while True:
        number = secrets.randbelow(_LARGEST) + 1
        taken = select(col(Reservation.id)).where(
            col(Reservation.station_id) == station_id, col(Reservation.ocpp_id) == number
        )
        if await session.scalar(taken) is None:
            return number

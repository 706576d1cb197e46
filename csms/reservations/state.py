"""How a reservation stands: worked out from what happened and one now; no timer has to fire. Pure."""

from datetime import datetime
from enum import StrEnum

from models import Reservation


class ReservationState(StrEnum):
    """How a reservation stands."""

    DECLINED = "declined"
    """The station would not."""
    LIVE = "live"
    """Kept until it expires."""
    USED = "used"
    """A transaction began on it."""
    CANCELLED = "cancelled"
    """We asked the station to give it up, and it did."""
    REMOVED = "removed"
    """The station gave it up by itself: it is faulty or out of service."""
    GONE = "gone"
    """We wanted to cancel it and the station knew of none."""
    EXPIRED = "expired"
    """Nobody came."""


_REASONS = {
    "Used": ReservationState.USED,
    "Cancelled": ReservationState.CANCELLED,
    "Gone": ReservationState.GONE,
    "Expired": ReservationState.EXPIRED,
    "NoTransaction": ReservationState.EXPIRED,
}


def state_of(reservation: Reservation, now: datetime) -> ReservationState:
    """The state at `now`. What the station said outranks the clock."""
    if reservation.end_reason:
        return _REASONS.get(reservation.end_reason, ReservationState.REMOVED)
    if reservation.answer_status != "Accepted":
        return ReservationState.DECLINED
    return ReservationState.EXPIRED if reservation.expires_at <= now else ReservationState.LIVE

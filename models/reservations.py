"""An EVSE kept free for somebody, for a while."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment


class Reservation(TenantScoped, table=True):
    """What was asked of a station and what became of it. How it stands now follows from these facts and a clock."""

    __table_args__ = (
        UniqueConstraint("station_id", "ocpp_id"),
        Index("ix_reservation_tenant_expires", "tenant_id", "expires_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    ocpp_id: int
    """The reservationId on the wire, unique at its station."""
    evse_number: int = 0
    """0: any EVSE of the station."""
    connector_type: str = Field(default="", max_length=20)
    id_token: str = Field(default="", max_length=255)
    """Empty where we first heard of the reservation from the station."""
    id_token_type: str = Field(default="", max_length=20)
    group: str | None = Field(default=None, max_length=255)
    """Tokens of this group may use it as well: 1.6 parentIdTag, 2.x groupIdToken."""
    answered_at: datetime = moment()
    answer_status: str = Field(max_length=20)
    """Accepted, or why not: Faulted, Occupied, Rejected, Unavailable."""
    expires_at: datetime = moment()
    ended_at: datetime | None = optional_moment()
    """When a word of the station, or ours, ended it; expiry alone leaves this empty."""
    end_reason: str = Field(default="", max_length=16)
    """Used, Cancelled, Expired, Removed, Gone."""
    cancel_refused_at: datetime | None = optional_moment()
    """When the station last would not give it up."""
    transaction_id: int | None = Field(default=None, foreign_key="transaction.id", index=True)
    """The transaction that used it."""

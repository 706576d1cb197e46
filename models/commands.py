"""What was asked of stations, and how it went."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json, Money


class CommandState(StrEnum):
    """Life of a command. ASKED is committed before the frame leaves."""

    ASKED = "asked"
    ANSWERED = "answered"
    """The station answered; `answer_status` is its word (Accepted, Rejected …)."""
    REFUSED = "refused"
    """The station answered with a CALLERROR."""
    UNKNOWN = "unknown"
    """No answer in time: it may have acted."""
    UNDELIVERED = "undelivered"
    """Never sent: offline, queue full."""


class Command(TenantScoped, table=True):
    """One request to a station."""

    __table_args__ = (Index("ix_command_station_asked", "station_id", "asked_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    cause_id: str = Field(max_length=36, index=True)
    station_id: int = Field(foreign_key="charging_station.id")
    user_id: int | None = Field(default=None, foreign_key="app_user.id")
    action: str = Field(max_length=64)
    """OCPP action name as sent."""
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What was asked, secrets masked."""
    asked_at: datetime = moment()
    state: str = Field(default=CommandState.ASKED, max_length=12)
    answered_at: datetime | None = optional_moment()
    answer_status: str | None = Field(default=None, max_length=40)
    answer: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What the station answered; of a CALLERROR errorCode, errorDescription and errorDetails."""
    error_code: str = Field(default="", max_length=48, sa_column_kwargs={"server_default": ""})
    """Dotted name of what went wrong (csms.errors); empty while it runs, and where a result came."""
    remote_start_id: int | None = Field(default=None, index=True)
    """Links a remote start with the transaction that follows."""
    max_cost: Decimal | None = Field(default=None, sa_type=Money)
    """The most that the transaction of a remote start may cost, paid in advance (2.1 ad hoc payment, C24)."""

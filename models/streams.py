"""Values that stations send without being asked again: periodic event streams of 2.1 (N11 to N15)."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId


class EventStream(TenantScoped, table=True):
    """A stream that a station opened for one of its periodic monitors; a number may be used again once closed."""

    __table_args__ = (UniqueConstraint("station_id", "stream_id"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    stream_id: int = Field(sa_type=BigId)
    """The station's number for it."""
    monitor_id: int | None = Field(default=None, sa_type=BigId)
    """The monitor whose values it carries; None where the stream was only heard."""
    interval_s: int | None = None
    """Seconds after which a message is sent, whatever it holds."""
    values_per_message: int | None = None
    """Values after which a message is sent, whatever the time."""
    opened_at: datetime = moment()
    closed_at: datetime | None = optional_moment()
    last_at: datetime | None = optional_moment()
    """The station's time of the newest value."""
    pending: int = 0
    """Values that the station still held back when it last sent."""


class StreamValue(TenantScoped, table=True):
    """One value of a stream."""

    __table_args__ = (Index("ix_stream_value_stream", "stream_row_id", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    stream_row_id: int = Field(foreign_key="event_stream.id")
    at: datetime = moment()
    value: str

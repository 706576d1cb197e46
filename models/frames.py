"""The raw OCPP frames that crossed the wire."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from models.base import TenantScoped, moment
from models.types import BigId


class Frame(TenantScoped, table=True):
    """One exchange: a frame and, when it was a CALL, the answer it got. Texts are as on the wire, secrets masked."""

    __table_args__ = (Index("ix_frame_station_at", "station_id", "at"),)

    # One index, no foreign keys: the hottest table (docs/decisions/0004-hot-tables.md).
    tenant_id: int = Field(default=None, nullable=False)
    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int
    at: datetime = moment()
    from_station: bool
    """Who sent the first frame."""
    message_id: str = Field(default="", max_length=255)
    action: str = Field(default="", max_length=64)
    """Empty for a frame that was no valid CALL."""
    text: str
    answer_text: str | None = None
    outcome: str = Field(default="", max_length=40)
    """result, timeout, dropped …, or the CALLERROR's code."""
    latency_ms: float | None = None
    cause_id: str | None = Field(default=None, max_length=36)

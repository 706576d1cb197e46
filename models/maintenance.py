"""What is asked of a station and reported on later: updates, uploads, resets, reports; and what its display shows."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json


class JobKind(StrEnum):
    """What a maintenance job does."""

    FIRMWARE = "firmware"
    PUBLISH = "publish"
    """A local controller offers firmware to its stations (L03)."""
    LOG = "log"
    """Diagnostics or a log is uploaded (N01)."""
    RESET = "reset"


class JobState(StrEnum):
    """How far a job has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_OPEN = text("ended_at IS NULL")


class MaintenanceJob(TenantScoped, table=True):
    """One job of a station and everything it said of it."""

    __table_args__ = (
        Index("ix_maintenance_job_request", "station_id", "kind", "request_id"),
        # Boots look for what is under way, and that is little.
        Index("ix_maintenance_job_open", "station_id", "kind", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    kind: str = Field(max_length=12)
    action: str = Field(default="", max_length=64)
    """The OCPP request that began it; empty when only the station told of it."""
    request_id: int | None = Field(default=None, sa_type=BigInteger)
    """Links request and notifications; None where the version has none."""
    evse_number: int = Field(default=0, sa_type=BigInteger)
    """The EVSE it is about; 0 for the whole station."""
    state: str = Field(default=JobState.RUNNING, max_length=12)
    status: str = ""
    """The station's latest word: Accepted, Downloading, InstallationFailed."""
    asked_at: datetime | None = optional_moment()
    """None when only the station told of it."""
    updated_at: datetime = moment()
    ended_at: datetime | None = optional_moment()
    request: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What was asked, without secrets."""
    progress: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Every word of the station with its time, oldest first: {"at": …, "status": …}."""
    file_name: str = ""
    """Where the station puts its log."""
    locations: list[str] = Field(default_factory=list, sa_type=Json)
    """Addresses at which published firmware is offered."""
    version_before: str = ""
    version_after: str = ""
    """Firmware version before the job and at the boot that ended it."""


class ReportKind(StrEnum):
    """What a report in parts is about."""

    DEVICE_MODEL = "device_model"
    MONITORING = "monitoring"
    DISPLAY_MESSAGES = "display_messages"
    CUSTOMER_INFORMATION = "customer_information"
    EVENTS = "events"
    DER_CONTROLS = "der_controls"
    """Controls of distributed energy (R04)."""


class StationReportState(StrEnum):
    """How much of a report is here."""

    ASKED = "asked"
    ARRIVING = "arriving"
    COMPLETE = "complete"
    EMPTY = "empty"
    """The station has nothing that fits; a normal outcome."""
    REFUSED = "refused"


class StationReport(TenantScoped, table=True):
    """A report that a station sends in parts, joined by requestId and seqNo until none is to come (B07, N02, N09)."""

    __table_args__ = (Index("ix_station_report_request", "station_id", "kind", "request_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    kind: str = Field(max_length=24)
    action: str = Field(default="", max_length=64)
    """The OCPP request it answers; empty when the station reports by itself."""
    request_id: int | None = Field(default=None, sa_type=BigInteger)
    state: str = Field(default=StationReportState.ASKED, max_length=12)
    status: str = ""
    """The station's word on the request: Accepted, EmptyResultSet, NotSupported."""
    asked_at: datetime | None = optional_moment()
    updated_at: datetime = moment()
    ended_at: datetime | None = optional_moment()
    request: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What was asked, without personal data."""
    parts: list[int] = Field(default_factory=list, sa_type=Json)
    """Sequence numbers that have come."""
    last_part: int | None = Field(default=None, sa_type=BigInteger)
    """Sequence number of the part that said it was the last."""
    missing: list[int] = Field(default_factory=list, sa_type=Json)
    """Sequence numbers below the highest known one that have not come."""
    entries: int = 0
    """Variables, monitors, messages or events in the parts."""
    texts: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Customer information by sequence number: personal data, deleted after `customer_information_days`."""


class DisplayMessage(TenantScoped, table=True):
    """A message on a station's display (O01 to O06)."""

    __table_args__ = (UniqueConstraint("station_id", "message_id"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    message_id: int = Field(sa_type=BigInteger)
    """Ours to choose, unique per station; the same one again replaces the message."""
    priority: str = Field(default="", max_length=24)
    state: str = Field(default="", max_length=24)
    """When it is shown: Charging, Faulted, Idle, Unavailable; empty: always."""
    starts_at: datetime | None = optional_moment()
    ends_at: datetime | None = optional_moment()
    transaction_id: str = ""
    """The OCPP id of the transaction it belongs to."""
    format: str = Field(default="", max_length=12)
    language: str = Field(default="", max_length=8)
    content: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The whole message as on the wire."""
    confirmed_at: datetime = moment()
    """When the station last accepted or reported it."""

"""Acceptance checks: what was tried at a station before it went into service, step by step, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json


class CheckState(StrEnum):
    """How far a check, or a step of one, has come."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    """Of a whole check: given up, by a person or because the platform stopped."""


class AcceptanceCheck(TenantScoped, table=True):
    """One run of the acceptance check at a station."""

    __table_args__ = (Index("ix_acceptance_check_station_started", "station_id", "started_at"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    state: str = Field(default=CheckState.RUNNING, max_length=12)
    asked_by: str
    """As the audit names them."""
    vendor: str = ""
    model: str = ""
    firmware_version: str = ""
    ocpp_version: str = Field(default="", max_length=8)
    wishes: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What was to be tried beyond looking: EVSE of the session, whether to restart."""
    started_at: datetime = moment()
    ended_at: datetime | None = optional_moment()


class AcceptanceStep(TenantScoped, table=True):
    """One step of a check."""

    __table_args__ = (UniqueConstraint("check_id", "position"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    check_id: int = Field(foreign_key="acceptance_check.id")
    position: int
    key: str = Field(max_length=24)
    """As csms.acceptance.steps."""
    state: str = Field(default=CheckState.WAITING, max_length=12)
    text: str = ""
    """What was found, or why it failed or was skipped, in words."""
    started_at: datetime | None = optional_moment()
    ended_at: datetime | None = optional_moment()

"""Stations that swap batteries (OCPP 2.1, block S): what lies in which slot, and who swapped what."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json

_INSIDE = text("removed_at IS NULL")
_WHILE_INSIDE: Any = {"sqlite_where": _INSIDE, "postgresql_where": _INSIDE}


class SwapState(StrEnum):
    """How far a swap has come."""

    REQUESTED = "requested"
    REJECTED = "rejected"
    PARTLY = "partly"
    """Batteries came in, or went out; the other half is to come."""
    DONE = "done"
    TIMED_OUT = "timed out"
    """Batteries were offered and not taken."""


class BatterySwap(TenantScoped, table=True):
    """One swap: what came in and what went out, linked by requestId (S01 to S04)."""

    __table_args__ = (Index("ix_battery_swap_request", "station_id", "request_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    request_id: int = Field(sa_type=BigInteger)
    state: str = Field(default=SwapState.REQUESTED, max_length=12)
    id_token: str = Field(default="", max_length=255)
    id_token_type: str = Field(default="", max_length=20)
    status: str = ""
    """The answer to our request; empty where the station began by itself."""
    reason: str = ""
    asked_at: datetime | None = optional_moment()
    in_at: datetime | None = optional_moment()
    out_at: datetime | None = optional_moment()
    timed_out_at: datetime | None = optional_moment()
    updated_at: datetime = moment()
    batteries_in: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """The batteryData as sent."""
    batteries_out: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    batteries_left: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Offered, and still there when the time was over."""


class SlotBattery(TenantScoped, table=True):
    """A battery's stay in a slot; a slot is an EVSE. `removed_at` is None while it is there."""

    __table_args__ = (Index("ix_slot_battery_inside", "station_id", "evse_number", **_WHILE_INSIDE),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(sa_type=BigInteger)
    serial_number: str = Field(max_length=50)
    soc_percent: float
    soh_percent: float
    produced_at: datetime | None = optional_moment()
    vendor_info: str = Field(default="", max_length=500)
    inserted_at: datetime | None = optional_moment()
    """None: it was there before we heard of it."""
    in_request_id: int | None = Field(default=None, sa_type=BigInteger)
    removed_at: datetime | None = optional_moment()
    out_request_id: int | None = Field(default=None, sa_type=BigInteger)
    updated_at: datetime = moment()
    """When its state of charge and health were last told."""

"""What ties vehicles to the grid in OCPP 2.1: controls of distributed energy, setpoints, and who may give energy back.

Payloads are kept in the words of the specification, whole: fields that we do not read stay.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, true
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json


class DerState(StrEnum):
    """What is known of a control of distributed energy."""

    INSTALLED = "installed"
    """The station has it; it is not at work, or the station never said so."""
    ACTIVE = "active"
    """The station said it has begun."""
    SUPERSEDED = "superseded"
    """Another control goes before it."""
    ENDED = "ended"
    """The station said it has stopped."""
    CLEARED = "cleared"
    REJECTED = "rejected"


class DerControl(TenantScoped, table=True):
    """A control of distributed energy in a station (R04): how it reacts to voltage and frequency of the grid."""

    __table_args__ = (UniqueConstraint("station_id", "control_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    control_id: str = Field(max_length=36)
    control_type: str = Field(default="", max_length=24)
    """FreqDroop, VoltVar, LFMustTrip and so on; empty while only its start was told."""
    is_default: bool = False
    """Always in force where no scheduled one goes before it."""
    state: str = Field(default=DerState.INSTALLED, max_length=12)
    superseded_by: str | None = Field(default=None, max_length=36)
    """The control_id that took its place, where the station named it."""
    reason: str = ""
    """The station's words when it rejected it."""
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The control's own object as set or reported: {"curve": …}, {"fixedVar": …}."""
    supersedes: list[str] = Field(default_factory=list, sa_type=Json)
    """Every control that the station said it took the place of."""
    started_at: datetime | None = optional_moment()
    ended_at: datetime | None = optional_moment()
    updated_at: datetime = moment()
    confirmed_at: datetime | None = optional_moment()
    """When the station last said that it has it."""
    removed_at: datetime | None = optional_moment()


class PriorityCharging(TenantScoped, table=True):
    """Whether a transaction charges with priority (K21, K22)."""

    __table_args__ = (UniqueConstraint("station_id", "transaction_ocpp_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    transaction_ocpp_id: str = Field(max_length=36)
    is_active: bool = False
    """By the station's last word."""
    wanted: bool | None = None
    """What was last asked of it; None where the driver chose at the station."""
    status: str = ""
    """The answer to that: Accepted, Rejected, NoProfile."""
    updated_at: datetime = moment()


class DynamicUpdate(TenantScoped, table=True):
    """New values for a Dynamic profile, sent by us or fetched by the station (K28)."""

    __table_args__ = (Index("ix_dynamic_update_station_profile", "station_id", "profile_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    profile_id: int = Field(sa_type=BigInteger)
    pulled: bool
    """The station asked for it (PullDynamicScheduleUpdate), or it was sent (UpdateDynamicSchedule)."""
    status: str = Field(max_length=16)
    update: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    at: datetime = moment()


class AllowedEnergyTransfer(TenantScoped, table=True):
    """What a station was told that a transaction may do (Q02): NotifyAllowedEnergyTransfer and its answer."""

    __table_args__ = (Index("ix_allowed_energy_transfer_transaction", "station_id", "transaction_ocpp_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    transaction_ocpp_id: str = Field(max_length=36)
    allowed: list[str] = Field(default_factory=list, sa_type=Json)
    status: str = Field(max_length=16)
    at: datetime = moment()


class EnergyTransferRule(TenantScoped, table=True):
    """Which ways of charging and discharging a token may use (Q01); without a token, all that have no rule."""

    __table_args__ = (UniqueConstraint("tenant_id", "id_token_id"),)

    id: int | None = Field(default=None, primary_key=True)
    id_token_id: int | None = Field(default=None, foreign_key="id_token.id")
    allowed: list[str] = Field(default_factory=list, sa_type=Json)
    """DC, AC_three_phase, DC_BPT and so on."""


class ChargingPolicy(TenantScoped, table=True):
    """What the platform does about EVs at a station by itself; without a row, the defaults below hold."""

    __table_args__ = (UniqueConstraint("station_id"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    plans_for_evs: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Answer an EV's needs with a charging profile; if not, it is told NoChargingProfile (K18, K19)."""


class FrequencySignal(TenantScoped, table=True):
    """The newest signal for frequency restoration a station took or refused (Q08); older ones are in the frame log."""

    __table_args__ = (UniqueConstraint("station_id"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    signal: int = Field(sa_type=BigInteger)
    signalled_at: datetime = moment()
    """The moment the signal is for."""
    status: str = Field(max_length=16)
    answered_at: datetime = moment()
    count: int = Field(default=1, sa_type=BigInteger)
    """Signals answered so far."""

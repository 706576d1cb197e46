"""Charging profiles and limits of stations: what was installed, what others imposed, and what the stations make of it.

Profiles are kept in the shape of 2.x whatever the station speaks, whole and untouched: fields that we do not read stay.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json

_IN_USE = text("removed_at IS NULL")
_WHILE_IN_USE: Any = {"sqlite_where": _IN_USE, "postgresql_where": _IN_USE}
_IN_FORCE = text("cleared_at IS NULL")
_WHILE_IN_FORCE: Any = {"sqlite_where": _IN_FORCE, "postgresql_where": _IN_FORCE}


class ProfileState(StrEnum):
    """What is known of a charging profile."""

    SENT = "sent"
    """Sent, but its answer never came: the station may have it."""
    INSTALLED = "installed"
    """Accepted by the station, or reported by it."""
    AWAITING = "awaiting"
    """Accepted with a remote start; in force as soon as its transaction runs."""
    MISSING = "missing"
    """We believed it installed, but the station's own report does not have it."""
    REJECTED = "rejected"
    REPLACED = "replaced"
    """Another took its place by the stacking rules (DS_50)."""
    CLEARED = "cleared"
    ENDED = "ended"
    """Its transaction is over."""


class ChargingProfile(TenantScoped, table=True):
    """A charging profile as one station was told it or reported it.

    Numbers are as stations send them, and so of 64 bits. `removed_at` is None while it may be in use.
    """

    __table_args__ = (
        Index("ix_charging_profile_in_use", "station_id", "profile_id", **_WHILE_IN_USE),
        Index("ix_charging_profile_station_updated", "station_id", "updated_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(default=0, sa_type=BigInteger)
    """0: the station as a whole."""
    profile_id: int = Field(sa_type=BigInteger)
    """OCPP's chargingProfileId, unique within the station while in use."""
    stack_level: int = Field(sa_type=BigInteger)
    purpose: str = Field(max_length=40)
    """In 2.x words: ChargingStationMaxProfile, TxDefaultProfile, TxProfile, ChargingStationExternalConstraints."""
    kind: str = Field(max_length=16)
    transaction_ocpp_id: str | None = Field(default=None, max_length=36)
    """The transaction a TxProfile belongs to, by its id on the wire."""
    remote_start_id: int | None = Field(default=None, sa_type=BigInteger)
    """The remote start it came with, where the station was told one (2.x)."""
    source: str = Field(default="CSO", max_length=20)
    """Who set it: CSO is us; EMS, SO and Other are others, and theirs is not ours to change."""
    state: str = Field(default=ProfileState.INSTALLED, max_length=12)
    reason: str = ""
    """The station's words when it rejected it."""
    profile: dict[str, Any] = Field(sa_type=Json)
    updated_at: datetime = moment()
    """When it got its state."""
    confirmed_at: datetime | None = optional_moment()
    """When the station last said that it has it; a boot after that leaves it in doubt (DS_53)."""
    removed_at: datetime | None = optional_moment()


class ChargingLimit(TenantScoped, table=True):
    """A limit that an external system imposed on a station (K12, K13): NotifyChargingLimit until it is cleared."""

    __table_args__ = (Index("ix_charging_limit_in_force", "station_id", **_WHILE_IN_FORCE),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(default=0, sa_type=BigInteger)
    source: str = Field(max_length=20)
    is_grid_critical: bool | None = None
    schedules: list[Any] = Field(default_factory=list, sa_type=Json)
    """The charging schedules that came with it, in the station's words; may be empty."""
    limit: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The chargingLimit as sent."""
    set_at: datetime = moment()
    cleared_at: datetime | None = optional_moment()


class ReportState(StrEnum):
    """How far a report of charging profiles has come."""

    ASKED = "asked"
    PARTIAL = "partial"
    """Some parts came, the last did not."""
    COMPLETE = "complete"
    NO_PROFILES = "no profiles"
    REFUSED = "refused"


class ChargingProfileReport(TenantScoped, table=True):
    """What a station reported by ReportChargingProfiles, its parts joined by requestId (K09)."""

    __table_args__ = (Index("ix_charging_profile_report_request", "station_id", "request_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    request_id: int = Field(sa_type=BigInteger)
    criteria: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What was asked for; None while that is not known."""
    answered: bool = False
    """The request itself was answered; parts may come before that."""
    resend: bool = False
    """What is missing is to be sent again: asked by the platform after a reboot, not by a person who only looks."""
    state: str = Field(default=ReportState.ASKED, max_length=12)
    parts: int = 0
    reported: list[Any] = Field(default_factory=list, sa_type=Json)
    """Every profile told: {evse_number, source, profile}."""
    differences: list[Any] = Field(default_factory=list, sa_type=Json)
    """What our store thought otherwise (DS_53), by kind: missing, unknown, different."""
    asked_at: datetime = moment()
    completed_at: datetime | None = optional_moment()


class CompositeSchedule(TenantScoped, table=True):
    """A station's answer to GetCompositeSchedule (K08), beside what we expect of its profiles (DS_51)."""

    __table_args__ = (Index("ix_composite_schedule_station_answered", "station_id", "answered_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(sa_type=BigInteger)
    asked_unit: str | None = Field(default=None, max_length=1)
    asked_duration_s: int = Field(sa_type=BigInteger)
    answered_at: datetime = moment()
    status: str = Field(max_length=16)
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The answer as received."""
    unit: str | None = Field(default=None, max_length=1)
    starts_at: datetime | None = optional_moment()
    duration_s: int | None = Field(default=None, sa_type=BigInteger)
    matches: bool | None = None
    """Whether told and expected agree, within 4 s and 0.1; None where there is nothing to compare."""
    periods: list[Any] = Field(default_factory=list, sa_type=Json)
    """{start_s, duration_s, expected, told, difference, agrees}; decimals as text, None is no limit."""


class NeedsState(StrEnum):
    """How far we are with what an EV asked for."""

    WAITING = "waiting"
    """Answered Processing; no transaction to give a profile to yet."""
    PLANNED = "planned"
    """The profile was accepted by the station."""
    FAILED = "failed"
    """The station did not take the profile."""
    REPLACED = "replaced"
    """The EV asked anew."""
    REJECTED = "rejected"
    """Answered Rejected: the session may not transfer energy in this way (2.1)."""
    NO_PROFILE = "no profile"
    """Answered NoChargingProfile: the EV charges without one of ours (2.1)."""


class ChargingNeeds(TenantScoped, table=True):
    """What an EV said it needs (K15, K17), as told by NotifyEVChargingNeeds."""

    __table_args__ = (Index("ix_charging_needs_station_received", "station_id", "received_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(sa_type=BigInteger)
    transaction_ocpp_id: str | None = Field(default=None, max_length=36)
    received_at: datetime = moment()
    needs: dict[str, Any] = Field(sa_type=Json)
    """The whole of the message."""
    departs_at: datetime | None = optional_moment()
    state: str = Field(default=NeedsState.WAITING, max_length=12)
    profile_id: int | None = Field(default=None, sa_type=BigInteger)
    """The charging profile that answers them."""


class EvChargingSchedule(TenantScoped, table=True):
    """A schedule an EV means to follow (K16), and what we thought of it."""

    __table_args__ = (Index("ix_ev_charging_schedule_station_received", "station_id", "received_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(sa_type=BigInteger)
    transaction_ocpp_id: str | None = Field(default=None, max_length=36)
    received_at: datetime = moment()
    time_base: datetime = moment()
    schedule: dict[str, Any] = Field(sa_type=Json)
    accepted: bool
    reason: str = ""
    """Where it goes beyond what the limits allow, in words."""

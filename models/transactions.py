"""What happened at an EVSE: transactions, their meter values, and messages that could not be placed."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json, Money

_WHILE_OPEN: Any = {"sqlite_where": text("is_open = 1"), "postgresql_where": text("is_open")}
_WHEN_STARTED_REMOTELY: Any = {
    "sqlite_where": text("remote_start_id IS NOT NULL"),
    "postgresql_where": text("remote_start_id IS NOT NULL"),
}
_WHEN_IN_A_GROUP: Any = {
    "sqlite_where": text("token_group IS NOT NULL"),
    "postgresql_where": text("token_group IS NOT NULL"),
}


class Transaction(TenantScoped, table=True):
    """One charging session, as OCPP sees it. `id` doubles as 1.6's transactionId: positive, 31 bits, never reused."""

    __table_args__ = (
        UniqueConstraint("station_id", "start_key"),
        Index("ix_transaction_tenant_started", "tenant_id", "started_at"),
        Index("ix_transaction_station_started", "station_id", "started_at"),
        Index("ix_transaction_location_started", "location_id", "started_at"),
        # Few are open at a time, however long the history.
        Index("ix_transaction_open", "tenant_id", "started_at", **_WHILE_OPEN),
        Index("ix_transaction_station_open", "station_id", **_WHILE_OPEN),
        # What a token, or a group, used since a day began; few sessions belong to a group.
        Index("ix_transaction_token_started", "id_token_id", "started_at"),
        Index("ix_transaction_group_started", "tenant_id", "token_group", "started_at", **_WHEN_IN_A_GROUP),
        Index("ix_transaction_remote_start", "station_id", "remote_start_id", **_WHEN_STARTED_REMOTELY),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    location_id: int = Field(foreign_key="location.id")
    evse_number: int
    connector_number: int = 1
    ocpp_id: str | None = Field(default=None, max_length=36)
    """The id on the wire: the station's own in 2.x, our `id` as text in 1.6."""
    start_key: str = Field(max_length=400)
    """Makes a retried start the same start: the wire id (2.x) or connector, token, time and meter (1.6, X16_01)."""

    id_token: str = Field(default="", max_length=255)
    id_token_type: str = Field(default="", max_length=20)
    authorization_status: str = Field(default="", max_length=24)
    """What we answered for the token: Accepted, Invalid, Blocked, Expired, ConcurrentTx."""
    driver_id: int | None = Field(default=None, foreign_key="driver.id", index=True)
    id_token_id: int | None = None
    """The token that began it, as registered then; no foreign key, for the token may go and the session stays."""
    token_group: str | None = Field(default=None, max_length=255)
    """The group of that token when it began."""
    authorization_reason: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    """Why we did not say Accepted, in words, where a limit was the reason."""
    stop_id_token: str | None = Field(default=None, max_length=255)
    remote_start_id: int | None = None

    is_open: bool = True
    charging_state: str = Field(default="EVConnected", max_length=16)
    """2.x ChargingState: Charging, EVConnected, SuspendedEV, SuspendedEVSE, Idle."""
    started_at: datetime = moment()
    """The station's time."""
    start_received_at: datetime = moment()
    start_energy_wh: int | None = Field(default=None, sa_type=BigInteger)
    """Meter register at the start."""
    ended_at: datetime | None = optional_moment()
    end_received_at: datetime | None = optional_moment()
    end_energy_wh: int | None = Field(default=None, sa_type=BigInteger)
    stop_reason: str | None = Field(default=None, max_length=24)
    last_seq_no: int | None = None
    end_charging_state: str | None = Field(default=None, max_length=16)
    """What the station said of the charging state in its end; `charging_state` itself is Idle then."""
    time_charging_s: int | None = None
    """How long energy flowed, by the station's own count (2.x timeSpentCharging)."""

    energy_wh: int = Field(default=0, sa_type=BigInteger)
    """Delivered so far as of the last start, state change or end; while open, the newest meter value knows better."""
    energy_source: str = Field(default="", max_length=24)
    """signed, registers, samples, intervals, power: see csms.transactions.energy."""
    energy_estimated: bool = False
    currency: str = Field(default="", max_length=3)
    tariff_version_id: int | None = Field(default=None, foreign_key="tariff_version.id")
    cost: Decimal | None = Field(default=None, sa_type=Money)
    """Final price in `currency`; while open it is computed."""
    remarks: list[str] = Field(default_factory=list, sa_type=Json)
    """What was odd: offline, partial_start, meter_went_back, unauthorized, superseded … (docs/transactions.md)"""
    machine: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What the state machine must remember beyond the columns above."""

    told_at: datetime | None = optional_moment()
    """When the station answered how this transaction stands (GetTransactionStatus, E14)."""
    told_ongoing: bool | None = None
    """Its word then: whether the transaction goes on; None where it did not say."""
    told_queued: bool | None = None
    """Its word then: whether it still has messages about it to send."""
    station_limit: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The limit that the station says the transaction has, as sent (2.1 TransactionLimitType, E16)."""
    own_limit: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The limit that we told the station: max_cost as decimal text, max_energy_wh, max_time_s."""
    credit_taken: Decimal | None = Field(default=None, sa_type=Money)
    """What a prepaid token has paid for it so far, in `currency`."""
    cost_details: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What the station calculated itself, as sent (2.1 CostDetailsType, I12)."""
    station_cost: Decimal | None = Field(default=None, sa_type=Money)
    """The total of it, tax included where the station says so."""
    station_cost_currency: str = Field(default="", max_length=3, sa_column_kwargs={"server_default": ""})


class MeterValue(TenantScoped, table=True):
    """Everything one EVSE's meter said at one moment: usual measurands typed, the rest in `other`. One wide row."""

    __table_args__ = (
        # Also what makes a repeated frame harmless: the same moment and context is the same row. And what finds a
        # transaction's rows, within its span (csms.transactions.samples): another index would be a tree to write.
        UniqueConstraint("station_id", "evse_number", "sampled_at", "context", name="uq_meter_value_moment"),
    )

    # No index on the tenant, no foreign keys: a hot table (docs/decisions/0004-hot-tables.md).
    tenant_id: int = Field(default=None, nullable=False)
    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int
    evse_number: int
    transaction_id: int | None = None
    sampled_at: datetime = moment()
    received_at: datetime = moment()
    context: str = Field(default="Sample.Periodic", max_length=24)
    seq_no: int | None = None

    energy_wh: int | None = Field(default=None, sa_type=BigInteger)
    """Energy.Active.Import.Register, as the meter counts."""
    transaction_energy_wh: int | None = Field(default=None, sa_type=BigInteger)
    """Delivered in the transaction up to here."""
    energy_export_wh: int | None = Field(default=None, sa_type=BigInteger)
    energy_interval_wh: int | None = Field(default=None, sa_type=BigInteger)
    power_w: float | None = None
    power_offered_w: float | None = None
    current_a: float | None = None
    current_l1_a: float | None = None
    current_l2_a: float | None = None
    current_l3_a: float | None = None
    current_offered_a: float | None = None
    voltage_v: float | None = None
    voltage_l1_v: float | None = None
    voltage_l2_v: float | None = None
    voltage_l3_v: float | None = None
    soc_percent: float | None = None
    temperature_c: float | None = None
    frequency_hz: float | None = None
    other: list[Any] | None = Field(default=None, sa_type=Json)
    """Samples without a column of their own, as the station sent them: signed data, per-phase power …"""


class Resolution(StrEnum):
    """What became of a parked message."""

    ASSIGNED = "assigned"
    """It was taken in by a transaction."""
    CREATED = "created"
    """A transaction was recorded from it."""
    DISMISSED = "dismissed"


_WAITING = text("resolved_at IS NULL")


class ParkedMessage(TenantScoped, table=True):
    """A transaction message that was acknowledged but could not be placed; kept for the repair inbox."""

    __table_args__ = (
        # Few wait, however many were ever parked.
        Index(
            "ix_parked_message_waiting",
            "tenant_id",
            "station_id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id", index=True)
    received_at: datetime = moment()
    action: str = Field(max_length=64)
    reason: str
    """What is wrong with it, in words for an operator."""
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    proposal: str = ""
    """What Voltdeck would do about it."""
    transaction_id: int | None = None
    """The transaction it contradicts while it waits; once resolved, the one it went to."""
    resolved_at: datetime | None = optional_moment()
    resolution: str = Field(default="", max_length=12, sa_column_kwargs={"server_default": ""})
    """A Resolution; empty while it waits."""
    resolved_by: str = Field(default="", max_length=254, sa_column_kwargs={"server_default": ""})
    note: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why, in the words of whoever resolved it."""

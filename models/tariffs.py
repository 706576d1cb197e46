"""What charging costs. A tariff is a name; its versions hold the prices and never change once written."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json

_IN_USE = text("removed_at IS NULL")


class Tariff(TenantScoped, table=True):
    """A named price list of a tenant."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    currency: str = Field(max_length=3)
    is_default: bool = False
    """Holds where neither location nor connector names another."""


class TariffVersion(TenantScoped, table=True):
    """Prices as they stood from `valid_from`; a transaction keeps the version it started with."""

    __table_args__ = (UniqueConstraint("tariff_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    tariff_id: int = Field(foreign_key="tariff.id")
    number: int
    valid_from: datetime = moment()
    prices: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Read by csms.tariffs.pricing; money as decimal text."""


class StationTariffKind(StrEnum):
    """What a tariff in a station is for (OCPP 2.1)."""

    DEFAULT = "DefaultTariff"
    """For everyone who has none of their own (I07)."""
    DRIVER = "DriverTariff"
    """Given with an authorization (I08)."""
    TRANSACTION = "TransactionTariff"
    """Given to a running transaction (I11); our word, for OCPP has none."""


class StationTariffState(StrEnum):
    """What is known of a tariff in a station."""

    INSTALLED = "installed"
    """Accepted by the station, or reported by it."""
    REJECTED = "rejected"
    REPLACED = "replaced"
    CLEARED = "cleared"
    MISSING = "missing"
    """We believed it installed, but the station's own report does not have it."""


class StationTariff(TenantScoped, table=True):
    """A tariff as one station was told it or reported it, for its own calculation of costs (OCPP 2.1, I07 to I11).

    `removed_at` is None while it may be in use.
    """

    __table_args__ = (
        Index(
            "ix_station_tariff_in_use",
            "station_id",
            "tariff_id",
            sqlite_where=_IN_USE,
            postgresql_where=_IN_USE,
        ),
        Index("ix_station_tariff_station_since", "station_id", "since"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(default=0, sa_type=BigInteger)
    """0: every EVSE."""
    tariff_id: str = Field(max_length=60)
    """OCPP's tariffId, not the id of our table."""
    kind: str = Field(max_length=20)
    """A StationTariffKind."""
    currency: str = Field(default="", max_length=3)
    """Empty where the station reported a tariff that we never sent."""
    document: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """TariffType of 2.1, whole and untouched; empty where only its id is known."""
    transaction_ocpp_id: str | None = Field(default=None, max_length=36)
    """The transaction whose tariff it is."""
    id_tokens: list[str] | None = Field(default=None, sa_type=Json)
    """Whose tariff it is, as the station reported it."""
    valid_from: datetime | None = optional_moment()
    since: datetime = moment()
    """When it was sent, or first reported."""
    reported_at: datetime | None = optional_moment()
    """When the station last said that it holds it."""
    state: str = Field(max_length=12)
    """A StationTariffState."""
    answer_status: str = Field(default="", max_length=24)
    """The station's word: Accepted, TooManyElements, ConditionNotSupported, DuplicateTariffId …"""
    removed_at: datetime | None = optional_moment()

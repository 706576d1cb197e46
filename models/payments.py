"""Payments at payment terminals of stations, as the stations tell of them (OCPP 2.1, C18 to C23)."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment
from models.types import BigId, Json, Money


class SettlementStatus(StrEnum):
    """How a payment went; 2.1 PaymentStatusEnumType."""

    SETTLED = "Settled"
    CANCELED = "Canceled"
    REJECTED = "Rejected"
    FAILED = "Failed"


class Settlement(TenantScoped, table=True):
    """One payment of a payment service provider, kept once however often the station tells of it."""

    __table_args__ = (UniqueConstraint("station_id", "psp_ref"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    psp_ref: str = Field(max_length=255)
    """The provider's reference."""
    transaction_ocpp_id: str | None = Field(default=None, max_length=36)
    """As the station said it; a payment may be canceled before any transaction begins."""
    transaction_id: int | None = Field(default=None, foreign_key="transaction.id", index=True)
    status: str = Field(max_length=16)
    """A SettlementStatus."""
    status_info: str = ""
    amount: Decimal = Field(sa_type=Money)
    """Settled, tax included; in the currency of the transaction."""
    settled_at: datetime = moment()
    """The station's time."""
    received_at: datetime = moment()
    """When it was last told."""
    receipt_id: str = Field(default="", max_length=50)
    receipt_url: str = ""
    vat_number: str = Field(default="", max_length=20)
    vat_company: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The company that asked for an invoice, an AddressType of 2.1."""

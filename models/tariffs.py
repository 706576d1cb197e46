"""What charging costs. A tariff is a name; its versions hold the prices and never change once written."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment
from models.types import Json


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

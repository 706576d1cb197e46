"""Tenants (charge point operators) and the hostnames they answer to."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from models.base import Row, moment
from models.types import Json


class Tenant(Row, table=True):
    """A charge point operator with its own brand, currency and people."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=63)
    name: str
    currency: str = Field(max_length=3)
    time_zone: str
    locale: str = Field(default="en", max_length=16)
    brand: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Brand tokens as plain JSON, read by themes.brand."""
    map_latitude: float = 50.0
    map_longitude: float = 10.0
    map_zoom: int = 5
    created_at: datetime = moment()


class TenantHost(Row, table=True):
    """One hostname, lower case, without port."""

    hostname: str = Field(primary_key=True, max_length=253)
    tenant_id: int = Field(foreign_key="tenant.id", index=True)

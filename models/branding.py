"""What a tenant's brand was, is and may become, and the pictures in it."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment
from models.types import Json


class BrandVersion(TenantScoped, table=True):
    """One published brand; the highest number is what the tenant's hosts show. Append-only."""

    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    number: int
    """From 1, for each tenant."""
    tokens: dict[str, Any] = Field(sa_type=Json)
    author: str
    """The person's e-mail, or the program's name."""
    user_id: int | None = Field(default=None, foreign_key="app_user.id")
    published_at: datetime = moment()
    restores: int | None = None
    """The number of the earlier version that this one brought back."""


class BrandDraft(TenantScoped, table=True):
    """What a person is working on: one for each person and tenant, gone once it is published or thrown away."""

    tenant_id: int = Field(default=None, foreign_key="tenant.id", primary_key=True)
    user_id: int = Field(foreign_key="app_user.id", primary_key=True)
    base_number: int
    """The version it began from: publishing warns when there is a newer one."""
    tokens: dict[str, Any] = Field(sa_type=Json)
    author: str
    saved_at: datetime = moment()


class BrandImage(TenantScoped, table=True):
    """A logo or favicon that is a picture: a PNG of our own making, named after its content."""

    tenant_id: int = Field(default=None, foreign_key="tenant.id", primary_key=True)
    name: str = Field(primary_key=True, max_length=40)
    data: bytes = Field(sa_type=LargeBinary)
    width: int
    height: int
    created_at: datetime = moment()

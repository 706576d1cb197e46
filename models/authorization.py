"""Who may charge: identification tokens and the drivers who hold them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment


class IdTokenStatus(StrEnum):
    """What we say of a token before looking at its dates."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"


class Driver(TenantScoped, table=True):
    """A person who charges."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = ""
    created_at: datetime = moment()


class IdToken(TenantScoped, table=True):
    """An RFID card or another means of identification (OCPP IdToken)."""

    __table_args__ = (UniqueConstraint("tenant_id", "value_key"),)

    id: int | None = Field(default=None, primary_key=True)
    value: str = Field(max_length=255)
    value_key: str = Field(max_length=255)
    """Case-folded: readers and prints disagree about case (X16_10)."""
    type: str = Field(default="ISO14443", max_length=20)
    status: str = Field(default=IdTokenStatus.ACCEPTED, max_length=16)
    expires_at: datetime | None = optional_moment()
    group: str | None = Field(default=None, max_length=255)
    """1.6 parentIdTag, 2.x groupIdToken."""
    label: str = ""
    driver_id: int | None = Field(default=None, foreign_key="driver.id", index=True)
    created_at: datetime = moment()

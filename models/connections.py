"""How stations reach us and how well they speak: handshakes that failed, strangers that knock, what was repaired."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, false
from sqlmodel import Field

from models.base import Row, TenantScoped, moment, optional_moment
from models.types import BigId


class FailedHandshake(Row, table=True):
    """Connections that failed for the same reason, from the same address, for the same identity: one row.

    Not TenantScoped, for a stranger belongs to nobody: read it through csms.stations.doctor, which keeps tenants apart.
    """

    __table_args__ = (
        UniqueConstraint("cause", "identity", "address", name="uq_failed_handshake_kind"),
        Index("ix_failed_handshake_tenant_last", "tenant_id", "last_at"),
        Index("ix_failed_handshake_last", "last_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    tenant_id: int | None = Field(default=None, foreign_key="tenant.id")
    """Whose station it means to be; None where the identity does not tell: then for the platform only."""
    station_id: int | None = Field(default=None, foreign_key="charging_station.id", index=True)
    cause: str = Field(max_length=32)
    """As csms.stations.doctor.Cause."""
    identity: str = Field(default="", max_length=255)
    """As given in the URL; "" where there was none, or where many were tried from one address."""
    address: str = Field(default="", max_length=64)
    """The network address it came from; "" where too many were tried from."""
    path: str = Field(default="", max_length=255)
    """Of the URL, without its query."""
    user_agent: str = Field(default="", max_length=200)
    offered: str = Field(default="", max_length=200)
    """Sec-WebSocket-Protocol as sent."""
    detail: str = Field(default="", max_length=255)
    """What was found wrong this time, beyond the cause."""
    count: int = 1
    first_at: datetime = moment()
    last_at: datetime = moment()


class StationRemark(TenantScoped, table=True):
    """One way in which a station departs from OCPP, however often it does: what was met, and what we made of it."""

    __table_args__ = (UniqueConstraint("station_id", "kind", "subject", name="uq_station_remark_kind"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    kind: str = Field(max_length=32)
    """As csms.stations.remarks.Kind."""
    subject: str = Field(default="", max_length=120)
    """Where: an action and field such as `BootNotification.chargePointSerialNumber`, a header, a clock."""
    text: str
    """What is odd, what it means and what was done about it, in plain words."""
    example: str = Field(default="", max_length=200)
    """What was sent last, without secrets."""
    count: int = 1
    first_at: datetime = moment()
    last_at: datetime = moment()


class KnockState(StrEnum):
    """What became of a charger that knocked."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    REFUSED = "refused"


class Knock(TenantScoped, table=True):
    """A charger that nobody registered, at a tenant's own hostname or path, under one identity."""

    __table_args__ = (UniqueConstraint("tenant_id", "identity_key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    identity: str = Field(max_length=255)
    """As given in the URL."""
    identity_key: str = Field(max_length=255)
    """The identity case-folded."""
    state: str = Field(default=KnockState.WAITING, max_length=12)
    address: str = Field(default="", max_length=64)
    """The network address it came from last."""
    user_agent: str = Field(default="", max_length=200)
    offered: str = Field(default="", max_length=200)
    """Sec-WebSocket-Protocol as sent: which OCPP versions it speaks."""
    password_digest: str | None = Field(default=None, max_length=64)
    """Keyed digest of the password it sent last, as csms.stations.security makes it; None where it sent none."""
    passwords_differ: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """More than one password was tried under this identity: more than one device, or somebody guessing."""
    count: int = 1
    first_at: datetime = moment()
    last_at: datetime = moment()
    decided_at: datetime | None = optional_moment()

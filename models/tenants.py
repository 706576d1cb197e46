"""Tenants (charge point operators), the hostnames they answer to, and how both come about."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, literal_column
from sqlmodel import Field

from models.base import Row, TenantScoped, moment, optional_moment
from models.types import Json


class Tenant(Row, table=True):
    """A charge point operator with its own brand, currency and people."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=63)
    """Its slug: it answers at `<key>.<platform domain>`."""
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
    postal_address: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """As it stands on receipts, line by line."""
    legal_text: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What the law asks of receipts: register, tax number, representatives."""
    support_phone: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    support_email: str = Field(default="", max_length=254, sa_column_kwargs={"server_default": ""})
    main_hostname: str = Field(default="", max_length=253, sa_column_kwargs={"server_default": ""})
    """The hostname that links in mails and receipts lead to; empty for the one it was given first."""
    redirects: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    """Whether its other hostnames lead to the main one."""
    revision: int = Field(
        default=1, sa_column_kwargs={"server_default": "1", "onupdate": literal_column("tenant.revision + 1")}
    )
    """Grows with every update, so that other processes see cheaply that something changed."""


class TenantHost(Row, table=True):
    """One hostname that a tenant answers to, lower case, without port. Whoever changes one touches its tenant."""

    hostname: str = Field(primary_key=True, max_length=253)
    tenant_id: int = Field(foreign_key="tenant.id", index=True)
    is_custom: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    """The tenant's own, verified by DNS; see CustomDomain."""
    is_lost: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    """Its DNS no longer leads here: it answers for a while yet, and nobody is sent to it."""


class CustomDomain(TenantScoped, table=True):
    """A hostname that a tenant says is theirs, and what DNS says to that. Several may claim one; one can prove it."""

    __table_args__ = (UniqueConstraint("tenant_id", "hostname"),)

    id: int | None = Field(default=None, primary_key=True)
    hostname: str = Field(max_length=253, index=True)
    token: str = Field(max_length=64)
    """What the TXT record has to say; public, and of no use elsewhere."""
    created_at: datetime = moment()
    due_at: datetime = moment(index=True)
    """When DNS is asked next."""
    checked_at: datetime | None = optional_moment()
    found: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What DNS said last, as csms.tenants.dns puts it."""
    verified_at: datetime | None = optional_moment()
    """Since when it has been proved; None while it is not."""
    lost_at: datetime | None = optional_moment()
    """Since when a proved one has no longer been right."""
    expired_at: datetime | None = optional_moment()
    """When it was taken out of use for that."""
    is_taken: bool = False
    """Right, but still in use by somebody else of this platform."""
    warned_at: datetime | None = optional_moment()
    """When its Admins were told by mail of the loss."""
    served_at: datetime | None = optional_moment()
    """When HTTPS last answered under this name with a certificate that browsers trust."""
    certificate: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The certificate that was seen, or why none was."""


class SignUp(Row, table=True):
    """Somebody on the way to a tenant of their own: the link in the mail holds the token, this row its SHA-256."""

    token_hash: str = Field(primary_key=True, max_length=64)
    email: str = Field(max_length=254, index=True)
    """Lower case."""
    invited_by: str = ""
    """The platform owner who invited; empty for somebody who came by themselves."""
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = optional_moment()
    tenant_id: int | None = Field(default=None, foreign_key="tenant.id")
    """The tenant that came of it."""


class HandOver(Row, table=True):
    """Carries a sign-in from the platform's host to a tenant's, once and at once: cookies never cross hostnames."""

    token_hash: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="app_user.id")
    tenant_id: int = Field(foreign_key="tenant.id")
    expires_at: datetime = moment()
    used_at: datetime | None = optional_moment()

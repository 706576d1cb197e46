"""People: users, what they may do for which tenant, their sign-ins, and the record of what they did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field

from models.base import Row, TenantScoped, moment, optional_moment
from models.types import BigId, Json


class Role(StrEnum):
    """What a person is for a tenant, most powerful first."""

    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


class User(Row, table=True):
    """A person who signs in. One person may belong to several tenants."""

    # "user" is a reserved word in PostgreSQL.
    __tablename__ = "app_user"  # pyright: ignore[reportAssignmentType] - SQLModel types it as a declared attribute

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    """Lower case."""
    name: str
    password_hash: str
    """argon2id."""
    is_platform_owner: bool = False
    created_at: datetime = moment()


class Membership(TenantScoped, table=True):
    """A user's role for a tenant."""

    user_id: int = Field(foreign_key="app_user.id", primary_key=True)
    tenant_id: int = Field(foreign_key="tenant.id", primary_key=True)
    role: str = Field(max_length=16)


class SignInSession(Row, table=True):
    """One signed-in browser on one hostname. The cookie holds the token, this row only its SHA-256."""

    token_hash: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    tenant_id: int | None = Field(default=None, foreign_key="tenant.id")
    """None for the platform owner's pages."""
    created_at: datetime = moment()
    expires_at: datetime = moment()


class OneTimeLink(Row, table=True):
    """A link that works once, such as the one that creates the platform owner."""

    token_hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=32)
    expires_at: datetime = moment()
    used_at: datetime | None = optional_moment()


class AuditEntry(TenantScoped, table=True):
    """Who did or asked what, written in the same commit as the change or before the request is sent. Append-only."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = moment(index=True)
    actor: str
    """The person's e-mail, or the program's name."""
    user_id: int | None = Field(default=None, foreign_key="app_user.id")
    action: str = Field(max_length=64)
    """Dotted: `station.reset`."""
    subject: str
    """What it was done to: `station DE-BER-001`."""
    cause_id: str | None = Field(default=None, max_length=36)
    address: str = Field(default="", max_length=64)
    """Network address it was done from; empty for the platform itself."""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)

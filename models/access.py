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
    """argon2id; empty for who signs in by single sign-on alone."""
    is_platform_owner: bool = False
    created_at: datetime = moment()


class Membership(TenantScoped, table=True):
    """A user's role for a tenant."""

    user_id: int = Field(foreign_key="app_user.id", primary_key=True)
    tenant_id: int = Field(foreign_key="tenant.id", primary_key=True)
    role: str = Field(max_length=16)
    last_seen_at: datetime | None = optional_moment()


class Invitation(TenantScoped, table=True):
    """Somebody asked to become a member. The row is gone once it was accepted or withdrawn; the audit remembers."""

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=254)
    """Lower case."""
    role: str = Field(max_length=16)
    token_hash: str = Field(unique=True, max_length=64)
    """SHA-256 of what the link carries."""
    invited_by: str
    """The name of whoever asked."""
    sent_at: datetime = moment()
    expires_at: datetime = moment()


class SignInSession(Row, table=True):
    """One signed-in browser on one hostname. The cookie holds the token, this row only its SHA-256."""

    token_hash: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    tenant_id: int | None = Field(default=None, foreign_key="tenant.id")
    """None for the platform owner's pages."""
    created_at: datetime = moment()
    expires_at: datetime = moment()
    means: str = Field(default="password", max_length=16)
    """How they signed in: password, sso, or platform for an owner who entered a tenant."""
    reason: str = ""
    """Why a platform owner entered."""
    user_agent: str = Field(default="", max_length=300)
    address: str = Field(default="", max_length=64)
    last_seen_at: datetime | None = optional_moment()
    """To the minute or so."""


class SecondFactor(Row, table=True):
    """A person's authenticator app (TOTP, RFC 6238)."""

    user_id: int = Field(foreign_key="app_user.id", primary_key=True)
    secret: str
    """Sealed with the platform's key."""
    last_step: int = 0
    """Time step of the last code that was accepted: it and those before are used up."""
    confirmed_at: datetime | None = optional_moment()
    """None until the first code has proved that the app has the secret."""


class RecoveryCode(Row, table=True):
    """Stands in for a code of the app, once. The row is gone when it was used."""

    code_hash: str = Field(primary_key=True, max_length=64)
    """Keyed SHA-256."""
    user_id: int = Field(foreign_key="app_user.id", index=True)


class SignInRules(TenantScoped, table=True):
    """How a tenant's people sign in: its OpenID provider, if any, and what it asks of everybody."""

    tenant_id: int = Field(foreign_key="tenant.id", primary_key=True)
    require_second_factor: bool = False
    issuer: str = ""
    """Empty: no single sign-on."""
    label: str = Field(default="", max_length=40)
    """What the button on the sign-in page calls it."""
    client_id: str = ""
    client_secret: str = ""
    """Sealed with the platform's key; empty for a public client."""
    domains: list[str] = Field(default_factory=list, sa_type=Json)
    """E-mail domains whose people are let in without an invitation."""
    default_role: str = Field(default="viewer", max_length=16)
    role_claim: str = ""
    """Claim that names groups or roles; empty: everybody begins with the default role."""
    role_values: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Which value of the claim means which role."""
    is_only_way: bool = False
    """Passwords open nothing, but for Admins."""


class ExternalIdentity(TenantScoped, table=True):
    """Who a tenant's OpenID provider says somebody is."""

    tenant_id: int = Field(foreign_key="tenant.id", primary_key=True)
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True, max_length=255)
    user_id: int = Field(foreign_key="app_user.id", index=True)
    created_at: datetime = moment()


class OneTimeLink(Row, table=True):
    """A link, or a step of signing in, that works once."""

    token_hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=32)
    user_id: int | None = Field(default=None, foreign_key="app_user.id", index=True)
    tenant_id: int | None = Field(default=None, foreign_key="tenant.id")
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
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

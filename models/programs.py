"""Programs that act on the API: their keys, the tokens of people who sign in there, and requests that came twice."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Row, TenantScoped, moment, optional_moment
from models.types import BigId, Json


class ApiKey(TenantScoped, table=True):
    """The key of a program. It reads `vd_<prefix>_<secret>`; of the secret only the SHA-256 is kept."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100)
    prefix: str = Field(unique=True, max_length=16)
    secret_hash: str = Field(max_length=64)
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    """Names of permissions."""
    created_by: str = Field(default="", max_length=254)
    """E-mail or name of who made it."""
    created_at: datetime = moment()
    expires_at: datetime | None = optional_moment()
    last_used_at: datetime | None = optional_moment()
    revoked_at: datetime | None = optional_moment()


class RefreshToken(TenantScoped, table=True):
    """One refresh token. Each is good once, for the next of its family; used again, it ends the sign-in."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    family: str = Field(index=True, max_length=64)
    """The sign-in: `token_hash` of its SignInSession. Access tokens name it as `sid`."""
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime = moment()
    expires_at: datetime = moment(index=True)
    used_at: datetime | None = optional_moment()


class SigningKey(Row, table=True):
    """A key that signs access tokens, of the whole platform. Newer ones take over; older ones still verify a while."""

    kid: str = Field(primary_key=True, max_length=64)
    sealed_key: str
    """The private JWK, sealed (csms.sealing)."""
    created_at: datetime = moment()


class IdempotentRequest(TenantScoped, table=True):
    """A POST with an Idempotency-Key, and what was answered."""

    __table_args__ = (UniqueConstraint("tenant_id", "caller", "key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    caller: str = Field(max_length=64)
    """Whose key it is: `user 7`, `key 3`."""
    key: str = Field(max_length=255)
    fingerprint: str = Field(max_length=64)
    """SHA-256 of method, address and body."""
    created_at: datetime = moment(index=True)
    status: int | None = None
    """None while it runs."""
    headers: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    body: str = ""
    """Sealed (csms.sealing): it may hold a secret that is shown once."""

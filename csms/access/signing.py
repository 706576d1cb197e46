"""Access tokens: JWTs signed with keys of the platform that change by themselves (RFC 7519, RFC 7517)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import select
from sqlmodel import col

from csms.clock import Clock
from csms.errors import SignInError
from csms.sealing import Sealer, SealingError
from csms.work import Committer
from models import SigningKey
from models.db import Database

AUDIENCE = "voltdeck-api"
LIFETIME = timedelta(minutes=15)
ROTATE_AFTER = timedelta(days=30)
"""A key signs this long."""
KEPT_FOR = ROTATE_AFTER + timedelta(days=1)
"""And is published this long, so that what it signed last can still be verified."""
_ALGORITHM = "ES256"
_LOOK_AGAIN = timedelta(minutes=1)
"""How soon the database is asked anew for a key that somebody names and we do not know."""
_REFUSED = "This access token is not valid here, or has expired. Refresh it, or sign in again."


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says."""

    issuer: str
    """Base address of the tenant's host where it was made."""
    user_id: int
    tenant: str
    """The tenant's key."""
    family: str
    """The sign-in that it belongs to."""


class SigningKeys:
    """The platform's signing keys, read from the database and remembered."""

    def __init__(self, database: Database, committer: Committer, clock: Clock, secret_key: bytes) -> None:
        self._database = database
        self._committer = committer
        self._clock = clock
        self._sealer = Sealer(secret_key, "signing keys")
        self._keys: list[tuple[datetime, ECKey]] = []
        self._looked_at: datetime | None = None

    async def issue(self, claims: Claims) -> str:
        """A signed token, good for LIFETIME."""
        key, now = await self._current(), int(self._clock.now().timestamp())
        payload: dict[str, Any] = {
            "iss": claims.issuer,
            "aud": AUDIENCE,
            "sub": str(claims.user_id),
            "tenant": claims.tenant,
            "sid": claims.family,
            "iat": now,
            "exp": now + int(LIFETIME.total_seconds()),
        }
        return jwt.encode({"alg": _ALGORITHM, "kid": key.kid, "typ": "at+jwt"}, payload, key)

    async def verify(self, token: str) -> Claims:
        """What a token says. Raises SignInError for one that we did not sign, for another audience, or expired."""
        keys = await self._published()
        try:
            decoded = jwt.decode(token, KeySet([key for _, key in keys]), algorithms=[_ALGORITHM])
            registry = jwt.JWTClaimsRegistry(
                now=lambda: int(self._clock.now().timestamp()),
                iss={"essential": True},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                sub={"essential": True},
                sid={"essential": True},
                tenant={"essential": True},
            )
            registry.validate(decoded.claims)
            said = decoded.claims
            return Claims(str(said["iss"]), int(said["sub"]), str(said["tenant"]), str(said["sid"]))
        except (JoseError, ValueError, TypeError):
            raise SignInError(_REFUSED) from None

    async def public_keys(self) -> list[dict[str, Any]]:
        """The keys with which others can verify our tokens, newest first (JWKS)."""
        await self._current()
        return [dict(key.as_dict(private=False)) for _, key in await self._published()]

    async def _published(self) -> list[tuple[datetime, ECKey]]:
        now = self._clock.now()
        if self._looked_at is None or not self._keys or now - self._looked_at > _LOOK_AGAIN:
            await self._load(now)
        return [(at, key) for at, key in self._keys if now - at < KEPT_FOR]

    async def _current(self) -> ECKey:
        now = self._clock.now()
        for at, key in await self._published():
            if now - at < ROTATE_AFTER:
                return key
        await self._make(now)
        return self._keys[0][1]

    async def _load(self, now: datetime) -> None:
        query = select(SigningKey).where(col(SigningKey.created_at) > now - KEPT_FOR)
        async with self._database.reading() as session:
            rows = (await session.execute(query.order_by(col(SigningKey.created_at).desc()))).scalars().all()
        known = {key.kid: key for _, key in self._keys}
        loaded = [(row.created_at, known.get(row.kid) or self._open(row)) for row in rows]
        self._keys = [(at, key) for at, key in loaded if key is not None]
        self._looked_at = now

    def _open(self, row: SigningKey) -> ECKey | None:
        """None when the platform's secret key has been changed since: another signing key takes its place."""
        try:
            return ECKey.import_key(orjson.loads(self._sealer.open(row.sealed_key, row.kid)))
        except SealingError:
            return None

    async def _make(self, now: datetime) -> None:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": _ALGORITHM}, auto_kid=True)
        kid = key.kid or key.thumbprint()
        sealed = self._sealer.seal(orjson.dumps(key.as_dict(private=True)).decode(), kid)
        row = {"kid": kid, "sealed_key": sealed, "created_at": now}
        await self._committer.run(lambda work: work.append(SigningKey, row))
        self._keys.insert(0, (now, key))

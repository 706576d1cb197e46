"""API keys: made by an Admin for a program, with scopes; shown once, and of the secret only the hash is kept."""

import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, allowed, require
from csms.access.tokens import hash_token
from csms.clock import Clock
from csms.errors import InvalidInputError, NotFoundError, SignInError
from csms.work import Committer, Work
from models import ApiKey, Role
from models.db import Database

MAX_NAME = 100
_ALPHABET = string.ascii_lowercase + string.digits
_FORM = re.compile(r"vd_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_NOTED_EVERY = timedelta(minutes=1)
_REFUSED = "This API key is not valid here: it is unknown, revoked or expired."


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; `secret` is the whole text, shown this once."""

    row: ApiKey
    secret: str


def looks_like_key(credential: str) -> bool:
    """Whether a bearer's credential is an API key rather than an access token."""
    return credential.startswith("vd_")


async def create_key(
    work: Work, actor: Actor, *, name: str, scopes: Sequence[str], expires_at: datetime | None, at: datetime
) -> NewKey:
    """Make a key for a program. Raises PermissionDeniedError; InvalidInputError for a name or scopes that cannot be.

    Nobody gives a program more than they may do themselves.
    """
    require(actor, Permission.PROGRAMS_MANAGE)
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise InvalidInputError(f"A name for an API key has 1 to {MAX_NAME} characters.")
    if expires_at is not None and expires_at <= at:
        raise InvalidInputError("An API key must expire in the future, or never.")
    granted = sorted({_scope(actor, scope) for scope in scopes})
    if not granted:
        raise InvalidInputError("An API key needs at least one scope: what the program may do.")
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    secret = f"vd_{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKey(
        tenant_id=actor.tenant_id,
        name=name,
        prefix=prefix,
        secret_hash=hash_token(secret),
        scopes=granted,
        created_by=actor.words[:254],
        created_at=at,
        expires_at=expires_at,
    )
    work.session().add(row)
    await work.session().flush()
    ends = expires_at.isoformat() if expires_at else None
    audit.record(
        work, actor, "api_key.create", f"API key {name}", {"prefix": prefix, "scopes": granted, "ends": ends}, at=at
    )
    return NewKey(row, secret)


async def revoke_key(work: Work, actor: Actor, key_id: int, at: datetime) -> None:
    """End a key at once. Raises PermissionDeniedError, NotFoundError; one that has ended stays so."""
    require(actor, Permission.PROGRAMS_MANAGE)
    row = await work.session().get(ApiKey, key_id)
    if row is None:
        raise NotFoundError("There is no such API key.")
    if row.revoked_at is None:
        row.revoked_at = at
        audit.record(work, actor, "api_key.revoke", f"API key {row.name}", {"prefix": row.prefix}, at=at)


async def list_keys(session: AsyncSession, actor: Actor) -> list[ApiKey]:
    """The tenant's keys, newest first, ended ones as well. Raises PermissionDeniedError."""
    require(actor, Permission.PROGRAMS_MANAGE)
    query = select(ApiKey).order_by(col(ApiKey.created_at).desc(), col(ApiKey.id).desc())
    return list((await session.execute(query)).scalars())


async def actor_for_key(database: Database, committer: Committer, clock: Clock, secret: str) -> tuple[Actor, int]:
    """The program that bears this key in the tenant in scope, and the key's id; its use is noted once a minute.

    Raises SignInError.
    """
    form = _FORM.fullmatch(secret)
    if form is None:
        raise SignInError(_REFUSED)
    async with database.reading() as session:
        row = (await session.execute(select(ApiKey).where(col(ApiKey.prefix) == form[1]))).scalar_one_or_none()
    now = clock.now()
    if row is None or row.id is None or not secrets.compare_digest(row.secret_hash, hash_token(secret)):
        raise SignInError(_REFUSED)
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        raise SignInError(_REFUSED)
    if row.last_used_at is None or now - row.last_used_at >= _NOTED_EVERY:
        await committer.run(lambda work: _note_use(work, row, now))
    return _actor(row), row.id


async def _note_use(work: Work, row: ApiKey, now: datetime) -> None:
    used = update(ApiKey).where(col(ApiKey.id) == row.id).values(last_used_at=now)
    await work.session().execute(used.execution_options(synchronize_session=False))


def _actor(row: ApiKey) -> Actor:
    """A program may what an Admin may, within its scopes."""
    return Actor(None, f"API key {row.name}", "", row.tenant_id, Role.ADMIN, scopes=frozenset(row.scopes))


def _scope(actor: Actor, scope: str) -> str:
    try:
        permission = Permission(scope)
    except ValueError:
        known = ", ".join(Permission)
        raise InvalidInputError(f"There is no scope {scope!r}; known: {known}.") from None
    if not allowed(actor, permission):
        raise InvalidInputError(f"You may not give {permission} to a program, for you do not have it yourself.")
    return str(permission)

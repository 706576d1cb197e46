"""Sign-ins of programs on behalf of people: an access token for minutes, a refresh token for the next (RFC 6749, 9700).

A grant is a sign-in like that of a browser, in the same table: whoever ends it there ends it here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor
from csms.access.sessions import actor_for_sign_in
from csms.access.signing import Claims, SigningKeys
from csms.access.tokens import hash_token, new_token
from csms.clock import Clock
from csms.errors import SignInError
from csms.work import Committer, Work
from models import RefreshToken, SignInSession
from models.db import Database

LASTS_HOURS = 24 * 30
"""How long a grant can be refreshed before the password is asked for again."""
_ENDED = "This sign-in has ended. Please sign in again."


@dataclass(frozen=True, slots=True)
class Grant:
    """What a program is given."""

    access_token: str
    refresh_token: str
    actor: Actor


class Grants:
    """Makes, renews, ends and reads grants, each in the tenant in scope."""

    def __init__(self, database: Database, committer: Committer, clock: Clock, keys: SigningKeys) -> None:
        self._database = database
        self._committer = committer
        self._clock = clock
        self._keys = keys

    async def open(self, sign_in_token: str, tenant_id: int, tenant: str, issuer: str) -> Grant:
        """Begin a grant with a sign-in that was just made (`sessions.sign_in`); its token is given to nobody."""
        family = hash_token(sign_in_token)
        async with self._database.reading() as session:
            expires_at = await session.scalar(
                select(col(SignInSession.expires_at)).where(col(SignInSession.token_hash) == family)
            )
        if expires_at is None:
            raise SignInError(_ENDED)
        refresh_token, row = _fresh(tenant_id, family, self._clock.now(), expires_at)
        await self._committer.run(lambda work: work.append(RefreshToken, row))
        return await self._grant(family, tenant_id, tenant, issuer, refresh_token)

    async def refresh(self, refresh_token: str, tenant_id: int, tenant: str, issuer: str) -> Grant:
        """The next pair. Raises SignInError for a token that is unknown, expired or ended here; one that was used
        before has been stolen by somebody: then the whole grant ends."""

        async def unit(work: Work) -> tuple[str, str] | None:
            session, now = work.session(), self._clock.now()
            found = await _find(session, refresh_token, now)
            if found is None:
                return None
            if found.used_at is not None or not await _use(session, found, now):
                await _end(session, found.family)
                audit.record(work, _nobody(tenant_id), "sign_in.token_reused", f"sign-in {found.family[:8]}", at=now)
                return None
            following, row = _fresh(tenant_id, found.family, now, found.expires_at)
            work.append(RefreshToken, row)
            return found.family, following

        made = await self._committer.run(unit)
        if made is None:
            raise SignInError(_ENDED)
        return await self._grant(made[0], tenant_id, tenant, issuer, made[1])

    async def revoke(self, refresh_token: str, actor: Actor | None, tenant_id: int) -> None:
        """End the grant of this refresh token, whether it was used or not; an unknown one is no error (RFC 7009)."""

        async def unit(work: Work) -> None:
            session, now = work.session(), self._clock.now()
            found = await _find(session, refresh_token, now)
            if found is not None:
                await _end(session, found.family)
                audit.record(work, actor or _nobody(tenant_id), "sign_out", f"sign-in {found.family[:8]}", at=now)

        await self._committer.run(unit)

    async def actor_for(self, access_token: str, tenant_id: int, tenant: str) -> tuple[Actor, Claims]:
        """Who bears this access token: as the database has them now, whatever the token was made with.

        Raises SignInError when it is not ours, not this tenant's, expired, or its sign-in or membership has ended.
        """
        claims = await self._keys.verify(access_token)
        if claims.tenant != tenant:
            raise SignInError(_ENDED)
        return await self._actor(claims.family, tenant_id), claims

    async def _grant(self, family: str, tenant_id: int, tenant: str, issuer: str, refresh_token: str) -> Grant:
        actor = await self._actor(family, tenant_id)
        access_token = await self._keys.issue(Claims(issuer, actor.user_id or 0, tenant, family))
        return Grant(access_token, refresh_token, actor)

    async def _actor(self, family: str, tenant_id: int) -> Actor:
        async with self._database.reading() as session:
            actor = await actor_for_sign_in(session, family, tenant_id, self._clock.now())
        if actor is None:
            raise SignInError(_ENDED)
        return actor


def _fresh(tenant_id: int, family: str, now: datetime, expires_at: datetime) -> tuple[str, dict[str, object]]:
    token = f"vdr_{new_token()}"
    row: dict[str, object] = {
        "tenant_id": tenant_id,
        "family": family,
        "token_hash": hash_token(token),
        "created_at": now,
        "expires_at": expires_at,
        "used_at": None,
    }
    return token, row


async def _find(session: AsyncSession, refresh_token: str, now: datetime) -> RefreshToken | None:
    query = select(RefreshToken).where(
        col(RefreshToken.token_hash) == hash_token(refresh_token), col(RefreshToken.expires_at) > now
    )
    return (await session.execute(query)).scalar_one_or_none()


async def _use(session: AsyncSession, row: RefreshToken, now: datetime) -> bool:
    """False when another node used it in this very moment."""
    used = await session.execute(
        update(RefreshToken)
        .where(col(RefreshToken.id) == row.id, col(RefreshToken.used_at).is_(None))
        .values(used_at=now)
        .returning(col(RefreshToken.id))
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


async def _end(session: AsyncSession, family: str) -> None:
    await session.execute(delete(SignInSession).where(col(SignInSession.token_hash) == family))
    await session.execute(delete(RefreshToken).where(col(RefreshToken.family) == family))


def _nobody(tenant_id: int) -> Actor:
    return Actor(None, "a program", "", tenant_id, "")

"""Signing in, step by step: a password, then a code of the second factor where there is one, then a session.

The text of a refusal never says whether the e-mail, the password or the membership was wrong.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import policy
from csms.access.invitations import OpenInvitation, accept_invitation, open_invitation
from csms.access.limiting import Limiter
from csms.access.links import find_link, issue_link, use_link
from csms.access.passwords import hash_password, password_fits
from csms.access.people import create_user
from csms.access.policy import Actor
from csms.access.rules import Rules, rules_in_scope
from csms.access.second_factor import (
    WRONG_CODE,
    Enrolment,
    accept_code,
    begin_enrolment,
    confirm_enrolment,
    has_second_factor,
)
from csms.access.sessions import Door, actor_of, open_session, record
from csms.access.throttle import SignInThrottle
from csms.access.vault import Vault
from csms.clock import Clock
from csms.errors import LinkExpiredError, SignInError
from csms.work import Committer, Work
from models import Membership, OneTimeLink, Role, SignInSession, User
from models.db import Database
from models.scope import PLATFORM, tenant_scope

REFUSED: Final = "E-mail and password do not match an account here. Check both, or ask your Admin for access."
STEP: Final = "sign_in_step"
"""Purpose of the link that carries somebody from the password to the code."""
STEP_LASTS: Final = timedelta(minutes=10)
_TOO_LATE: Final = "This took too long. Please sign in again."


class StepKind(StrEnum):
    """What comes next."""

    IN = "in"
    CODE = "code"
    """A code of the second factor."""
    SET_UP = "set-up"
    """Setting up a second factor, which the tenant asks of everybody."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far somebody got: `token` is for the session's cookie when they are in, else for the step to come."""

    kind: StepKind
    token: str


@dataclass(frozen=True, slots=True)
class _Known:
    """Who proved their password (or came from a provider), and what else is asked of them."""

    user: User
    role: str
    means: str
    has_factor: bool
    rules: Rules
    invitation_id: int | None = None


class Entrance:
    """Everything between a stranger and a session. One per process, for it counts tries; with a limiter on Redis,
    all processes count together."""

    def __init__(
        self,
        committer: Committer,
        database: Database,
        clock: Clock,
        key: bytes,
        *,
        hours: int = 12,
        owners_second_factor: bool = False,
        limiter: Limiter | None = None,
    ) -> None:
        """`key` is the platform's secret; `hours` is how long a sign-in holds. Of platform owners a second factor is
        asked by setting, for rules are tenants' own. `limiter` counts the tries; without it, in memory."""
        self.committer = committer
        self.database = database
        self.clock = clock
        self.vault = Vault(key)
        self.lasts = timedelta(hours=hours)
        self.owners_rules = Rules(require_second_factor=owners_second_factor)
        self.limiter = limiter or Limiter()
        self.throttle = SignInThrottle(self.limiter, "password")
        self.code_throttle = SignInThrottle(self.limiter, "code", per_person=5)
        self.letter_throttle = SignInThrottle(self.limiter, "letter", per_person=5, per_address=30)
        """For what sends mail to somebody."""
        self.sign_up_throttle = SignInThrottle(self.limiter, "sign-up", per_person=3, per_address=20, window_s=3600)
        self.link_throttle = SignInThrottle(self.limiter, "link", per_person=60, per_address=120)
        """For links that are opened, and departures to a provider: a whole office may share an address."""

    async def sign_in(self, door: Door, email: str, password: str) -> Step:
        """Take e-mail and password. Raises SignInError."""
        with tenant_scope(door.scope):
            return await self._proceed(door, await self._prove(door, email, password))

    async def verify(self, door: Door, email: str, password: str, code: str = "") -> Actor:
        """Who this is, without opening a session: e-mail, password and, where there is one, the second factor.

        Raises SignInError; it says so when a code is missing, and when a second factor must be set up first.
        """
        with tenant_scope(door.scope):
            known = await self._prove(door, email, password)
            if known.has_factor:
                await self._prove_code(door, known.user, code)
            elif known.rules.require_second_factor:
                raise SignInError(
                    "A second factor is asked of everybody here. Set it up by signing in to the dashboard."
                )
            return self._actor(door, known)

    async def sign_in_program(self, door: Door, email: str, password: str, code: str = "", *, lasts: timedelta) -> str:
        """The same, with a sign-in that a program's tokens hang on and that ends like any other. Returns its token."""
        actor = await self.verify(door, email, password, code)
        with tenant_scope(door.scope):
            return await self.committer.run(lambda work: self._open_for(work, door, actor, lasts))

    async def answer_code(self, door: Door, token: str, code: str) -> Step:
        """Take the second factor's code. Raises SignInError for a wrong one, LinkExpiredError after ten minutes."""
        with tenant_scope(door.scope):
            async with self.database.reading() as session:
                link = await self._step(session, door, token, StepKind.CODE)
                user = await session.get_one(User, link.user_id)
            await self._prove_code(door, user, code)
            return await self.committer.run(lambda work: self._finish(work, door, token, StepKind.CODE))

    async def enrolment(self, door: Door, token: str, issuer: str) -> Enrolment:
        """What an app is to be given by somebody who must set up a second factor. Raises LinkExpiredError."""

        async def unit(work: Work) -> Enrolment:
            link = await self._step(work.session(), door, token, StepKind.SET_UP)
            user = await work.session().get_one(User, link.user_id)
            return await begin_enrolment(work, self.vault, user.id or 0, user.email, issuer)

        with tenant_scope(door.scope):
            return await self.committer.run(unit)

    async def enrol(self, door: Door, token: str, code: str) -> tuple[Step, list[str]]:
        """Take the new app's first code. Returns the session, and the recovery codes, which are shown this once.

        Raises InvalidInputError for a wrong code, LinkExpiredError after ten minutes.
        """

        async def unit(work: Work) -> tuple[Step, list[str]]:
            link = await self._step(work.session(), door, token, StepKind.SET_UP)
            now, user = self.clock.now(), await work.session().get_one(User, link.user_id)
            codes = await confirm_enrolment(work, self.vault, user.id or 0, code, now)
            record(work, _named(user, door), "second_factor.set_up", door, now)
            return await self._finish(work, door, token, StepKind.SET_UP), codes

        with tenant_scope(door.scope):
            return await self.committer.run(unit)

    async def join(self, door: Door, token: str, *, name: str, password: str) -> Step:
        """Accept an invitation as somebody new. Raises LinkExpiredError, InvalidInputError, ConflictError."""
        now = self.clock.now()
        with tenant_scope(door.scope):
            async with self.database.reading() as session:
                invitation = await open_invitation(session, token, now)
                rules = await rules_in_scope(session)
            password_hash = await hash_password(password, name, invitation.email)

            async def unit(work: Work) -> Step:
                user = await create_user(
                    work.session(), email=invitation.email, name=name, password_hash=password_hash, now=now
                )
                return await self._open(work, door, self._newcomer(user, invitation, rules, has_factor=False))

            return await self.committer.run(unit)

    async def join_with_account(self, door: Door, token: str, password: str) -> Step:
        """Accept an invitation with the account there is. Raises LinkExpiredError, SignInError."""
        with tenant_scope(door.scope):
            async with self.database.reading() as session:
                invitation = await open_invitation(session, token, self.clock.now())
                user = (await session.execute(_by_email(invitation.email))).scalar_one_or_none()
                rules = await rules_in_scope(session)
                has_factor = user is not None and await has_second_factor(session, user.id or 0)
            await self.throttle.admit(f"{door.tenant_id}:{invitation.email}", door.address)
            if not await password_fits(password, user.password_hash if user else None) or user is None:
                raise SignInError("This is not the password of your account. Check it, or reset it.")
            return await self._proceed(door, self._newcomer(user, invitation, rules, has_factor=has_factor))

    async def let_in(self, work: Work, door: Door, user: User, role: str, means: str) -> str:
        """Open a session for who proved in another way who they are. Returns the cookie's token."""
        actor = Actor(user.id, user.name, user.email, door.scope, role, means=means)
        return await self._open_for(work, door, actor)

    async def prove_again(self, actor: Actor, password: str) -> User:
        """Ask a signed-in person for their password before something weighty. Raises SignInError."""
        await self.throttle.admit(f"again:{actor.user_id}", actor.address)
        async with self.database.reading() as session:
            user = await session.get_one(User, actor.user_id)
        if not await password_fits(password, user.password_hash):
            raise SignInError("This is not your present password.")
        await self.throttle.succeeded(f"again:{actor.user_id}")
        return user

    async def _prove(self, door: Door, email: str, password: str) -> _Known:
        email = email.strip().replace("\x00", "").casefold()[:254]
        await self.throttle.admit(f"{door.tenant_id}:{email}", door.address)
        async with self.database.reading() as session:
            known = await self._find(session, door, email)
        if not await password_fits(password, known.user.password_hash if known else None) or known is None:
            await self._note_failure(door, email)
            raise SignInError(REFUSED)
        if known.rules.is_only_way and known.role != Role.ADMIN:
            raise SignInError(f"Passwords are for Admins only here. Use “{known.rules.button}”.")
        await self.throttle.succeeded(f"{door.tenant_id}:{email}")
        return known

    async def _find(self, session: AsyncSession, door: Door, email: str) -> _Known | None:
        member = (col(Membership.user_id) == col(User.id)) & (col(Membership.tenant_id) == door.tenant_id)
        query = select(User, col(Membership.role)).outerjoin(Membership, member).where(col(User.email) == email)
        found = (await session.execute(query)).one_or_none()
        actor = actor_of(found[0], door.tenant_id, found[1], policy.PASSWORD) if found is not None else None
        if found is None or actor is None:
            return None
        factor = await has_second_factor(session, found[0].id or 0)
        rules = self.owners_rules if door.tenant_id is None else await rules_in_scope(session)
        return _Known(found[0], actor.role, policy.PASSWORD, factor, rules)

    async def _prove_code(self, door: Door, user: User, code: str) -> None:
        if not code.strip():
            raise SignInError("A code of your authenticator app is needed, or one of your recovery codes.")
        await self.code_throttle.admit(f"code:{user.id}", door.address)
        now = self.clock.now()
        kind = await self.committer.run(lambda work: accept_code(work, self.vault, user.id or 0, code, now))
        if kind is None:
            await self._note_failure(door, user.email, {"second_factor": "wrong code"})
            raise SignInError(WRONG_CODE)
        await self.code_throttle.succeeded(f"code:{user.id}")
        if kind != "app":
            who = _named(user, door)
            await self.committer.run(lambda work: record(work, who, "second_factor.recovery_code_used", door, now))

    async def _proceed(self, door: Door, known: _Known) -> Step:
        """To what is still asked, or in."""
        if known.has_factor:
            return await self.committer.run(lambda work: self._wait(work, door, known, StepKind.CODE))
        return await self.committer.run(lambda work: self._open(work, door, known))

    async def _open(self, work: Work, door: Door, known: _Known) -> Step:
        if known.rules.require_second_factor and not known.has_factor and known.means == policy.PASSWORD:
            return await self._wait(work, door, known, StepKind.SET_UP)
        if known.invitation_id is not None:
            await accept_invitation(work, known.invitation_id, known.user, now=self.clock.now())
        return Step(StepKind.IN, await self._open_for(work, door, self._actor(door, known)))

    async def _open_for(self, work: Work, door: Door, actor: Actor, lasts: timedelta | None = None) -> str:
        now = self.clock.now()
        over = (col(SignInSession.user_id) == actor.user_id, col(SignInSession.expires_at) <= now)
        await work.session().execute(delete(SignInSession).where(*over))
        if door.tenant_id is not None:
            here = (col(Membership.user_id) == actor.user_id, col(Membership.tenant_id) == door.tenant_id)
            seen = update(Membership).where(*here).values(last_seen_at=now)
            await work.session().execute(seen.execution_options(synchronize_session=False))
        return open_session(work, actor, door, now=now, lasts=lasts or self.lasts)

    async def _wait(self, work: Work, door: Door, known: _Known, kind: StepKind) -> Step:
        details: dict[str, Any] = {"kind": kind}
        if known.invitation_id is not None:
            details["invitation"] = known.invitation_id
        token = await issue_link(
            work,
            STEP,
            now=self.clock.now(),
            lasts=STEP_LASTS,
            user_id=known.user.id,
            tenant_id=door.tenant_id,
            details=details,
        )
        return Step(kind, token)

    async def _step(self, session: AsyncSession, door: Door, token: str, kind: StepKind) -> OneTimeLink:
        try:
            link = await find_link(session, token, STEP, self.clock.now(), door.tenant_id)
        except LinkExpiredError:
            raise LinkExpiredError(_TOO_LATE) from None
        if link.details.get("kind") != kind:
            raise LinkExpiredError(_TOO_LATE)
        return link

    async def _finish(self, work: Work, door: Door, token: str, kind: StepKind) -> Step:
        """The step is done: the session opens, for whoever is still a member, or becomes one now."""
        session, now = work.session(), self.clock.now()
        await self._step(session, door, token, kind)
        link = await use_link(session, token, STEP, now, door.tenant_id)
        user = await session.get_one(User, link.user_id)
        if (invitation_id := link.details.get("invitation")) is not None:
            await accept_invitation(work, invitation_id, user, now=now)
        known = await self._find(session, door, user.email)
        if known is None:
            raise SignInError(REFUSED)
        return Step(StepKind.IN, await self._open_for(work, door, self._actor(door, known)))

    async def _note_failure(self, door: Door, email: str, details: dict[str, Any] | None = None) -> None:
        stranger, now = Actor(None, email, email, door.scope, ""), self.clock.now()
        await self.committer.run(lambda work: record(work, stranger, "sign_in.failed", door, now, details))

    def _newcomer(self, user: User, invitation: OpenInvitation, rules: Rules, *, has_factor: bool) -> _Known:
        return _Known(user, invitation.role, policy.PASSWORD, has_factor, rules, invitation.id)

    def _actor(self, door: Door, known: _Known) -> Actor:
        user = known.user
        return Actor(user.id, user.name, user.email, door.scope, known.role, address=door.address, means=known.means)


def _named(user: User, door: Door) -> Actor:
    return Actor(user.id, user.name, user.email, door.tenant_id or PLATFORM, "", address=door.address)


def _by_email(email: str) -> Any:
    return select(User).where(col(User.email) == email)

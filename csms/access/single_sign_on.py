"""People of a tenant sign in at its own OpenID provider, and are known here by what it calls them."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.entrance import Entrance
from csms.access.invitations import accept_invitation, invitation_for
from csms.access.links import find_link, issue_link, use_link
from csms.access.members import set_role
from csms.access.oidc import Flow, OpenId, Relying
from csms.access.outgoing import ProviderError
from csms.access.people import create_user, tidy_email
from csms.access.policy import SINGLE_SIGN_ON, Actor
from csms.access.rules import Rules, client_secret, rules_in_scope
from csms.access.sessions import Door, record
from csms.errors import ConflictError, InvalidInputError, SignInError
from csms.work import Work
from models import ExternalIdentity, Membership, Role, User
from models.scope import current_tenant_id, tenant_scope

FLOW: Final = "single_sign_on"
LASTS: Final = timedelta(minutes=10)
CALLBACK: Final = "/sign-in/sso/callback"
_STRANGER: Final = (
    "Your organisation's sign-in worked, but you have no access here yet. Ask your Admin for an invitation."
)


@dataclass(frozen=True, slots=True)
class Departure:
    """`url` is where the browser goes; `token` is kept in its cookie until it comes back."""

    url: str
    token: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Signed in: `token` is the session's, `next` the page that was asked for."""

    token: str
    next: str


@dataclass(frozen=True, slots=True)
class _Person:
    """Who the provider says it is."""

    subject: str
    email: str
    is_verified: bool
    name: str
    role: Role | None
    """What the claim says; None where no claim decides."""


class SingleSignOn:
    """Sends people to their provider, and lets them in when they come back."""

    def __init__(self, entrance: Entrance, openid: OpenId) -> None:
        self._entrance = entrance
        self.openid = openid

    async def begin(self, door: Door, origin: str, target: str) -> Departure:
        """Begin a sign-in on a tenant's hostname; `origin` is its address without a path. Raises SignInError."""
        entrance = self._entrance
        await entrance.link_throttle.admit(f"sso:{door.address}", door.address)
        with tenant_scope(door.scope):
            us, _ = await self._relying(origin)

            async def unit(work: Work) -> str:
                now = entrance.clock.now()
                details = {"next": target, "issuer": us.issuer}
                return await issue_link(work, FLOW, now=now, lasts=LASTS, tenant_id=door.tenant_id, details=details)

            token = await entrance.committer.run(unit)
        try:
            return Departure(await self.openid.authorization_url(us, Flow.of(token)), token)
        except ProviderError as error:
            raise SignInError(f"Single sign-on does not work at present. {error}") from None

    async def finish(self, door: Door, origin: str, token: str, query: dict[str, str]) -> Arrival:
        """Take what the provider sent the browser back with. Raises SignInError, and LinkExpiredError."""
        entrance = self._entrance
        await entrance.link_throttle.admit(f"sso:{door.address}", door.address)
        flow, now = Flow.of(token), entrance.clock.now()
        with tenant_scope(door.scope):
            async with entrance.database.reading() as session:
                link = await find_link(session, token, FLOW, now, door.tenant_id)
            # What does not belong to this browser's own sign-in says nothing about it, and does not end it.
            if not hmac.compare_digest(query.get("state", "").encode(), flow.state.encode()):
                raise SignInError("This sign-in was begun elsewhere. Please begin again here.")
            us, rules = await self._relying(origin)
            if link.details.get("issuer") != us.issuer or query.get("iss", us.issuer) != us.issuer:  # RFC 9207
                raise SignInError("The answer came from another provider. Please sign in again.")
            await entrance.committer.run(lambda work: _use(work, token, door, entrance))
            try:
                claims = await self._claims(us, flow, query)
                person = _person(claims, rules)
            except ProviderError as error:
                await self._note_failure(door, str(error))
                raise SignInError(f"Single sign-on did not work. {error}") from None
            try:
                session_token = await entrance.committer.run(lambda work: self._admit(work, door, us, rules, person))
            except SignInError as error:
                await self._note_failure(door, str(error), person.email)
                raise
            return Arrival(session_token, str(link.details.get("next", "/")))

    async def check(self, issuer: str) -> None:
        """Ask a provider how it is, before its settings are kept. Raises InvalidInputError, saying what is wrong."""
        self.openid.outgoing.check(issuer)
        try:
            await self.openid.discover(issuer)
        except ProviderError as error:
            raise InvalidInputError(f"Issuer: {error}") from None

    async def _claims(self, us: Relying, flow: Flow, query: dict[str, str]) -> dict[str, Any]:
        if "error" in query:
            words = query.get("error_description") or query["error"]
            raise ProviderError(f"The provider says: {words[:200]}")
        if not query.get("code"):
            raise ProviderError("The provider sent no code.")
        return await self.openid.redeem(us, flow, query["code"])

    async def _relying(self, origin: str) -> tuple[Relying, Rules]:
        async with self._entrance.database.reading() as session:
            rules = await rules_in_scope(session)
            if not rules.has_provider:
                raise SignInError("There is no single sign-on here. Sign in with your password.")
            secret = await client_secret(session, self._entrance.vault)
        return Relying(rules.issuer, rules.client_id, secret, origin + CALLBACK), rules

    async def _admit(self, work: Work, door: Door, us: Relying, rules: Rules, person: _Person) -> str:
        session, now = work.session(), self._entrance.clock.now()
        user = await _linked(session, us.issuer, person.subject)
        if user is None:
            user = await self._welcome(work, door, us, rules, person)
        member = await session.get(Membership, (user.id, current_tenant_id()))
        if member is None:
            member = await self._by_invitation(work, user)
        elif person.role is not None and person.role != member.role:
            try:
                provider = Actor(None, us.issuer, "", current_tenant_id(), "", address=door.address)
                await set_role(work, provider, user, member, person.role, now=now)
            except ConflictError:  # the last Admin stays one, whatever the provider says
                pass
        return await self._entrance.let_in(work, door, user, member.role, SINGLE_SIGN_ON)

    async def _welcome(self, work: Work, door: Door, us: Relying, rules: Rules, person: _Person) -> User:
        """Somebody the provider sends for the first time: a known member, somebody invited, or of an allowed domain."""
        session, now = work.session(), self._entrance.clock.now()
        if not person.email or not person.is_verified:
            raise SignInError("Your organisation's sign-in does not say that your e-mail address is verified.")
        user = (await session.execute(select(User).where(col(User.email) == person.email))).scalar_one_or_none()
        member = await session.get(Membership, (user.id, current_tenant_id())) if user is not None else None
        invited = await invitation_for(session, person.email, now)
        is_of_domain = person.email.rpartition("@")[2] in rules.domains
        if member is None and invited is None and not is_of_domain:
            raise SignInError(_STRANGER)
        if user is None:
            user = await create_user(session, email=person.email, name=person.name, password_hash="", now=now)
        session.add(
            ExternalIdentity(
                tenant_id=current_tenant_id(),
                issuer=us.issuer,
                subject=person.subject,
                user_id=user.id or 0,
                created_at=now,
            )
        )
        if member is None and invited is None:
            role = person.role or Role(rules.default_role)
            session.add(Membership(user_id=user.id or 0, tenant_id=current_tenant_id(), role=role))
            who = Actor(user.id, user.name, user.email, current_tenant_id(), role, address=door.address)
            audit.record(work, who, "member.joined", f"user {user.email}", {"role": role, "by": "sso"}, at=now)
        await session.flush()
        return user

    async def _by_invitation(self, work: Work, user: User) -> Membership:
        """A linked person who is no member: removed by an Admin, and let in again by an invitation alone."""
        session, now = work.session(), self._entrance.clock.now()
        invited = await invitation_for(session, user.email, now)
        if invited is None:
            raise SignInError(_STRANGER)
        await accept_invitation(work, invited, user, now=now)
        return await session.get_one(Membership, (user.id, current_tenant_id()))

    async def _note_failure(self, door: Door, problem: str, email: str = "") -> None:
        who, now = Actor(None, email or "single sign-on", email, door.scope, ""), self._entrance.clock.now()
        details = {"by": SINGLE_SIGN_ON, "problem": problem[:300]}
        await self._entrance.committer.run(lambda work: record(work, who, "sign_in.failed", door, now, details))


async def _use(work: Work, token: str, door: Door, entrance: Entrance) -> None:
    await use_link(work.session(), token, FLOW, entrance.clock.now(), door.tenant_id)


async def _linked(session: AsyncSession, issuer: str, subject: str) -> User | None:
    query = (
        select(User)
        .join(ExternalIdentity, col(ExternalIdentity.user_id) == col(User.id))
        .where(col(ExternalIdentity.issuer) == issuer, col(ExternalIdentity.subject) == subject)
    )
    return (await session.execute(query)).scalar_one_or_none()


def _person(claims: dict[str, Any], rules: Rules) -> _Person:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProviderError("The provider does not say who you are.")
    try:
        email = tidy_email(str(claims.get("email") or ""))
    except InvalidInputError:
        email = ""
    # Entra ID says it in a claim of its own, when asked to: xms_edov.
    is_verified = any(claims.get(name) in (True, 1, "1", "true") for name in ("email_verified", "xms_edov"))
    name = " ".join(str(claims.get("name") or claims.get("preferred_username") or email).split())[:100]
    return _Person(subject, email, is_verified, name or email, _role(claims, rules))


def _role(claims: dict[str, Any], rules: Rules) -> Role | None:
    """The most powerful role that the claim's values mean; the default one when they mean none."""
    if not rules.role_claim:
        return None
    told: Any = claims
    for part in rules.role_claim.split("."):  # Keycloak nests: realm_access.roles
        told = cast(dict[str, Any], told).get(part) if isinstance(told, dict) else None
    values = cast(list[Any], told) if isinstance(told, list) else [told]
    meant = {rules.role_values[str(value)] for value in values if str(value) in rules.role_values}
    return next((role for role in Role if role in meant), Role(rules.default_role))

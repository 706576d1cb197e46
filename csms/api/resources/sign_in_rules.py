"""How the tenant's people sign in: what is asked of everybody, and by which OpenID provider."""

from dataclasses import asdict, replace
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.access.rules import Rules, change_rules, rules_in_scope
from csms.access.single_sign_on import CALLBACK
from csms.api.call import Call, SignedIn
from csms.api.etags import IfMatch
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Shape, Text
from csms.tenants.hostnames import bare_host
from csms.work import Work
from models import Role, SignInRules

router = new_router("tenant", "/sign-in-rules")
_NO_NUL = r"^[^\u0000]*$"


class SignInRulesShape(Shape):
    """The rules. The client secret is never answered."""

    require_second_factor: bool
    issuer: str = Field(examples=["https://login.example.com/realms/staff"])
    """Empty: no single sign-on."""
    label: str
    client_id: str
    has_client_secret: bool
    domains: list[str] = Field(examples=[["example.com"]])
    default_role: str = Field(examples=["viewer"])
    role_claim: str
    role_values: dict[str, str] = Field(examples=[{"charging-admins": "admin"}])
    is_only_way: bool
    redirect_address: str = Field(examples=["https://charging.example/sign-in/sso/callback"])
    """To be entered at the provider."""


class SignInRulesBody(Body):
    """The rules as they shall be."""

    require_second_factor: Flag = False
    """A code from a phone beside the password, of everybody."""
    issuer: str = Field(default="", max_length=1000, pattern=r"^[!-~]*$")
    """The address by which the OpenID provider calls itself; it is asked before it is kept. Empty: none."""
    label: str = Field(default="", max_length=40, pattern=_NO_NUL)
    """What the button on the sign-in page calls it."""
    client_id: Text = ""
    client_secret: Annotated[str, Field(max_length=1000, pattern=_NO_NUL)] | None = None
    """Kept sealed. null: the one that there is stays; empty: it is forgotten."""
    domains: list[Text] = Field(default=[], max_length=100)
    """E-mail domains whose people are let in without an invitation."""
    default_role: Role = Role.VIEWER
    role_claim: Text = ""
    """Claim that decides on roles."""
    role_values: dict[Text, Role] = Field(default={}, max_length=100)
    """Which value of the claim means which role."""
    is_only_way: Flag = False
    """Passwords open nothing, but for Admins."""

    def rules(self) -> Rules:
        """The same for the service."""
        told = self.model_dump(exclude={"client_secret", "domains", "default_role", "role_values"})
        values = {value.strip(): str(role) for value, role in self.role_values.items()}
        return Rules(**told, domains=tuple(self.domains), default_role=str(self.default_role), role_values=values)


@router.get("", response_model=SignInRulesShape)
async def get_sign_in_rules(call: SignedIn) -> SignInRulesShape:
    """How people sign in."""
    call.require(Permission.TENANT_MANAGE)
    async with call.reading() as session:
        return await _shape(call, session)


@router.put("", response_model=SignInRulesShape)
async def replace_sign_in_rules(call: SignedIn, body: SignInRulesBody, match: IfMatch) -> SignInRulesShape:
    """Set how people sign in. A provider that does not answer is refused (422)."""
    call.require(Permission.TENANT_MANAGE)
    rules, services = body.rules(), call.services
    if rules.issuer and await _is_about_the_provider(call, rules, body.client_secret):
        await services.single_sign_on.check(rules.issuer)

    async def unit(work: Work) -> SignInRulesShape:
        match.require(await _shape(call, work.session()))
        now, vault = services.clock.now(), services.entrance.vault
        await change_rules(work, call.actor, vault, rules, secret=body.client_secret, now=now)
        return await _shape(call, work.session())

    return await call.run(unit)


async def _is_about_the_provider(call: Call, wanted: Rules, secret: str | None) -> bool:
    """Whether more changes than the second step: a provider that is down must not stand in the way of that."""
    async with call.reading() as session:
        present = await rules_in_scope(session)
    return secret is not None or wanted != replace(present, require_second_factor=wanted.require_second_factor)


async def _shape(call: Call, session: AsyncSession) -> SignInRulesShape:
    rules = await rules_in_scope(session)
    sealed = await session.scalar(select(col(SignInRules.client_secret)))
    address = call.services.settings.address_of(bare_host(call.base_url.partition("://")[2]))
    told = {"has_client_secret": bool(sealed), "redirect_address": address + CALLBACK}
    return SignInRulesShape.model_validate(asdict(rules) | told)

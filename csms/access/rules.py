"""How a tenant's people sign in: what is asked of everybody, and by which OpenID provider."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.access import audit
from csms.access.policy import Actor, Permission, require, require_grant
from csms.access.vault import Vault
from csms.errors import InvalidInputError
from csms.work import Work
from models import Role, SignInRules
from models.scope import current_scope, current_tenant_id

MASKED: Final = "***"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a tenant, without its secret. As they are before anybody has set them: passwords, no more."""

    require_second_factor: bool = False
    issuer: str = ""
    label: str = ""
    client_id: str = ""
    domains: tuple[str, ...] = ()
    default_role: str = Role.VIEWER
    role_claim: str = ""
    role_values: dict[str, str] = field(default_factory=dict[str, str], hash=False)
    is_only_way: bool = False

    @property
    def has_provider(self) -> bool:
        """Whether people can sign in by the OpenID provider."""
        return bool(self.issuer and self.client_id)

    @property
    def button(self) -> str:
        """What the sign-in page calls it."""
        return f"Sign in with {self.label or 'single sign-on'}"


async def rules_in_scope(session: AsyncSession) -> Rules:
    """The rules of the tenant in scope; the platform's own pages have none."""
    if not current_scope():
        return Rules()
    row = (await session.execute(select(SignInRules))).scalar_one_or_none()
    return Rules() if row is None else _rules(row)


async def client_secret(session: AsyncSession, vault: Vault) -> str:
    """The secret shared with the provider of the tenant in scope; empty for a public client."""
    row = (await session.execute(select(SignInRules))).scalar_one_or_none()
    return vault.unseal(row.client_secret, _about()) if row is not None and row.client_secret else ""


async def change_rules(
    work: Work, actor: Actor, vault: Vault, rules: Rules, *, secret: str | None = None, now: datetime
) -> None:
    """Set the rules. `secret` None leaves the stored one as it is, empty forgets it; it goes to no other provider, and
    not under another client id, than it was entered for.

    Raises InvalidInputError, naming the field, for what cannot be.
    """
    require(actor, Permission.TENANT_MANAGE)
    rules = _checked(rules)
    if rules.issuer:
        for role in {rules.default_role, *rules.role_values.values()}:
            require_grant(actor, role)
    session = work.session()
    row = (await session.execute(select(SignInRules))).scalar_one_or_none()
    if row is None:
        row = SignInRules(tenant_id=current_tenant_id())
        session.add(row)
    before = _told(_rules(row), row.client_secret)
    if secret is None and row.client_secret and (rules.issuer, rules.client_id) != (row.issuer, row.client_id):
        raise InvalidInputError(
            f"Client secret: the one kept here is for client {row.client_id} at {row.issuer}. Enter the new one; for a "
            "client without a secret, turn single sign-on off first."
        )
    for name, value in _fields(rules).items():
        setattr(row, name, value)
    sealed_before = row.client_secret
    if secret is not None:
        row.client_secret = vault.seal(secret, _about()) if secret else ""
    await session.flush()
    after = _told(rules, row.client_secret)
    if row.client_secret != sealed_before and before["client_secret"] == after["client_secret"]:
        after["client_secret"] = f"{MASKED} (another one)"
    audit.record_change(work, actor, "sign_in.rules_changed", "sign-in", before, after, at=now)


def _checked(rules: Rules) -> Rules:
    domains = tuple(dict.fromkeys(domain.strip().casefold().lstrip("@") for domain in rules.domains if domain.strip()))
    for domain in domains:
        if "." not in domain or any(character in domain for character in "@/: "):
            raise InvalidInputError(f"E-mail domains: {domain!r} is no domain; write it as in example.com.")
    roles = {rules.default_role, *rules.role_values.values()}
    if unknown := roles - set(Role):
        raise InvalidInputError(f"Roles: {', '.join(sorted(unknown))} is none of admin, operator, viewer.")
    if rules.role_claim and not rules.role_values:
        raise InvalidInputError("Roles by claim: say which value means which role, one a line: group = role.")
    if rules.issuer and not rules.client_id:
        raise InvalidInputError("Client id: the provider tells it when you register this platform there.")
    if rules.is_only_way and not rules.issuer:
        raise InvalidInputError("Only single sign-on: set up the provider first.")
    return Rules(
        require_second_factor=rules.require_second_factor,
        issuer=rules.issuer.strip(),
        label=rules.label.strip()[:40],
        client_id=rules.client_id.strip(),
        domains=domains,
        default_role=rules.default_role,
        role_claim=rules.role_claim.strip(),
        role_values={str(value): role for value, role in rules.role_values.items()},
        is_only_way=rules.is_only_way,
    )


def _rules(row: SignInRules) -> Rules:
    return Rules(
        require_second_factor=row.require_second_factor,
        issuer=row.issuer,
        label=row.label,
        client_id=row.client_id,
        domains=tuple(row.domains),
        default_role=row.default_role,
        role_claim=row.role_claim,
        role_values=dict(row.role_values),
        is_only_way=row.is_only_way,
    )


def _fields(rules: Rules) -> dict[str, Any]:
    return {
        "require_second_factor": rules.require_second_factor,
        "issuer": rules.issuer,
        "label": rules.label,
        "client_id": rules.client_id,
        "domains": list(rules.domains),
        "default_role": str(rules.default_role),
        "role_claim": rules.role_claim,
        "role_values": dict(rules.role_values),
        "is_only_way": rules.is_only_way,
    }


def _told(rules: Rules, sealed: str) -> dict[str, Any]:
    return _fields(rules) | {"client_secret": MASKED if sealed else ""}


def _about() -> str:
    return f"client secret of tenant {current_tenant_id()}"

"""Who may do what. Asked in services, at the one place where something is done; hidden buttons are only courtesy."""

from dataclasses import dataclass
from enum import StrEnum

import structlog

from csms.errors import PermissionDeniedError
from models import Role

log = structlog.get_logger(__name__)


class Permission(StrEnum):
    """What can be allowed."""

    STATIONS_VIEW = "stations.view"
    STATIONS_CONTROL = "stations.control"
    STATIONS_CONFIGURE = "stations.configure"
    TRANSACTIONS_VIEW = "transactions.view"
    TRANSACTIONS_REPAIR = "transactions.repair"
    FRAMES_VIEW = "frames.view"
    AUDIT_VIEW = "audit.view"
    TARIFFS_VIEW = "tariffs.view"
    STATIONS_MANAGE = "stations.manage"
    TOKENS_VIEW = "tokens.view"
    TOKENS_MANAGE = "tokens.manage"
    STAFF_MANAGE = "staff.manage"
    BRAND_MANAGE = "brand.manage"
    PROGRAMS_MANAGE = "programs.manage"
    TENANT_MANAGE = "tenant.manage"


PASSWORD = "password"  # noqa: S105 - the way, not the word
SINGLE_SIGN_ON = "sso"
PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in person, or a program (no user id)."""

    user_id: int | None
    name: str
    email: str
    tenant_id: int
    role: str
    scopes: frozenset[str] | None = None
    """For a program: the only permissions it has, whatever its role would allow. None: all of the role."""
    address: str = ""
    """Network address from which they act, for the audit; empty for the platform itself."""
    means: str = ""
    """How a person signed in here: PASSWORD, SINGLE_SIGN_ON, or PLATFORM for an owner who entered a tenant."""

    @property
    def words(self) -> str:
        """How the audit names the actor."""
        return self.email or self.name


_VIEWER = frozenset(
    {Permission.STATIONS_VIEW, Permission.TRANSACTIONS_VIEW, Permission.AUDIT_VIEW, Permission.TARIFFS_VIEW}
)
_OPERATOR = _VIEWER | {
    Permission.STATIONS_CONTROL,
    Permission.STATIONS_CONFIGURE,
    Permission.TRANSACTIONS_REPAIR,
    Permission.FRAMES_VIEW,
    Permission.STATIONS_MANAGE,
    Permission.TOKENS_VIEW,
    Permission.TOKENS_MANAGE,
}
_GRANTS: dict[str, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: frozenset(Permission),
}
_DEEDS = {
    Permission.STATIONS_VIEW: "look at stations",
    Permission.STATIONS_CONTROL: "control stations",
    Permission.STATIONS_CONFIGURE: "change a station's settings",
    Permission.TRANSACTIONS_VIEW: "look at sessions",
    Permission.TRANSACTIONS_REPAIR: "repair sessions",
    Permission.FRAMES_VIEW: "read raw OCPP messages",
    Permission.AUDIT_VIEW: "read the audit log",
    Permission.TARIFFS_VIEW: "look at tariffs",
    Permission.STATIONS_MANAGE: "add, change and remove stations",
    Permission.TOKENS_VIEW: "look at drivers and their cards",
    Permission.TOKENS_MANAGE: "manage drivers and their cards",
    Permission.STAFF_MANAGE: "manage staff",
    Permission.BRAND_MANAGE: "change the brand",
    Permission.PROGRAMS_MANAGE: "manage API keys and webhooks",
    Permission.TENANT_MANAGE: "manage the tenant",
}


def deed(permission: Permission) -> str:
    """What somebody with the permission may do, in words that follow "may"."""
    return _DEEDS[permission]


def allowed(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role includes the permission, and a program's scopes do too."""
    if actor.scopes is not None and permission not in actor.scopes:
        return False
    return permission in _GRANTS.get(actor.role, frozenset())


def require(actor: Actor, permission: Permission) -> None:
    """Raise PermissionDeniedError, saying what is missing and who has it, unless the actor's role includes it."""
    if not allowed(actor, permission):
        about = {"tenant_id": actor.tenant_id, "role": actor.role, "address": actor.address}
        log.warning("permission refused", permission=str(permission), actor=actor.words, **about)
        if actor.scopes is not None:
            raise PermissionDeniedError(
                f"This API key does not allow to {_DEEDS[permission]}; it would need the scope {permission}."
            )
        enough = " or ".join(role.value.title() for role in reversed(Role) if permission in _GRANTS[role])
        raise PermissionDeniedError(
            f"You are signed in as {actor.role.title()}, which does not allow you to {_DEEDS[permission]}. "
            f"Ask an Admin for the role {enough}."
        )


def require_grant(actor: Actor, role: str) -> None:
    """Raise PermissionDeniedError unless the actor has all that comes with the role: nobody gives more than they have.

    People who may give roles have them all; a program's scopes may leave something out.
    """
    missing = sorted(permission for permission in _GRANTS[role] if not allowed(actor, permission))
    if missing:
        raise PermissionDeniedError(
            f"This API key cannot make somebody {role.title()}: nobody gives more than they have, and its scopes leave "
            f"out {', '.join(missing)}."
        )

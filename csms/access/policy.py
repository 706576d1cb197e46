"""Who may do what. Asked in services, at the one place where something is done; hidden buttons are only courtesy."""

from dataclasses import dataclass
from enum import StrEnum

from csms.errors import PermissionDeniedError
from models import Role


class Permission(StrEnum):
    """What can be allowed."""

    STATIONS_VIEW = "stations.view"
    STATIONS_CONTROL = "stations.control"
    STATIONS_CONFIGURE = "stations.configure"
    TRANSACTIONS_VIEW = "transactions.view"
    TRANSACTIONS_REPAIR = "transactions.repair"
    FRAMES_VIEW = "frames.view"
    AUDIT_VIEW = "audit.view"
    TENANT_MANAGE = "tenant.manage"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in person, or a program (no user id)."""

    user_id: int | None
    name: str
    email: str
    tenant_id: int
    role: str
    scopes: frozenset[str] | None = None
    """What a program may do at most, as Permission names; None: all that the role allows."""
    address: str = ""
    """The network address it acts from."""

    @property
    def words(self) -> str:
        """How the audit names the actor."""
        return self.email or self.name


_VIEWER = frozenset({Permission.STATIONS_VIEW, Permission.TRANSACTIONS_VIEW, Permission.AUDIT_VIEW})
_OPERATOR = _VIEWER | {
    Permission.STATIONS_CONTROL,
    Permission.STATIONS_CONFIGURE,
    Permission.TRANSACTIONS_REPAIR,
    Permission.FRAMES_VIEW,
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
    Permission.TENANT_MANAGE: "manage brand, prices and staff",
}


def allowed(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role includes the permission, and its scopes, if it has any, do too."""
    if actor.scopes is not None and permission not in actor.scopes:
        return False
    return permission in _GRANTS.get(actor.role, frozenset())


def require(actor: Actor, permission: Permission) -> None:
    """Raise PermissionDeniedError, saying what is missing and who has it, unless the actor's role includes it."""
    if not allowed(actor, permission):
        enough = " or ".join(role.value.title() for role in reversed(Role) if permission in _GRANTS[role])
        raise PermissionDeniedError(
            f"You are signed in as {actor.role.title()}, which does not allow you to {_DEEDS[permission]}. "
            f"Ask an Admin for the role {enough}."
        )

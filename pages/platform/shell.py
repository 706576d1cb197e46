"""The frame of the platform owner's pages."""

from typing import Final

from pages.account import own_account
from pages.platform.invitations import invitations
from pages.platform.new_tenant import new_tenant
from pages.platform.obligations import obligations
from pages.platform.session import PlatformContext
from pages.platform.tenants import tenants
from pages.sub_pages import Builder, FriendlySubPages
from pages.web.visit import Visit
from themes.frame import NavItem, Person, shell

NAVIGATION: Final = (
    NavItem("/", "building-2", "Tenants", exact=True),
    NavItem("/new", "plus", "Add a tenant"),
    NavItem("/invitations", "send", "Invitations"),
    NavItem("/undelivered", "inbox", "Undelivered"),
)
ROUTES: Final[dict[str, Builder]] = {
    "/": tenants,
    "/new": new_tenant,
    "/invitations": invitations,
    "/undelivered": obligations,
    "/account": own_account,
}


def build(visit: Visit) -> None:
    """Build the platform pages for the signed-in owner."""
    actor, token = visit.actor, visit.token
    assert actor is not None  # noqa: S101 - the sign-in gate was passed
    assert token is not None  # noqa: S101
    person = Person(actor.name, "Platform owner", (NavItem("/account", "user-round", "Your account"),))
    with shell(visit.brand, NAVIGATION, person, sign_out="/sign-out") as frame:
        FriendlySubPages(
            ROUTES, frame, {"context": PlatformContext(visit.services, actor, token, frame, visit.address)}
        )

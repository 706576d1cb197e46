"""The frame of a tenant's dashboard, and which address shows which page."""

from typing import Final

from components.formats import Formats
from csms.access.policy import PLATFORM, Permission, allowed
from pages.account import own_account
from pages.admin.sections import SECTIONS
from pages.admin.settings import settings
from pages.admin.webhook import webhook
from pages.operator.card import card_page
from pages.operator.cards import cards
from pages.operator.check_station import check_station
from pages.operator.driver import driver
from pages.operator.drivers import drivers
from pages.operator.edit_station import edit_station
from pages.operator.entered import entered_banner
from pages.operator.import_stations import import_page
from pages.operator.knocks import inbox
from pages.operator.locations import location_page, locations_page, new_location
from pages.operator.new_station import new_station
from pages.operator.overview import overview
from pages.operator.station import station
from pages.operator.stations import stations
from pages.operator.transaction import transaction
from pages.operator.transactions import transactions
from pages.session import PageContext
from pages.sub_pages import Builder, FriendlySubPages
from pages.web.visit import Visit
from themes.frame import NavItem, Person, shell

NAVIGATION: Final = (
    NavItem("/", "layout-dashboard", "Overview", exact=True),
    NavItem("/stations", "ev-charger", "Stations"),
    NavItem("/transactions", "zap", "Sessions"),
    NavItem("/drivers", "users", "Drivers"),
    NavItem("/cards", "nfc", "Cards"),
    NavItem("/settings", "settings", "Settings"),
)
_NEEDS: Final = {"/drivers": Permission.TOKENS_VIEW, "/cards": Permission.TOKENS_VIEW}
"""What somebody needs to be shown the way to a page."""
ACCOUNT: Final = (NavItem("/account", "user-round", "Your account"),)
ROUTES: Final[dict[str, Builder]] = {
    "/": overview,
    "/stations": stations,
    "/stations/new": new_station,
    "/stations/inbox": inbox,
    "/stations/import": import_page,
    "/stations/{identity}": station,
    "/stations/{identity}/edit": edit_station,
    "/stations/{identity}/check": check_station,
    "/locations": locations_page,
    "/locations/new": new_location,
    "/locations/{location_id}": location_page,
    "/transactions": transactions,
    "/transactions/{transaction_id}": transaction,
    "/drivers": drivers,
    "/drivers/{driver_id}": driver,
    "/cards": cards,
    "/cards/{token_id}": card_page,
    "/account": own_account,
    "/settings": settings,
    **{section.path: section.build for section in SECTIONS},
    "/settings/webhooks/{webhook_id}": webhook,
}
"""Each builder may ask for `context` (PageContext) and for the path's parameters by name."""


def build(visit: Visit) -> None:
    """Build the dashboard for a signed-in visitor; the sub page follows the address without reloading."""
    tenant, actor, token = visit.tenant, visit.actor, visit.token
    assert tenant is not None  # noqa: S101 - the host gate was passed
    assert actor is not None  # noqa: S101 - and the sign-in gate
    assert token is not None  # noqa: S101
    brand = visit.brand
    formats = Formats(brand.language, tenant.currency, tenant.time_zone)
    offered = tuple(item for item in NAVIGATION if item.href not in _NEEDS or allowed(actor, _NEEDS[item.href]))
    entered = actor.means == PLATFORM
    name = actor.name.removesuffix(" (platform)") if entered else actor.name
    person = Person(name, "Platform owner" if entered else actor.role.title(), ACCOUNT)
    with shell(brand, offered, person, sign_out="/sign-out") as frame:
        if banner := entered_banner(visit, formats.time(visit.expires_at)):
            banner.move(target_index=0)
        context = PageContext(visit.services, tenant, actor, token, brand, formats, frame, visit.address)
        FriendlySubPages(ROUTES, frame, {"context": context})

"""Every page below /settings, in the order in which they are offered. A page adds itself here."""

from typing import Final

from csms.access.policy import Permission
from pages.admin.audit import audit_log
from pages.admin.brand import brand
from pages.admin.section import Section
from pages.admin.webhooks import webhook_list
from pages.operator.locations import locations_page

SECTIONS: Final[tuple[Section, ...]] = (
    Section(
        "/settings/brand",
        "palette",
        "Brand",
        "Logo, colours, typeface and words of your pages.",
        Permission.BRAND_MANAGE,
        brand,
    ),
    Section(
        "/locations",
        "map-pin",
        "Locations",
        "Addresses, coordinates and time zones of your sites.",
        Permission.STATIONS_VIEW,
        locations_page,
        group="Chargers",
    ),
    Section(
        "/settings/webhooks",
        "webhook",
        "Webhooks",
        "Tell your own programs what happens, as it happens.",
        Permission.PROGRAMS_MANAGE,
        webhook_list,
        group="Programs",
    ),
    Section(
        "/settings/audit",
        "history",
        "Audit log",
        "Who did or asked what, when and from where.",
        Permission.AUDIT_VIEW,
        audit_log,
        group="Security",
    ),
)

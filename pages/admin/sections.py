"""Every page below /settings, in the order in which they are offered. A page adds itself here."""

from typing import Final

from csms.access.policy import Permission
from pages.admin.audit import audit_log
from pages.admin.brand import brand
from pages.admin.domains import domains_page
from pages.admin.organisation import organisation_page
from pages.admin.people import people
from pages.admin.programs import programs
from pages.admin.section import Section
from pages.admin.sign_in_rules import sign_in_rules
from pages.admin.webhooks import webhook_list
from pages.operator.locations import locations_page

SECTIONS: Final[tuple[Section, ...]] = (
    Section(
        "/settings/organisation",
        "building-2",
        "Organisation",
        "Name, language, currency, receipts, and whom drivers call.",
        Permission.TENANT_MANAGE,
        organisation_page,
    ),
    Section(
        "/settings/domains",
        "globe",
        "Domains",
        "Answer under a name of your own, with its certificate.",
        Permission.TENANT_MANAGE,
        domains_page,
    ),
    Section(
        "/settings/people",
        "users",
        "People",
        "Invite staff, give them roles, and see who is a member.",
        Permission.STAFF_MANAGE,
        people,
    ),
    Section(
        "/settings/sign-in",
        "key-round",
        "Sign-in",
        "A second step for everybody, and single sign-on at your own provider.",
        Permission.TENANT_MANAGE,
        sign_in_rules,
        group="Security",
    ),
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
        "/settings/api",
        "key-round",
        "API keys",
        "Let your own programs read and control what you can.",
        Permission.PROGRAMS_MANAGE,
        programs,
        group="Programs",
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

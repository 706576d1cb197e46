"""What must be entered at a charger: address, identity and password, the password only now."""

from components.controls import card
from components.copyable import Copyable
from csms.stations.addresses import base_url, station_url
from csms.tenants.main_host import main_host_of
from pages.operator.vendor_steps import VendorSteps
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag


def credentials_card(
    context: PageContext, identity: str, security_profile: int, password: str | None, *, known: bool = False
) -> None:
    """The values with copy buttons. Without a password it says why; `known`: the charger has its own."""
    settings, host = context.services.settings, main_host_of(context.tenant)
    with card("Enter this at the charger"):
        _value("Address", base_url(settings, host, security_profile), "address")
        whole = station_url(settings, host, identity, security_profile)
        _value("Whole address, where the charger wants it in one piece", whole, "whole")
        _value("Identity, which is the user name as well", identity, "identity")
        if password is not None:
            _value("Password", password, "password")
            with Tag("div", classes="charger-warning"):
                icon("key-round")
                Tag("span", "The password is shown only now. If it is lost, give the charger a new one under Edit.")
        else:
            Tag("p", _why_none(security_profile, known=known), "charger-hint")


def vendor_card(context: PageContext, identity: str, security_profile: int) -> None:
    """Where to enter it, by make."""
    settings, host = context.services.settings, main_host_of(context.tenant)
    values = {
        "url": base_url(settings, host, security_profile),
        "whole": station_url(settings, host, identity, security_profile),
        "identity": identity,
        "profile": str(security_profile),
    }
    with card("Where to enter it"):
        VendorSteps(values)


def _value(label: str, value: str, testid: str) -> None:
    Copyable(value, label).props["data-testid"] = testid


def _why_none(security_profile: int, *, known: bool) -> str:
    if known:
        return "It goes on with the password that it uses already; there is nothing to enter."
    if security_profile == 3:
        return "It proves itself by a client certificate, which must name its identity or serial number."
    return "It needs no password: anybody who knows its identity can connect as it. Use that in closed networks only."

"""Which brand a host is dressed in."""

from dataclasses import replace

from csms.tenants.directory import TenantInfo
from pages.web.visit import brand_of
from themes.builtin import GREEN_ENERGY, VOLTDECK

TENANT = TenantInfo(1, "green", "Green", "EUR", "Europe/Berlin", "en-GB", {}, ("green.localhost",), 52.5, 13.4, 5)


def test_the_platform_is_voltdecks_own() -> None:
    assert brand_of(None) is VOLTDECK


def test_a_tenant_without_a_brand_has_at_least_its_name_and_language() -> None:
    brand = brand_of(TENANT)
    assert (brand.app_name, brand.language, brand.accent) == ("Green", "en-GB", VOLTDECK.accent)


def test_a_changed_brand_is_seen_at_once() -> None:
    assert brand_of(TENANT).accent != GREEN_ENERGY.accent
    assert brand_of(replace(TENANT, brand=GREEN_ENERGY.to_tokens())) == GREEN_ENERGY


def test_a_broken_brand_locks_nobody_out() -> None:
    for broken in (replace(TENANT, brand={"accent": "red; x"}), replace(TENANT, locale="de_DE")):
        brand = brand_of(broken)
        assert (brand.app_name, brand.language) == ("Green", "en")

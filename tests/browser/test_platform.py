"""The platform owner adds a tenant, and it is there at once."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, Visit, connected, fill_sign_in
from tests.chromium import new_context

pytestmark = pytest.mark.browser


def test_a_new_tenant_is_reachable_at_once(site: Site, visit: Visit, chromium: Browser) -> None:
    page = visit("platform", role="owner")
    expect(page.get_by_role("link", name="Green Energy")).to_be_visible()
    page.get_by_role("link", name="Add a tenant").first.click()
    _fill(page, "Red Rock Charging", "redrock.localhost", "ada@redrock.example")
    page.get_by_role("button", name="Add the tenant").click()
    password = page.get_by_test_id("password").inner_text()
    assert len(password) > 15
    context = new_context(chromium)
    admin = context.new_page()
    fill_sign_in(admin, site.address("redrock", "/sign-in"), "ada@redrock.example", password)
    connected(admin)
    expect(admin).to_have_title("Overview · Red Rock Charging")
    expect(admin.get_by_text("Nothing is charging")).to_be_visible()
    context.close()
    page.get_by_role("link", name="Back to the tenants").click()
    expect(page.get_by_role("link", name="Red Rock Charging")).to_be_visible()


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(visit: Visit) -> None:
    page = visit("platform", "/new", role="owner")
    for hostname, words in (
        ("http://x.example/", "without http://"),
        ("green.localhost", "taken already"),
        ("platform.localhost", "taken already"),
    ):
        _fill(page, "Another", hostname, "ada@another.example")
        page.get_by_role("button", name="Add the tenant").click()
        expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Another")


def test_tenants_live_elsewhere(visit: Visit) -> None:
    page = visit("platform", "/stations", role="owner")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    assert page.evaluate("fetch('/data/map').then(answer => answer.status)") == 404


def _fill(page: Page, name: str, hostname: str, email: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Hostname").fill(hostname)
    page.get_by_label(re.compile("Admin's name")).fill("Ada Lovelace")
    page.get_by_label(re.compile("Admin's e-mail")).fill(email)

"""Signing in and out as people see it."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, Visit, connected, email_of, fill_sign_in
from tests.browser.world import BRANDS, PASSWORD
from tests.chromium import new_context

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("host", ["green", "blue"])
def test_each_tenants_people_sign_in_under_its_brand(site: Site, visit: Visit, host: str) -> None:
    page = visit(host, "/stations", role="")
    expect(page).to_have_title(f"Sign in · {BRANDS[host].app_name}")
    assert page.evaluate("getComputedStyle(document.body).fontFamily").count(",") > 1
    page.get_by_label("E-mail").fill(email_of(host, "viewer"))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(site.address(host, "/stations"))
    expect(page.get_by_role("heading", name="Stations", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Viewer Person, Viewer: menu")).to_be_visible()


def test_without_scripts(site: Site, chromium: Browser) -> None:
    context = new_context(chromium, java_script_enabled=False)
    page = context.new_page()
    fill_sign_in(page, site.address("green", "/sign-in"), email_of("green", "viewer"), "wrong")
    expect(page.get_by_role("alert")).to_contain_text("do not match an account here")
    expect(page.get_by_label("E-mail")).to_have_value("viewer@green.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(site.address("green"))
    assert "voltdeck-session" in {cookie.get("name") for cookie in context.cookies()}
    context.close()


def test_signing_out_closes_every_tab_of_this_browser(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    first, second = context.new_page(), context.new_page()
    fill_sign_in(first, site.address("green", "/sign-in"), email_of("green", "operator"))
    connected(first)
    second.goto(site.address("green", "/stations"))
    connected(second)
    first.get_by_role("button", name=re.compile("Operator Person")).click()
    first.get_by_role("button", name="Sign out").click()
    for page in (first, second):
        page.wait_for_url(re.compile("/sign-in"))
    second.goto(site.address("green", "/stations"))
    expect(second).to_have_url(site.address("green", "/sign-in?next=/stations"))
    context.close()

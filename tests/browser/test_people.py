"""Staff, accounts and the way in, as people see them."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp.totp import TOTP

from tests.browser.axe import check, check_both_modes
from tests.browser.conftest import Site, Visit, connected, email_of, fill_sign_in
from tests.browser.world import PASSWORD
from tests.chromium import new_context

pytestmark = pytest.mark.browser
NEW = "a long quiet river"


def test_invited_accepted_and_removed_again(site: Site, visit: Visit, chromium: Browser) -> None:
    admin = visit("green", "/settings/people", role="admin", mode="light")
    admin.get_by_role("button", name="Invite").first.click()
    admin.get_by_label("E-mail").fill("operator@green.example")
    admin.get_by_role("button", name="Send the invitation").click()
    expect(admin.get_by_role("alert").filter(has_text="member already")).to_be_visible()
    admin.get_by_label("E-mail").fill("nina@new.example")
    admin.get_by_role("button", name="Send the invitation").click()
    link = admin.get_by_text(re.compile("/join\\?token=")).inner_text()
    admin.get_by_role("button", name="Done").click()
    expect(admin.get_by_role("button", name="nina@new.example")).to_be_visible()

    context = new_context(chromium, reduced_motion="no-preference")  # with all that moves, as most people have it
    nina = context.new_page()
    nina.goto(link)
    nina.get_by_label("Your name").fill("Nina New")
    nina.get_by_label("Password", exact=True).fill(NEW)
    nina.get_by_label("Password again").fill(NEW)
    nina.get_by_role("button", name="Create my account").click()
    connected(nina)
    expect(nina.get_by_role("button", name="Nina New, Operator: menu")).to_be_visible()

    admin.reload()
    connected(admin)
    admin.get_by_role("button", name="Nina New").click()
    admin.get_by_role("button", name="End their sign-ins").click()
    nina.wait_for_url(re.compile("/sign-in"))
    fill_sign_in(nina, site.address("green", "/sign-in"), "nina@new.example", NEW)
    connected(nina)
    admin.get_by_role("button", name="Nina New").click()
    admin.get_by_role("button", name="Remove from here").click()
    admin.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    nina.wait_for_url(re.compile("/sign-in"))
    expect(admin.get_by_role("button", name="Nina New")).to_have_count(0)
    context.close()


def test_people_are_accessible(site: Site, visit: Visit) -> None:
    page = visit("blue", "/settings/people", role="admin", mode="light")
    expect(page.get_by_role("button", name="Operator Person")).to_be_visible()
    check_both_modes(page, "people")
    page.get_by_role("button", name="Invite").first.click()
    page.get_by_label("E-mail").fill("guest@new.example")
    check(page, "invite dialog", ".q-dialog")
    page.get_by_role("button", name="Send the invitation").click()
    link = page.get_by_text(re.compile("/join\\?token=")).inner_text()
    join = visit("blue", link.removeprefix(site.address("blue", "")), role="", width=390)
    check(join, "join")


def test_an_app_is_set_up_and_asked_for(site: Site, chromium: Browser) -> None:
    context = new_context(chromium)
    page = context.new_page()
    fill_sign_in(page, site.address("depot", "/sign-in?next=/account"), email_of("depot", "viewer"))
    connected(page)
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = page.get_by_text(re.compile("^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$")).inner_text().replace(" ", "")
    expect(page.get_by_role("img", name="QR code for an authenticator app")).to_be_visible()
    check(page, "set-up dialog", ".q-dialog")
    page.get_by_label("Code the app shows").fill(TOTP(secret).now())
    page.get_by_role("button", name="Confirm").click()
    codes = page.get_by_text(re.compile("^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}")).inner_text().split()
    assert len(codes) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("On. 10 of your recovery codes are left.")).to_be_visible()
    context.close()

    again = new_context(chromium, java_script_enabled=False).new_page()
    fill_sign_in(again, site.address("depot", "/sign-in?next=/stations"), email_of("depot", "viewer"))
    expect(again.get_by_role("heading", name="Second step")).to_be_visible()
    again.get_by_label("Code").fill("000000")
    again.get_by_role("button", name="Sign in").click()
    expect(again.get_by_role("alert")).to_contain_text("not right")
    again.get_by_label("Code").fill(codes[3])
    again.get_by_role("button", name="Sign in").click()
    expect(again).to_have_url(site.address("depot", "/stations"))
    again.context.close()


def test_sign_ins_are_seen_and_ended(site: Site, visit: Visit, chromium: Browser) -> None:
    page = visit("green", "/account", role="viewer", mode="light")
    context = new_context(chromium)
    other = context.new_page()
    fill_sign_in(other, site.address("green", "/sign-in"), email_of("green", "viewer"))
    connected(other)
    page.reload()
    connected(page)
    expect(page.get_by_text("This one")).to_be_visible()
    check_both_modes(page, "account")
    page.get_by_role("button", name="Sign out everywhere else").click()
    other.wait_for_url(re.compile("/sign-in"))
    context.close()


def test_sign_in_rules(visit: Visit) -> None:
    page = visit("blue", "/settings/sign-in", role="admin", mode="light")
    expect(page.get_by_text("/sign-in/sso/callback")).to_be_visible()
    check_both_modes(page, "sign-in rules")
    page.get_by_label("Issuer").fill("http://localhost:1")
    page.get_by_label("Client id").fill("voltdeck")
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("does not answer")).to_be_visible()
    expect(page.get_by_label("Client id")).to_have_value("voltdeck")


@pytest.mark.parametrize("path", ["/settings/people", "/settings/sign-in"])
def test_what_is_for_admins_is_not_for_others(visit: Visit, path: str) -> None:
    page = visit("green", path, role="operator")
    expect(page.get_by_role("heading", name="Not allowed", level=1)).to_be_visible()


def test_the_owner_enters_with_a_reason_and_leaves(site: Site, visit: Visit, chromium: Browser) -> None:
    context = new_context(chromium)
    page = context.new_page()
    fill_sign_in(page, site.address("platform", "/sign-in"), "owner@example.com")
    connected(page)
    page.get_by_role("row", name=re.compile("Blue Wave")).get_by_role("button", name="Enter").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Enter").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Say why")
    dialog.get_by_label("Reason").fill("Ticket 4711: nothing charges")
    check(page, "enter dialog", ".q-dialog")
    dialog.get_by_role("button", name="Enter").click()
    page.wait_for_url(site.address("blue"))
    connected(page)
    banner = page.get_by_role("note", name="You entered this tenant")
    expect(banner).to_contain_text("Reason: Ticket 4711: nothing charges")
    check(page, "banner", ".people-entered")
    admin = visit("blue", "/settings/audit", role="admin")
    expect(admin.get_by_text("Olivia Owner (platform)").first).to_be_visible()
    banner.get_by_role("button", name="Leave").click()
    page.wait_for_url(re.compile("/sign-in"))
    context.close()


@pytest.mark.parametrize("path", ["/forgot", "/sign-in/code", "/join?token=x", "/reset?token=x"])
def test_plain_pages_are_accessible(visit: Visit, path: str) -> None:
    page: Page = visit("green", path, role="", mode="light", width=390)
    check(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

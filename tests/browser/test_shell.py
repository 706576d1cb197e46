"""The frame around every page: links, colours, addresses that lead nowhere, and a lost connection."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit, connected

pytestmark = pytest.mark.browser
PHONE = 390


def test_links_change_the_page_without_loading_it_anew(visit: Visit) -> None:
    page = visit("green")
    page.evaluate("window.still = true")
    _link(page, "Stations").click()
    expect(page.get_by_role("heading", name="Stations", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("/stations$"))
    expect(page).to_have_title("Stations · Green Energy")
    expect(_link(page, "Stations")).to_have_attribute("aria-current", "page")
    expect(_link(page, "Overview")).not_to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(_link(page, "Overview")).to_have_attribute("aria-current", "page")
    page.go_forward()
    expect(page.get_by_role("heading", name="Stations", level=1)).to_be_visible()
    assert page.evaluate("window.still") is True


def test_an_address_that_leads_nowhere(visit: Visit) -> None:
    page = visit("green")
    assert page.evaluate("fetch('/no/such/page').then(answer => answer.status)") == 404
    page.evaluate("history.pushState({}, '', '/no/such/page'); dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.get_by_role("heading", name="Not found", level=1)).to_be_visible()
    page.get_by_role("link", name="Back to the overview").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


@pytest.mark.parametrize("path", ["/stations/BLUE-1", "/stations/NONE", "/transactions/999999", "/transactions/x"])
def test_what_belongs_to_another_tenant_does_not_exist(visit: Visit, path: str) -> None:
    page = visit("green", path)
    expect(page.get_by_role("heading", name="Not found", level=1)).to_be_visible()
    expect(page.get_by_text("Blue Wave")).to_have_count(0)


def test_light_and_dark_are_kept_by_the_browser(visit: Visit) -> None:
    page = visit("blue")
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    page.get_by_role("button", name=re.compile(": menu")).click()
    page.get_by_text("Light", exact=True).click()
    expect(page.locator("body")).not_to_have_class(re.compile("body--dark"))
    page.reload()
    connected(page)
    expect(page.locator("body")).not_to_have_class(re.compile("body--dark"))


def test_a_lost_connection_is_said_and_comes_back(visit: Visit) -> None:
    page = visit("green")
    note = page.locator("#popup")
    expect(note).to_have_attribute("aria-hidden", "true")
    page.evaluate("window.socket.io.reconnection(false); window.socket.io.engine.close()")
    expect(note).to_have_attribute("aria-hidden", "false")
    expect(note).to_contain_text("live updates are paused")
    expect(note).to_be_visible()
    page.evaluate("window.socket.io.reconnection(true); window.socket.connect()")
    expect(note).to_have_attribute("aria-hidden", "true")


def test_no_page_is_wider_than_a_phone(site: Site, visit: Visit) -> None:
    """Neither a page nor a list in it; one walk over all pages of both tenants and of the platform owner."""
    for host, card in (("green", site.tenants.green.token), ("blue", site.tenants.blue.token)):
        station = f"{host.upper()}-1"
        with site.charger(station) as charger:
            charger.boot()
            charger.status(1, "Faulted", "ConnectorLockFailure")
            transaction = charger.start(card)
            page = visit(host, role="admin", width=PHONE)
            _fits(page)
            for path in (
                "/stations",
                "/stations?q=no-such-station",
                f"/stations/{station}",
                f"/stations/{station}?tab=sessions",
                f"/stations/{station}?tab=messages",
                f"/stations/{station}?tab=settings",
                "/transactions",
                f"/transactions/{transaction}",
                "/transactions/999999",
            ):
                _follow(page, path)
                _fits(page)
            charger.stop(transaction, 100)
    page = visit("platform", role="owner", width=PHONE)
    _fits(page)
    _follow(page, "/new")
    _fits(page)


def test_by_keyboard(visit: Visit) -> None:
    page = visit("green")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    _link(page, "Sessions").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sessions", level=1)).to_be_visible()


def _link(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Main").get_by_role("link", name=name)


def _follow(page: Page, path: str) -> None:
    """Go there as a link in the page would, and wait until what was there before is gone."""
    page.evaluate("document.querySelector('h1').id = 'before'")
    page.evaluate(
        """path => {
            const link = document.querySelector('main').appendChild(document.createElement('a'));
            link.href = path;
            link.click();
            link.remove();
        }""",
        path,
    )
    expect(page.locator("#before")).to_have_count(0)


def _fits(page: Page) -> None:
    """Everything is there, and nothing is wider than the screen or the card it stands in."""
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main .vd-skeleton, .vd-table[aria-busy=true]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, page.url
    too_wide = "lists => lists.filter(list => list.scrollWidth > list.clientWidth).length"
    assert page.locator(".vd-table__scroll, .vd-frames__list").evaluate_all(too_wide) == 0, page.url

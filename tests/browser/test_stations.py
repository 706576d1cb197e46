"""The list of stations: searched, narrowed, paged, sorted, and brought back by the address."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser


def test_pages_and_order_are_made_on_the_server(visit: Visit) -> None:
    page = visit("depot", "/stations")
    expect(_names(page)).to_have_count(25)
    expect(_names(page).first).to_have_text("DEPOT-01")
    page.get_by_role("button", name="Next page").click()
    expect(_names(page)).to_have_text([f"DEPOT-{number}" for number in range(26, 31)])
    expect(page).to_have_url(re.compile(r"\?page=2$"))
    page.go_back()
    expect(_names(page).first).to_have_text("DEPOT-01")
    page.get_by_role("button", name="Station", exact=True).click()
    expect(_names(page).first).to_have_text("DEPOT-30")


def test_a_search_is_in_the_address_and_back_brings_it_back(visit: Visit) -> None:
    page = visit("depot", "/stations")
    page.get_by_role("searchbox").fill("depot-1")
    expect(_names(page)).to_have_count(10)
    expect(page).to_have_url(re.compile(r"\?q=depot-1$"))
    _names(page).first.click()
    expect(page.get_by_role("heading", name="DEPOT-10", level=1)).to_be_visible()
    page.wait_for_url("**/stations/DEPOT-10")  # the address comes a moment after the page
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("depot-1")
    expect(_names(page)).to_have_count(10)


def test_a_link_to_a_narrowed_list_can_be_shared(visit: Visit) -> None:
    page = visit("depot", "/stations?show=Offline&q=depot-0&sort=-identity")
    expect(_names(page)).to_have_count(9)
    expect(_names(page).first).to_have_text("DEPOT-09")
    expect(page.get_by_role("button", name="Offline")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Stations").click()
    expect(_names(page)).to_have_count(25)
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_filters_by_status_and_place(visit: Visit) -> None:
    page = visit("depot", "/stations")
    page.get_by_role("combobox", name="Location").click()
    page.get_by_role("option", name="South yard").click()
    expect(_names(page)).to_have_count(15)
    expect(page).to_have_url(re.compile(r"\?at=\d+$"))
    page.get_by_role("button", name="Charging").click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    expect(_names(page)).to_have_count(15)


@pytest.mark.parametrize("address", ["?page=99999999999", "?sort=nonsense", "?at=x&page=-1", "?show=Nonsense"])
def test_an_address_that_makes_no_sense_does_no_harm(visit: Visit, address: str) -> None:
    page = visit("depot", f"/stations{address}")
    expect(page.locator(".vd-table[aria-busy=false]")).to_be_visible()
    expect(page.get_by_role("heading", name="Stations", level=1)).to_be_visible()


def test_rows_are_live_for_their_own_tenant_only(site: Site, visit: Visit) -> None:
    green, blue = visit("green", "/stations"), visit("blue", "/stations")
    row = green.locator("tr", has=green.get_by_role("link", name="GREEN-1"))
    expect(row).to_contain_text("Offline")
    heard = _without_ages(blue.locator("tbody").inner_text())
    with site.charger("GREEN-1") as charger:
        charger.call("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})
        charger.status(1, "Faulted", "GroundFailure")
        expect(row).to_contain_text("Faulted")
        mark = row.get_by_role("img").first
        expect(mark).to_have_attribute("aria-label", re.compile("Connector 1: faulted, Earth fault"))
        charger.status(1, "Available")
        expect(row.locator("[data-status=Available]").first).to_be_visible()
    expect(row).to_contain_text("Offline")
    assert _without_ages(blue.locator("tbody").inner_text()) == heard


def _without_ages(text: str) -> str:
    """The browser counts ages by itself."""
    return re.sub(r"just now|\d+ \w+ ago", "", text)


@pytest.mark.parametrize("path", ["/stations", "/transactions", "/stations/DEPOT-01"])
def test_nothing_is_wider_than_a_phone(visit: Visit, path: str) -> None:
    page = visit("depot", path, width=390)
    expect(page.locator(".vd-table[aria-busy=false], .vd-plug").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def _names(page: Page) -> Locator:
    return page.locator("tbody a.vd-row__link")

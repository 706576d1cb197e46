"""Cards and drivers as people see them: a new card held to a charger is adopted on the spot."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import at_rest, check, check_both_modes
from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser


def test_a_card_held_to_a_charger_appears_and_is_adopted(site: Site, visit: Visit) -> None:
    blue, green = visit("blue", "/cards"), visit("green", "/cards")
    expect(green.get_by_text("Hold a new card to any of your chargers")).to_be_visible()
    with site.charger("GREEN-1") as charger:
        charger.boot()
        assert charger.call("Authorize", {"idTag": "04A1B2C3D4"}) == {"idTagInfo": {"status": "Invalid"}}
        arrival = green.get_by_role("list", name="Unknown cards").get_by_role("listitem")
        expect(arrival).to_contain_text("04A1B2C3D4")
        expect(arrival).to_contain_text("GREEN-1")
        green.get_by_role("button", name="Adopt 04A1B2C3D4").click()
        dialog = green.get_by_role("dialog", name="Adopt 04A1B2C3D4")
        dialog.get_by_role("combobox", name=re.compile("Driver")).fill("Nora New")
        green.keyboard.press("Enter")
        dialog.get_by_role("button", name="Adopt", exact=True).click()
        expect(green.get_by_role("heading", name="04A1B2C3D4", level=1)).to_be_visible()
        expect(green.get_by_role("link", name="Open the driver")).to_be_visible()
        assert charger.call("Authorize", {"idTag": "04a1b2c3d4"}) == {"idTagInfo": {"status": "Accepted"}}
        green.get_by_role("button", name="Block", exact=True).click()
        expect(green.get_by_text("The card is blocked.")).to_be_visible()
        assert charger.call("Authorize", {"idTag": "04A1B2C3D4"}) == {"idTagInfo": {"status": "Blocked"}}
        green.get_by_role("button", name="Undo").click()
        expect(green.get_by_role("button", name="Block", exact=True)).to_be_visible()
        assert charger.call("Authorize", {"idTag": "04A1B2C3D4"}) == {"idTagInfo": {"status": "Accepted"}}
    expect(blue.get_by_text("Hold a new card to any of your chargers")).to_be_visible()


def test_cards_are_for_everybody(site: Site, visit: Visit) -> None:
    with site.charger("BLUE-1") as charger:
        charger.boot()
        charger.call("Authorize", {"idTag": "0499887766"})
    page = visit("blue", "/cards")
    expect(page.get_by_role("button", name="Dismiss 0499887766")).to_be_visible()
    check_both_modes(page, "cards")
    page.get_by_role("button", name="Add a card").first.click()
    expect(page.get_by_role("combobox", name=re.compile("Driver"))).to_be_visible()
    at_rest(page)
    check(page, "a card's form", ".vd-sheet")


def test_cards_are_imported_after_a_preview(visit: Visit) -> None:
    page = visit("green", "/cards")
    page.get_by_role("button", name="Import").click()
    table = "card,driver,group\n04FF01,Ida Import,FLEET\n04FF01,,\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "cards.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    expect(page.get_by_text("1 new cards; 1 lines with an error")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="04FF01")).to_be_visible()
    expect(page.get_by_role("link", name="Ida Import")).to_be_visible()


def test_a_driver_gets_a_limit_and_shows_what_is_used_of_it(site: Site, visit: Visit) -> None:
    page = visit("green", "/drivers", width=390)
    page.get_by_role("link", name="Ada Example").click()
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_label("kWh a month").fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("of 30.0 kWh")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with site.charger("GREEN-2") as charger:
        charger.boot()
        transaction = charger.start(site.tenants.green.token, minutes_ago=60)
        charger.stop(transaction, 12_500)
    page.reload()
    expect(page.get_by_text("12.5 kWh of 30.0 kWh")).to_be_visible()
    check_both_modes(page, "driver")


def test_a_viewer_is_not_shown_the_way_and_other_tenants_see_nothing(site: Site, visit: Visit) -> None:
    page = visit("green", "/", role="viewer")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Cards")).to_have_count(0)
    visitor = visit("blue", f"/drivers/{site.tenants.green.driver_id}")
    expect(visitor.get_by_role("heading", name="Not found", level=1)).to_be_visible()

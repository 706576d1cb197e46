"""axe finds nothing to object to on the pages of stations and sessions, nor in their dialogs."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import at_rest, check_both_modes, check_everywhere
from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser
SHOWN = ".vd-table[aria-busy=false], .vd-plug, .vd-story__text, .vd-frame"


def test_pages(site: Site, visit: Visit) -> None:
    with site.charger("BLUE-2") as charger:
        charger.boot()
        charger.status(1, "Charging")
        charger.status(2, "Faulted", "GroundFailure")
        transaction = charger.start(site.tenants.blue.blocked_token)
        charger.meter(transaction, energy_wh=500, power_w=3700)
        page = visit("blue", mode="light")
        for path in (
            "/stations",
            "/stations/BLUE-2",
            "/stations/BLUE-2?tab=sessions",
            "/stations/BLUE-2?tab=messages",
            "/stations/BLUE-2?tab=settings",
            "/transactions",
            f"/transactions/{transaction}",
        ):
            page.goto(site.address("blue", path))
            expect(page.locator(SHOWN).first).to_be_visible()
            check_everywhere(page, path)
        charger.stop(transaction, 500)


def test_dialogs(site: Site, visit: Visit) -> None:
    with site.charger("GREEN-1") as charger:
        charger.boot()
        page = visit("green", "/stations/GREEN-1", mode="light")
        for name in ("Start charging", "Restart…", "Availability…", "Trigger message…", "Send any request…"):
            if name != "Start charging":
                page.get_by_role("button", name="Actions").click()
            page.get_by_text(name).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            at_rest(page)
            check_both_modes(page, name, ".q-dialog__inner")
            page.get_by_role("button", name="Cancel").click()
            expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_session_is_started_by_keyboard_alone(site: Site, visit: Visit) -> None:
    with site.charger("GREEN-1") as charger:
        charger.boot()
        charger.status(1, "Available")
        page = visit("green", "/stations/GREEN-1")
        page.get_by_role("button", name="Start charging").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_role("combobox", name="Token").focus()
        page.keyboard.type(site.tenants.green.token)
        expect(page.get_by_role("option").first).to_contain_text(site.tenants.green.token)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Start", exact=True).focus()
        page.keyboard.press("Enter")
        message_id, action, _ = charger.asked()
        assert action == "RemoteStartTransaction"
        charger.answer(message_id, {"status": "Rejected"})
        expect(page.get_by_role("dialog")).to_contain_text("answered Rejected")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

"""Sessions: the list that moves, and the page that tells what happened and explains the price."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser


def test_a_running_session_is_live_in_the_list_and_ends_there(site: Site, visit: Visit) -> None:
    other = visit("green", "/transactions")
    with site.charger("BLUE-2") as charger:
        charger.boot()
        transaction = charger.start(site.tenants.blue.token, minutes_ago=70)
        page = visit("blue", "/transactions?show=running")
        row = page.locator(f"tr[data-key='{transaction}']")
        expect(row).to_contain_text("BLUE-2")
        charger.meter(transaction, energy_wh=2000, power_w=7400)
        expect(row).to_contain_text("2.0 kWh")
        # 2 kWh at 0.60, and ten minutes at 0.05 after the free hour.
        expect(row).to_contain_text(re.compile(r"\$1\.7\d"))
        charger.stop(transaction, 2500)
        expect(row).to_contain_text("Ended")
        expect(row).to_contain_text("2.5 kWh")
    expect(other.locator("tbody", has_text="BLUE")).to_have_count(0)


def test_a_list_is_narrowed_by_state_and_period(site: Site, visit: Visit) -> None:
    with site.charger("BLUE-2") as charger:
        charger.boot()
        old = charger.start(site.tenants.blue.token, minutes_ago=3 * 24 * 60)
        charger.stop(old, 100)
        page = visit("blue", "/transactions")
        expect(page.locator(f"tr[data-key='{old}']")).to_be_visible()
        page.get_by_role("combobox", name="Period").click()
        page.get_by_role("option", name="Today").click()
        expect(page.locator(f"tr[data-key='{old}']")).to_have_count(0)
        expect(page).to_have_url(re.compile("period=today"))
        page.goto(site.address("blue", "/transactions?period=week&show=ended"))
        expect(page.locator(f"tr[data-key='{old}']")).to_be_visible()


def test_the_page_follows_a_session_to_its_end_and_explains_the_price(site: Site, visit: Visit) -> None:
    with site.charger("BLUE-1") as charger:
        charger.boot()
        charger.status(1, "Preparing")
        transaction = charger.start(site.tenants.blue.token, minutes_ago=90)
        page = visit("blue", f"/transactions/{transaction}")
        expect(_part(page, "What happened")).to_contain_text("Token BLUE-CARD of Ada Example: accepted")
        charger.status(1, "Charging")
        charger.meter(transaction, energy_wh=10_000, power_w=22_000)
        expect(page.locator("[data-reading=energy]")).to_have_text("10.0 kWh")
        expect(page.locator("[data-part=energy]")).to_contain_text("10.000 kWh")
        expect(page.locator(".vd-chart")).to_have_attribute("data-points", re.compile("[12]"))
        expect(_part(page, "Price")).to_contain_text("Total so far")
        charger.stop(transaction, 12_345, "EVDisconnected", after_minutes=90)
        expect(_part(page, "What happened")).to_contain_text("The car was unplugged")
        expect(_part(page, "What happened")).to_contain_text("Energy flows")
        expect(page.locator("[data-part=energy]")).to_contain_text("12.345 kWh")
        expect(page.locator("[data-part=energy]")).to_contain_text("7.4070")
        expect(page.locator("[data-part=time]")).to_contain_text(re.compile(r"30\.\d"))  # and a slow machine's seconds
        expect(page.locator("[data-field=total]")).to_have_text(re.compile(r"\$8\.9\d"))
        expect(page.get_by_role("button", name="Stop charging")).to_have_count(0)
        expect(page.locator(".vd-frame", has_text="StopTransaction").first).to_be_visible()


def test_stop_on_the_page_reaches_the_station(site: Site, visit: Visit) -> None:
    with site.charger("BLUE-1") as charger:
        charger.boot()
        transaction = charger.start(site.tenants.blue.token)
        page = visit("blue", f"/transactions/{transaction}")
        page.get_by_role("button", name="Stop charging").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop charging").click()
        message_id, action, payload = charger.asked()
        assert (action, payload) == ("RemoteStopTransaction", {"transactionId": transaction})
        charger.answer(message_id, {"status": "Accepted"})
        charger.stop(transaction, 10, "Remote")
        expect(page.get_by_role("dialog")).to_contain_text("Stopped remotely")
        page.get_by_role("button", name="Close", exact=True).click()
        expect(_part(page, "What happened")).to_contain_text("operator@blue.example asked for a stop")


def test_what_was_odd_is_explained(site: Site, visit: Visit) -> None:
    with site.charger("BLUE-1") as charger:
        charger.boot()
        transaction = charger.start(site.tenants.blue.blocked_token)
        charger.stop(transaction, -500)
    page = visit("blue", f"/transactions/{transaction}", role="viewer")
    expect(page.locator("[data-remark=unauthorized]")).to_contain_text("Energy flowed although")
    expect(page.locator("[data-remark=meter_went_back]")).to_contain_text("only what it counted forward")
    expect(page.get_by_text("OCPP frames")).to_have_count(0)
    page.goto(page.url.rsplit("/", 1)[0])
    expect(page.locator(f"tr[data-key='{transaction}']")).to_contain_text("Meter went back")


def _part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)

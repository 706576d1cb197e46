"""A station's page: a click becomes a frame at the socket, and its answer is shown truthfully."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.charger import Charger
from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser
STATION = "GREEN-2"


def test_start_is_asked_accepted_and_started(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}")
    with _ready(site, page) as charger:
        _ask_for_start(page, site.tenants.green.token)
        message_id, action, payload = charger.asked()
        assert (action, payload) == ("RemoteStartTransaction", {"connectorId": 1, "idTag": site.tenants.green.token})
        expect(_step(page, "Asked the station")).to_have_attribute("data-state", "reached")
        expect(_step(page, "Accepted by the station")).to_have_attribute("data-state", "running")
        charger.answer(message_id, {"status": "Accepted"})
        expect(_step(page, "Accepted by the station")).to_have_attribute("data-state", "reached")
        expect(_step(page, "Session started")).to_have_attribute("data-state", "running")
        expect(_step(page, "Session started")).to_contain_text("Waiting for the car")
        transaction = charger.start(site.tenants.green.token)
        expect(_step(page, "Session started")).to_have_attribute("data-state", "reached")
        page.get_by_role("link", name="Open the session").click()
        expect(page.get_by_role("heading", name=f"Session {transaction}", level=1)).to_be_visible()
        charger.stop(transaction, 0)


def test_a_refusal_says_what_it_means(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}")
    with _ready(site, page) as charger:
        _ask_for_start(page, site.tenants.green.token)
        charger.answer(charger.asked()[0], {"status": "Rejected"})
        expect(_step(page, "Accepted by the station")).to_have_attribute("data-state", "failed")
        expect(_step(page, "Accepted by the station")).to_contain_text("answered Rejected")
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("dialog").get_by_role("button", name="Start", exact=True).click()
        charger.refuse(charger.asked()[0], "InternalError", "relay stuck")
        expect(_step(page, "Accepted by the station")).to_contain_text("InternalError: relay stuck")


def test_silence_is_not_called_a_failure(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}")
    with _ready(site, page) as charger:
        _ask_for_start(page, site.tenants.green.token)
        charger.asked()
        expect(_step(page, "Accepted by the station")).to_contain_text("did not answer in time", timeout=15_000)
        expect(_step(page, "Accepted by the station")).to_contain_text("may still have acted")


def test_an_offline_station_explains_and_notices_its_return(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}")
    expect(page.locator("[data-field=presence]")).to_contain_text(re.compile("Offline since|never connected"))
    page.get_by_role("button", name="Start charging").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("is offline, so nothing can be sent")
    expect(dialog.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    with site.charger(STATION):
        expect(dialog).not_to_contain_text("is offline")
        expect(dialog.get_by_role("button", name="Start", exact=True)).to_be_enabled()
        expect(page.locator("[data-field=presence]")).to_contain_text("Online since")


def test_stop_unlock_reset_and_availability_reach_the_station(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}")
    with _ready(site, page) as charger:
        transaction = charger.start(site.tenants.green.token)
        plug = page.locator("[data-connector='1-1']")
        plug.get_by_role("button", name="Stop").click()
        page.get_by_role("button", name="Stop charging").click()
        message_id, action, payload = charger.asked()
        assert (action, payload) == ("RemoteStopTransaction", {"transactionId": transaction})
        charger.answer(message_id, {"status": "Accepted"})
        charger.stop(transaction, 500, "Remote")
        expect(_step(page, "Session ended")).to_contain_text("Stopped remotely")
        _close(page)
        plug.get_by_role("button", name="Unlock").click()
        page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
        message_id, action, payload = charger.asked()
        assert (action, payload) == ("UnlockConnector", {"connectorId": 1})
        charger.answer(message_id, {"status": "UnlockFailed"})
        expect(_step(page, "Station answered")).to_contain_text("The lock did not open")
        _close(page)
        _action(page, "Availability…")
        page.get_by_text("Out of service: nobody can charge").click()
        page.get_by_role("button", name="Change", exact=True).click()
        message_id, action, payload = charger.asked()
        assert (action, payload) == ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"})
        charger.answer(message_id, {"status": "Scheduled"})
        expect(_step(page, "Station answered")).to_contain_text("when the running session has ended")
        _close(page)
        _action(page, "Restart…")
        page.get_by_role("button", name="Restart", exact=True).click()
        message_id, action, payload = charger.asked()
        assert (action, payload) == ("Reset", {"type": "Soft"})
        charger.answer(message_id, {"status": "Accepted"})
        expect(_step(page, "Station went offline")).to_have_attribute("data-state", "running")
    expect(_step(page, "Station went offline")).to_have_attribute("data-state", "reached")
    with site.charger(STATION):
        expect(_step(page, "Station is back")).to_have_attribute("data-state", "reached")


def test_any_request_is_checked_as_it_is_typed(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}")
    with _ready(site, page) as charger:
        _action(page, "Send any request…")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("requestedMessage is required")
        payload = dialog.get_by_label("Payload (JSON)")
        payload.fill('{"requestedMessage": ')
        expect(dialog).to_contain_text("is not JSON")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_role("alert")).to_contain_text("is not JSON")
        payload.fill('{"requestedMessage": "Heartbeat"}')
        expect(dialog).to_contain_text("fits the schema")
        dialog.get_by_role("button", name="Send").click()
        message_id, action, asked = charger.asked()
        assert (action, asked) == ("TriggerMessage", {"requestedMessage": "Heartbeat"})
        charger.answer(message_id, {"status": "NotImplemented"})
        expect(dialog.locator("pre")).to_contain_text('"status": "NotImplemented"')


def test_settings_are_read_shown_and_written(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}?tab=settings")
    with _ready(site, page) as charger:
        page.get_by_role("button", name="Read from station").first.click()
        page.get_by_role("button", name="Read", exact=True).click()
        message_id, action, _ = charger.asked()
        assert action == "GetConfiguration"
        keys = [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
            {"key": "AuthorizationKey", "readonly": False, "value": "hush-hush-hush-hush"},
        ]
        charger.answer(message_id, {"configurationKey": keys, "unknownKey": []})
        _close(page)
        expect(page.locator("tbody tr")).to_have_count(3)
        expect(page.locator("body")).not_to_contain_text("hush")
        page.get_by_role("button", name="HeartbeatInterval").click()
        page.get_by_label("Value").fill("60")
        page.get_by_role("button", name="Write to station").click()
        message_id, action, payload = charger.asked()
        assert (action, payload) == ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"})
        charger.answer(message_id, {"status": "RebootRequired"})
        expect(_step(page, "Station answered")).to_contain_text("after a restart")


def test_frames_appear_as_they_happen_and_can_be_searched(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}?tab=messages")
    with _ready(site, page) as charger:
        charger.call("DataTransfer", {"vendorId": "acme.example", "data": "<b>needle</b>"})
        first = page.locator(".vd-frame", has_text="DataTransfer").last
        expect(first).to_be_visible()
        first.locator("summary").click()
        expect(first.locator("pre")).to_contain_text('"data": "<b>needle</b>"')
        page.get_by_placeholder("Search action, id or content").fill("needle")
        expect(page.locator(".vd-frame", has_text="BootNotification")).to_have_count(0)
        expect(page.locator(".vd-frame", has_text="DataTransfer")).to_have_count(2)
        charger.call("Heartbeat", {})
        charger.call("DataTransfer", {"vendorId": "acme.example", "data": "needle again"})
        expect(page.locator(".vd-frame", has_text="needle again")).to_have_count(1)
        expect(page.locator(".vd-frame", has_text="Heartbeat")).to_have_count(0)


def test_a_running_session_moves_and_its_chart_grows(site: Site, visit: Visit) -> None:
    page, other = visit("green", f"/stations/{STATION}"), visit("blue", "/stations/BLUE-2")
    with _ready(site, page) as charger:
        transaction = charger.start(site.tenants.green.token, minutes_ago=5)
        card = page.get_by_role("region", name="Running session at connector 1")
        expect(card).to_be_visible()
        for step in (1, 2, 3):
            charger.meter(transaction, energy_wh=1000 * step, power_w=11_040)
            expect(card.locator("[data-reading=energy]")).to_have_text(f"{step}.0 kWh")
            expect(card.locator(".vd-chart")).to_have_attribute("data-points", str(step))
        expect(card.locator("[data-reading=power]")).to_have_text("11.0 kW")
        expect(card.locator("[data-reading=cost]")).to_have_text("€0.90")
        charger.stop(transaction, 3000)
        expect(card).to_have_count(0)
    expect(other.get_by_text("Running session")).to_have_count(0)


def test_a_fault_is_explained_where_it_is(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}")
    with _ready(site, page) as charger:
        charger.status(2, "Faulted", "HighTemperature")
        plug = page.locator("[data-connector='2-1']")
        expect(plug).to_contain_text("Too hot inside the station")
        expect(plug.get_by_role("button", name="Start")).to_have_count(0)
        event = page.locator("[data-event='connector.faulted']").first
        expect(event).to_contain_text("Still so")
        charger.status(2, "Available")
        expect(event).to_contain_text("Over ")


def test_a_viewer_sees_but_cannot_act(site: Site, visit: Visit) -> None:
    page = visit("green", f"/stations/{STATION}?tab=messages", role="viewer")
    expect(page.locator(".vd-plug").first).to_be_visible()
    for name in ("Start charging", "Actions", "Unlock", "Start", "Availability"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_role("tab")).to_have_text(["Live", "Sessions"])


@contextmanager
def _ready(site: Site, page: Page) -> Iterator[Charger]:
    """The station connected, and seen to be so."""
    expect(page.locator("[data-field=presence]")).to_be_visible()
    with site.charger(STATION) as charger:
        charger.boot()
        for connector in (1, 2):
            charger.status(connector, "Available")
        expect(page.locator("[data-field=presence]")).to_contain_text("Online since")
        yield charger


def _ask_for_start(page: Page, token: str) -> None:
    page.get_by_role("button", name="Start charging").click()
    field = page.get_by_label(re.compile("^Token"))
    field.click()
    field.fill(token)
    page.get_by_role("option", name=re.compile(token)).click()
    page.get_by_role("dialog").get_by_role("button", name="Start", exact=True).click()


def _step(page: Page, label: str) -> Locator:
    return page.locator(".vd-steps li", has=page.locator(".vd-steps__label", has_text=label))


def _action(page: Page, name: str) -> None:
    page.get_by_role("button", name="Actions").click()
    page.get_by_text(name).click()


def _close(page: Page) -> None:
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)

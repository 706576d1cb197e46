"""A sign-in that nobody uses ends, where the platform asks for that; an open tab alone is no use."""

import asyncio

import pytest
from nicegui import Client, ui

from csms.access.service import Door
from csms.clock import ManualClock
from pages import tabs
from pages.services import Services
from pages.web.recognising import recognised
from tests.pages.conftest import Visitor, sign_in


async def test_what_is_not_used_ends(visitor: Visitor, services: Services, clock: ManualClock) -> None:
    services.settings.sign_in_idle_minutes = 30
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    for _ in range(3):
        clock.forward(20 * 60)
        assert (await browser.get("/data/map")).status_code == 200
    clock.forward(31 * 60)
    assert (await browser.get("/data/map")).status_code == 401


async def test_without_the_setting_it_lasts(visitor: Visitor, clock: ManualClock) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    clock.forward(11 * 3600)
    assert (await browser.get("/data/map")).status_code == 200


async def test_looking_after_a_tab_is_no_use(visitor: Visitor, services: Services, clock: ManualClock) -> None:
    services.settings.sign_in_idle_minutes = 30
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    token = browser.cookies["voltdeck-session"]
    green = services.directory.by_host("green.localhost")
    assert green is not None
    for left in (20, 20):
        clock.forward(left * 60)
        here = await recognised(services, Door(green.id), token, is_use=False)
    assert here is None


async def test_a_closed_tab_has_nothing_behind_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabs, "GRACE_S", 0.0)
    client = Client(ui.page("/tab"), request=None)
    tabs.close(client)
    tabs.close(client)  # told twice, gone once
    for _ in range(10):
        await asyncio.sleep(0)
    assert not client.is_deleted, "who left is the framework's to forget"
    client.tab_id = "it came back"
    for _ in range(10):
        await asyncio.sleep(0)
    assert client.is_deleted
    assert client.id not in Client.instances

"""What is no longer looked at is no longer followed, though the tab stays open."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser
_FOLLOWERS = """async (kinds) => {
    const text = await (await fetch("/metrics")).text();
    const line = (kind) => text.match(new RegExp(`voltdeck_board_followers{kind="${kind}"} (\\\\S+)`));
    const count = (kind) => Number((line(kind) ?? [0, 0])[1]);
    return kinds.reduce((sum, kind) => sum + count(kind), 0);
}"""
# Tabs of tests before this one are forgotten a few seconds after they closed.
_FORGOTTEN_MS = 30_000


def test_leaving_a_page_ends_what_it_followed(site: Site, visit: Visit) -> None:
    with site.charger("GREEN-1") as charger:
        charger.boot()
        transaction = charger.start(site.tenants.green.token)
        page = visit("green", "/stations")
        for path in (
            "/stations/GREEN-1",
            "/stations/GREEN-1?tab=messages",
            f"/transactions/{transaction}",
            "/stations",
        ):
            _go(page, path)
            expect(page.locator(".vd-plug, .vd-frame, .vd-story__text, tbody a").first).to_be_visible()
        assert page.evaluate(_FOLLOWERS, ["station"]) > 0
        _go(page, "/no-such-page")
        expect(page.get_by_role("heading", name="Not found", level=1)).to_be_visible()
        kinds = ["station", "transaction", "transactions", "frames", "commands", "events", "stations", "figures"]
        page.wait_for_function(f"async (kinds) => await ({_FOLLOWERS})(kinds) === 0", arg=kinds, timeout=_FORGOTTEN_MS)
        charger.stop(transaction, 0)


def test_a_tab_of_the_page_that_is_closed_is_not_followed(site: Site, visit: Visit) -> None:
    page = visit("green", "/stations/GREEN-1?tab=settings")
    expect(page.get_by_role("tab", name="Settings")).to_be_visible()
    assert page.evaluate(_FOLLOWERS, ["commands"]) > 0
    page.get_by_role("tab", name="Sessions").click()
    page.wait_for_function(f"async () => await ({_FOLLOWERS})(['commands']) === 0", timeout=_FORGOTTEN_MS)


def _go(page: Page, path: str) -> None:
    """Follow a link within the dashboard."""
    page.evaluate("path => emitEvent('sub_pages_navigate', path)", path)
    page.wait_for_url(f"**{path}")

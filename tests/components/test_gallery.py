"""Every component in a real browser: usable by all, on a phone, in both modes, and live."""

import re
from collections.abc import Callable
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import check
from tests.components.conftest import Open

pytestmark = pytest.mark.browser

PATHS = ("/", "/stations", "/station", "/parts", "/sign-in")


def settled(page: Page) -> Page:
    """Wait until tables, maps and charts show their content."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('.vd-map,.vd-chart')].every(e => e.dataset.ready)"
        " && !document.querySelector('.vd-table[aria-busy=true]')"
    )
    page.wait_for_function("document.fonts.status === 'loaded'")
    return page


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("host", "mode", "width"),
    [("greenenergy", "", 1440), ("greenenergy", "dark", 390), ("bluewave", "", 390), ("bluewave", "light", 1440)],
)
def test_no_barrier_that_axe_can_see_and_nothing_too_wide(
    open_gallery: Open, path: str, host: str, mode: str, width: int
) -> None:
    page = settled(open_gallery(path, host, width=width, mode=mode))
    check(page, f"{path} at {host}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("host", "path"),
    [*(("voltdeck", path) for path in PATHS), *((host, "/crowd") for host in ("greenenergy", "bluewave", "voltdeck"))],
)
def test_nothing_is_wider_than_a_phone(open_gallery: Open, path: str, host: str) -> None:
    page = settled(open_gallery(path, host, width=390))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def map_status(page: Page, key: str) -> str:
    return page.evaluate("key => getElement(Number(document.querySelector('.vd-map').id.slice(1))).statusOf(key)", key)


def map_color(page: Page, key: str) -> list[int]:
    """The colour drawn at a station, a little left of its middle."""
    return page.evaluate(
        """key => {
            const layer = getElement(Number(document.querySelector('.vd-map').id.slice(1))).layer;
            const group = layer.groupOf(key), ratio = layer._canvas.width / layer._size.x;
            const [x, y] = [(group.x - 7.5) * ratio, (group.y + 3) * ratio];
            return [...layer._context.getImageData(x, y, 1, 1).data.slice(0, 3)];
        }""",
        key,
    )


def test_a_patch_changes_the_marker_at_once(open_gallery: Open, gallery_port: int) -> None:
    page = settled(open_gallery("/", "voltdeck"))
    page.evaluate(
        """() => { const m = getElement(Number(document.querySelector('.vd-map').id.slice(1)));
                   const r = m.layer.rows.get('CP-001'); m.map.setView([r.lat, r.lng], 16, { animate: false }); }"""
    )
    assert map_status(page, "CP-001") == "Available"
    before = map_color(page, "CP-001")
    urlopen(f"http://127.0.0.1:{gallery_port}/emit?key=CP-001&status=Charging")
    page.wait_for_function(
        "() => getElement(Number(document.querySelector('.vd-map').id.slice(1))).statusOf('CP-001') === 'Charging'"
    )
    page.evaluate("() => new Promise(requestAnimationFrame)")
    after = map_color(page, "CP-001")
    assert before[1] > before[2]  # green
    assert after[2] > after[1]  # blue


def test_stations_are_reached_by_keyboard(open_gallery: Open) -> None:
    page = settled(open_gallery("/", "voltdeck"))
    link = page.locator(".vd-map__list a").first
    link.focus()
    expect(link).to_be_visible()
    expect(page.locator(".vd-map__tip")).to_be_visible()
    link.press("Enter")
    page.wait_for_url(re.compile("/stations/CP-"))


def test_five_thousand_stations_are_drawn(open_gallery: Open) -> None:
    page = settled(open_gallery("/crowd", "voltdeck"))
    drawn = page.evaluate("() => getElement(Number(document.querySelector('.vd-map').id.slice(1))).layer.rows.size")
    assert drawn == 5000


def subscriptions(port: int) -> int:
    return int(urlopen(f"http://127.0.0.1:{port}/subscriptions").read())


def test_following_ends_with_the_sub_page_and_the_tab(open_gallery: Open, gallery_port: int) -> None:
    page = settled(open_gallery("/", "voltdeck"))
    _until(gallery_port, lambda: subscriptions(gallery_port) == 1)  # what tests before this one left is forgotten
    here = subscriptions(gallery_port)
    for _ in range(3):
        page.get_by_role("link", name="Parts").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Parts")
        assert subscriptions(gallery_port) == here - 1
        page.get_by_role("link", name="Overview", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        assert subscriptions(gallery_port) == here
    page.close()
    _until(gallery_port, lambda: subscriptions(gallery_port) == here - 1)


def _until(port: int, holds: Callable[[], bool]) -> None:
    """The server gives a tab its reconnect time before it lets go."""
    for _ in range(100):
        if holds():
            return
        urlopen(f"http://127.0.0.1:{port}/pause")
    raise AssertionError("a tab that is closed is still subscribed")


def test_a_live_cell_changes_alone(open_gallery: Open, gallery_port: int) -> None:
    page = settled(open_gallery("/stations", "voltdeck"))
    row = page.locator("tr[data-key=CP-004]")
    expect(row).to_contain_text("Available")
    urlopen(f"http://127.0.0.1:{gallery_port}/emit?key=CP-004&status=Charging")
    expect(row).to_contain_text("Charging")
    expect(row).to_contain_text("11.0 kW")


def test_table_searches_filters_sorts_and_pages(open_gallery: Open) -> None:
    page = settled(open_gallery("/stations", "voltdeck"))
    foot = page.locator(".vd-table__foot")
    expect(foot).to_contain_text("1–25 of 64")
    page.get_by_role("button", name="Next page").click()
    expect(foot).to_contain_text("26–50 of 64")
    page.get_by_role("button", name="Faulted").click()
    expect(foot).to_contain_text("1–6 of 6")
    page.get_by_label("Search stations").fill("nowhere")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    page.get_by_role("button", name="Station", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Station")
    expect(page.locator("tbody tr").first).to_contain_text("CP-064")


def test_navigation_marks_the_active_link_without_a_reload(open_gallery: Open) -> None:
    page = settled(open_gallery("/", "voltdeck"))
    page.evaluate("window.kept = true")
    page.get_by_role("link", name=re.compile("Stations")).first.click()
    active = page.locator(".vd-nav a[aria-current=page]")
    expect(active).to_contain_text("Stations")
    expect(page).to_have_title("Stations · Voltdeck")
    page.wait_for_url("**/stations")  # the address comes a moment after the page
    page.go_back()
    expect(active).to_contain_text("Overview")
    assert page.evaluate("window.kept") is True


def test_colours_are_chosen_and_kept(open_gallery: Open) -> None:
    page = settled(open_gallery("/", "greenenergy"))
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name=re.compile("Ada Lindqvist")).click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.reload(wait_until="commit")
    page.wait_for_selector("body", state="attached")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_confirmation_keeps_the_focus_and_esc_says_no(open_gallery: Open) -> None:
    page = settled(open_gallery("/station", "voltdeck"))
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    expect(page.locator(".q-dialog__inner--animating")).to_have_count(0)  # it holds the focus once it has arrived
    for _ in range(5):
        page.keyboard.press("Tab")
        # The body is the way out to the browser's own bar; nothing of the page behind may have the focus.
        assert page.evaluate(
            "document.activeElement.closest('[role=alertdialog]') || document.activeElement === document.body"
        )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_chart_grows_and_frames_open(open_gallery: Open, gallery_port: int) -> None:
    page = settled(open_gallery("/station", "voltdeck"))
    chart = page.get_by_test_id("chart")
    expect(chart).to_have_attribute("data-points", "72")
    urlopen(
        page.url.split("/station")[0].replace("voltdeck.localhost", "127.0.0.1") + "/emit?key=chart&status=Charging"
    )
    expect(chart).to_have_attribute("data-points", "73")
    page.locator(".vd-frame summary").first.click()
    expect(page.locator(".vd-frame pre").first).to_contain_text('"transactionId": 4711')

"""A tenant's Admin changes the brand: previewed while typing, published for this tenant alone, and rolled back."""

import re
from io import BytesIO

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.axe import at_rest, check_everywhere
from tests.browser.conftest import Site, Visit
from themes.builtin import BLUE_WAVE, GREEN_ENERGY

pytestmark = pytest.mark.browser
PATH = "/settings/brand"
RED = "rgb(160, 32, 48)"
SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="{}"/></svg>'


def background(page: Page, test_id: str) -> str:
    """Colour of the primary button in one of the previews."""
    button = page.get_by_test_id(test_id).locator(".vd-btn--primary")
    return button.evaluate("element => getComputedStyle(element).backgroundColor")


def answer(page: Page, verb: str) -> None:
    """Choose `verb` in the dialog that asks, when it has arrived."""
    button = page.get_by_role("alertdialog").get_by_role("button", name=verb, exact=True)
    expect(button).to_be_visible()
    at_rest(page)
    button.click()


def published(site: Site, host: str) -> dict[str, object]:
    """What other front ends are told, without signing in."""
    address = f"http://127.0.0.1:{site.web_port}/api/v1/tenant/config"
    return httpx.get(address, headers={"Host": f"{host}.localhost"}, timeout=60).json()


@pytest.mark.timeout(300)  # one long story, four pages
def test_a_brand_is_previewed_published_and_rolled_back(site: Site, visit: Visit) -> None:
    page = visit("green", "/settings", role="admin", mode="light")
    page.get_by_role("link", name=re.compile("^Brand")).click()
    publish = page.get_by_role("button", name="Publish")
    expect(publish).to_be_disabled()
    page.evaluate("window.stillHere = true")
    page.get_by_label("Accent in light mode", exact=True).fill("#a02030")
    page.get_by_label("App name").fill("Red Kite")
    for preview in ("dashboard-light", "dashboard-dark"):
        expect(page.get_by_test_id(preview).locator(".vd-brand__name")).to_have_text("Red Kite")
    assert background(page, "dashboard-light") == RED
    assert background(page, "phone-light") == RED
    assert background(page, "dashboard-dark") != RED
    page.get_by_text("Driver's phone").click()
    expect(page.get_by_test_id("phone-dark").get_by_text("Start charging")).to_be_visible()
    assert page.evaluate("window.stillHere")  # nothing was loaded anew
    expect(page.locator(".vd-rail .vd-brand__name")).to_have_text("Green Energy")  # nor does the page itself change yet
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert published(site, "green")["appName"] == "Green Energy"

    publish.click()
    expect(page.get_by_text("Version 2 is published. Open pages show it")).to_be_visible()
    expect(page.locator(".vd-rail .vd-brand__name")).to_have_text("Red Kite")
    other = visit("green", "/stations", role="viewer")
    expect(other).to_have_title("Stations · Red Kite")
    assert other.evaluate("getComputedStyle(document.body).getPropertyValue('--vd-accent')").startswith(
        "light-dark(#a02030"
    )
    for host, name in (("green", "Red Kite"), ("blue", "Blue Wave")):
        expect(visit(host, "/sign-in", role="")).to_have_title(f"Sign in · {name}")
    assert published(site, "blue")["colors"]["light"]["accent"] == BLUE_WAVE.accent  # type: ignore[index]
    assert published(site, "green")["colors"]["light"]["accent"] == "#a02030"  # type: ignore[index]

    page.bring_to_front()
    page.get_by_role("button", name="Roll back to version 1").click()
    answer(page, "Roll back")
    expect(page.get_by_text("Version 3 is published.")).to_be_visible()
    expect(page.locator(".vd-rail .vd-brand__name")).to_have_text("Green Energy")
    assert published(site, "green")["colors"]["light"]["accent"] == GREEN_ENERGY.accent  # type: ignore[index]
    expect(page.locator("[data-version='3']")).to_contain_text("brings back version 1")


def test_a_faint_colour_is_corrected_by_one_click(visit: Visit) -> None:
    page = visit("blue", PATH, role="admin", mode="light")
    accent = page.get_by_label("Accent in light mode", exact=True)
    accent.fill("#ffe600")
    contrast = page.get_by_role("group", name="Contrast")
    expect(contrast).to_contain_text("In light mode #ffe600 hardly stands out from a card")
    expect(contrast.get_by_text("needs 4.5")).to_have_count(1)
    contrast.get_by_role("button", name="Use #").click()
    expect(contrast.get_by_text("needs 4.5")).to_have_count(0)
    expect(contrast.get_by_role("button")).to_have_count(0)
    expect(accent).not_to_have_value("#ffe600")
    page.get_by_role("button", name=re.compile("^Ember")).click()
    expect(page.get_by_role("button", name=re.compile("^Ember"))).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Sand")).to_be_checked()
    expect(accent).to_have_value("#b3400e")
    page.get_by_role("link", name="Stations").click()  # at once: what was changed last is kept all the same
    expect(page.get_by_role("heading", name="Stations", level=1)).to_be_visible()
    page.go_back()
    for _ in range(10):  # what was changed last may still be on its way into the draft
        expect(accent).to_be_visible()
        if accent.input_value() == "#b3400e":
            break
        page.reload()
    expect(accent).to_have_value("#b3400e")
    page.get_by_role("button", name="Discard the draft").click()
    answer(page, "Discard")
    expect(page.get_by_label("Accent in light mode", exact=True)).to_have_value(BLUE_WAVE.accent)


def test_who_publishes_over_another_is_asked(site: Site, visit: Visit) -> None:
    first, second = (visit("blue", PATH, role="admin", mode="light") for _ in range(2))
    second.bring_to_front()
    second.get_by_label("App name").fill("Second Wave")
    second.get_by_role("button", name="Publish").click()
    expect(second.get_by_text("Version 2 is published.")).to_be_visible()
    first.bring_to_front()
    first.get_by_label("App name").fill("First Wave")
    first.get_by_role("button", name="Publish").click()
    expect(first.get_by_role("alertdialog")).to_contain_text(
        "admin@blue.example has published version 2 since you began."
    )
    assert published(site, "blue")["appName"] == "Second Wave"
    answer(first, "Replace it by mine")
    expect(first.get_by_text("Version 3 is published.")).to_be_visible()
    assert published(site, "blue")["appName"] == "First Wave"


def test_a_logo_is_taken_and_a_hostile_one_is_not(visit: Visit) -> None:
    page = visit("green", PATH, role="admin")
    logo = page.get_by_role("group", name="Logo")
    choose = logo.locator("input[type=file]")
    hostile = SVG.format('4" onload="alert(1)')
    choose.set_input_files({"name": "x.svg", "mimeType": "image/svg+xml", "buffer": hostile.encode()})
    expect(logo.get_by_role("alert")).to_contain_text("This drawing was not taken: <circle> has a script.")
    choose.set_input_files({"name": "x.svg", "mimeType": "image/svg+xml", "buffer": SVG.format("3").encode()})
    expect(logo.get_by_role("alert")).to_have_count(0)
    preview = page.get_by_test_id("dashboard-light").locator("img")
    expect(preview).to_have_attribute("src", page.get_by_test_id("logo").get_attribute("src") or "none")
    expect(page.get_by_test_id("favicon")).to_have_attribute("src", re.compile("^data:image/svg"))
    favicon = page.get_by_role("group", name="Favicon")
    favicon.locator("input[type=file]").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": _png()})
    expect(page.get_by_test_id("favicon")).to_have_attribute("src", re.compile("^/pictures/[0-9a-f]{32}.png$"))
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is published. Open pages show it")).to_be_visible()
    icon = page.evaluate("fetch('/favicon.ico').then(answer => answer.headers.get('content-type'))")
    assert icon == "image/png"


def test_an_operator_is_told_who_may(visit: Visit) -> None:
    page = visit("green", "/settings", role="operator")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Brand"))).to_have_count(0)
    page = visit("green", PATH, role="operator")
    expect(page.get_by_text("does not allow you to change the brand")).to_be_visible()


def test_accessible(visit: Visit) -> None:
    page = visit("blue", PATH, role="admin", mode="light")
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    check_everywhere(page, "brand")


def _png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), "#a02030").save(file, "PNG")
    return file.getvalue()

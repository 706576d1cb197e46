"""What axe objects to: barriers for people who read, point or see colours in other ways."""

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

PHONE: Final = ViewportSize(width=390, height=900)
_ALL: Final[dict[str, Any]] = {"resultTypes": ["violations"]}
_COLOUR_RULES: Final = ("color-contrast", "link-in-text-block")
"""The rules that look at colours, which are all that changes between light and dark."""
_COLOURS: Final = {**_ALL, "runOnly": list(_COLOUR_RULES)}
_NO_COLOURS: Final = {**_ALL, "rules": {rule: {"enabled": False} for rule in _COLOUR_RULES}}
_SET_MODE: Final = "mode => { document.documentElement.dataset.mode = mode; setDark(mode === 'dark'); }"
_AT_REST: Final = "document.getAnimations().every(one => one.effect.getComputedTiming().endTime === Infinity)"


def at_rest(page: Page) -> None:
    """Wait until nothing moves but what always does: colours are measured when a dialog has arrived."""
    page.wait_for_function(_AT_REST)


def check(page: Page, what: str, part: str | None = None, options: dict[str, Any] | None = None) -> None:
    """Fail on any barrier on the page, or in `part` of it."""
    is_there = page.evaluate("'axe' in window")  # half a megabyte: once for each page that is loaded
    results = Axe("0" if is_there else AXE_SCRIPT).run(page, part, options or _ALL)
    assert results.violations_count == 0, f"{what}\n{results.generate_report()}"


def check_both_modes(page: Page, what: str, part: str | None = None) -> None:
    """Check a page that is in light mode, then its colours in dark; it is in light mode again afterwards."""
    check(page, what, part)
    page.evaluate(_SET_MODE, "dark")
    at_rest(page)
    check(page, f"{what}, dark", part, _COLOURS)
    page.evaluate(_SET_MODE, "light")
    at_rest(page)


def check_everywhere(page: Page, what: str) -> None:
    """Check a wide page in both modes, then made as narrow as a phone, where it has the same colours in another order:
    no barrier, and nothing wider than the phone. It is as wide as before afterwards."""
    check_both_modes(page, what)
    wide = page.viewport_size
    page.set_viewport_size(PHONE)
    at_rest(page)
    check(page, f"{what} on a phone", options=_NO_COLOURS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], f"{what} on a phone"
    if wide is not None:
        page.set_viewport_size(wide)

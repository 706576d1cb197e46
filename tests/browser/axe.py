"""What axe objects to: barriers for people who read, point or see colours in other ways."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_ALL = {"resultTypes": ["violations"]}
_COLOURS = {**_ALL, "runOnly": ["color-contrast", "link-in-text-block"]}
"""The rules that look at colours, which are all that changes between light and dark."""
_SET_MODE = "mode => { document.documentElement.dataset.mode = mode; setDark(mode === 'dark'); }"
_AT_REST = "document.getAnimations().every(one => one.effect.getComputedTiming().endTime === Infinity)"


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

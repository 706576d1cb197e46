"""axe finds nothing to object to, in light and dark, for both tenants."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("host", ["green", "blue"])
def test_sign_in(visit: Visit, host: str, mode: str) -> None:
    _check(visit(host, "/sign-in", role="", mode=mode))


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("host", ["green", "blue"])
@pytest.mark.parametrize("width", [1440, 390])
def test_overview(visit: Visit, host: str, mode: str, width: int) -> None:
    page = visit(host, mode=mode, width=width)
    expect(page.locator(".problems, .vd-empty").first).to_be_visible()
    _check(page)


@pytest.mark.parametrize("path", ["/", "/new"])
def test_platform(visit: Visit, path: str) -> None:
    page = visit("platform", path, role="owner")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _check(page)


def _check(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()

"""axe finds nothing to object to, in light and dark, for both tenants."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check, check_everywhere
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("host", ["green", "blue"])
def test_sign_in(visit: Visit, host: str, mode: str) -> None:
    check(visit(host, "/sign-in", role="", mode=mode), "sign-in")


@pytest.mark.parametrize("host", ["green", "blue"])
def test_overview(visit: Visit, host: str) -> None:
    page = visit(host, mode="light")
    expect(page.locator(".problems, .vd-empty").first).to_be_visible()
    check_everywhere(page, "overview")


@pytest.mark.parametrize("path", ["/", "/new"])
def test_platform(visit: Visit, path: str) -> None:
    page = visit("platform", path, role="owner")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check(page, path)

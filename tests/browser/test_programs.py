"""API keys: an Admin makes one, a program uses it, and it ends."""

import httpx
import pytest

from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser


def test_a_key_is_made_used_and_revoked(site: Site, visit: Visit) -> None:
    page = visit("green", "/settings/api", role="admin")
    page.get_by_text("No API keys yet").wait_for()
    page.get_by_role("button", name="Make a key").first.click()
    page.get_by_label("What it is for").fill("Billing export")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("alert").get_by_text("needs at least one scope").wait_for()
    page.get_by_text("look at sessions (transactions.view)").click()
    page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog").get_by_text("vd_").first
    secret = shown.inner_text()
    assert secret.startswith("vd_")
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_text(secret).wait_for(state="detached")
    page.get_by_text("Billing export").wait_for()
    assert secret not in page.content()
    assert ask(site, secret, "transactions") == 200
    assert ask(site, secret, "stations") == 403
    page.get_by_text("Billing export").click()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("Revoked", exact=True).wait_for()
    assert ask(site, secret, "transactions") == 401


def test_the_documentation_needs_no_script(site: Site, visit: Visit) -> None:
    page = visit("green", "/api/v1/docs", role="", width=390)
    page.get_by_role("heading", name="Voltdeck API 1.0").wait_for()
    page.get_by_text("/stations/{identity}/commands/{action}").click()
    page.get_by_text("Several at once wait for each other in order.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_operator_is_told_that_it_is_not_theirs(visit: Visit) -> None:
    page = visit("green", "/settings/api")
    page.get_by_text("You may not see this").wait_for()


def ask(site: Site, secret: str, path: str) -> int:
    headers = {"Host": f"green.localhost:{site.web_port}", "Authorization": f"Bearer {secret}"}
    return httpx.get(f"http://127.0.0.1:{site.web_port}/api/v1/{path}", headers=headers).status_code

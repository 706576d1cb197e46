"""What a tenant's Admin sets up: webhooks that deliver, and the record of it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.browser.axe import check_everywhere
from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, object]]]]:
    """An address that takes everything, and what it took."""
    taken: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hooks", taken
    server.shutdown()


def test_a_webhook_is_added_tried_and_recorded(
    visit: Visit, site: Site, receiver: tuple[str, list[dict[str, object]]]
) -> None:
    url, taken = receiver
    page = visit("green", "/settings", role="admin")
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("button", name="Add a webhook").first.click()
    page.get_by_label("Address").fill("https://10.0.0.1/")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("not a public address")
    page.get_by_label("Address").fill(url)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-copyable]")).to_contain_text("whsec_")
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="Send a test").click()
    row = page.get_by_role("row").filter(has_text="webhook.test")
    expect(row).to_be_visible()
    for _ in range(20):
        if row.filter(has_text="Delivered").count():
            break
        page.get_by_role("button", name="Reload").click()
        page.wait_for_load_state("networkidle")
    expect(row).to_contain_text("HTTP 204")
    assert [one["type"] for one in taken] == ["webhook.test"]
    row.get_by_role("button", name="webhook.test").or_(row.get_by_text("webhook.test")).first.click()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("row").filter(has_text="sent again")).to_be_visible()
    page.goto(site.address("green", "/settings/audit?q=webhook"))
    expect(page.get_by_role("row").filter(has_text="Webhook added")).to_contain_text("admin@green.example")
    other = visit("blue", "/settings/webhooks", role="admin")
    expect(other.get_by_text("No webhooks yet")).to_be_visible()


@pytest.mark.parametrize("path", ["/settings", "/settings/webhooks", "/settings/audit"])
def test_no_barrier_that_axe_can_see(visit: Visit, path: str) -> None:
    page = visit("blue", path, role="admin", mode="light")
    page.get_by_role("heading", level=1).wait_for()
    check_everywhere(page, path)


def test_a_viewer_is_offered_and_shown_nothing_they_may_not(visit: Visit) -> None:
    page = visit("green", "/settings", role="viewer")
    expect(page.get_by_role("link", name="Audit log")).to_be_visible()
    expect(page.get_by_role("link", name="Webhooks")).to_have_count(0)
    page = visit("green", "/settings/webhooks", role="viewer")
    expect(page.get_by_text("You may not see this")).to_be_visible()

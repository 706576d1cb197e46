"""Every page and every plain address, walked with the other tenant's ids and sign-in: nothing comes across.

A new page is walked by itself; one whose address the walk cannot fill fails the test until it is told how.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Page, expect

from pages.app import ROUTED
from pages.operator.shell import ROUTES
from pages.platform.shell import ROUTES as PLATFORM_ROUTES
from pages.web.gate import PUBLIC, PUBLIC_FOLDERS
from tests.browser.axe import at_rest
from tests.browser.conftest import SESSION, Site, Visit, email_of, sign_in
from tests.browser.world import PASSWORD

pytestmark = pytest.mark.browser
MARKERS: Final = ("Blue", "BLUE-", "blue.example", "SGD", "S$", "guest-of-blue")
"""What only Blue Wave's pages say."""
BETWEEN: Final = "/account"
"""Says nothing but of the person who looks at it."""
QUERIES: Final = {
    "/data/labels.pdf": ("stations", "station_id"),
    "/stations": ("location", "location_id"),
    "/transactions": ("station", "identity"),
    "/cards": ("driver", "driver_id"),
}
"""Addresses that can also ask for a thing in their query, and which."""


@dataclass
class Things:
    """One of everything that an address can name, by the names that addresses give them."""

    ids: dict[str, Any] = field(default_factory=dict)

    def fill(self, path: str) -> str:
        for name in re.findall(r"{(\w+)}", path):
            assert name in self.ids, f"the walk does not know what to put in place of {name}"
            path = path.replace(f"{{{name}}}", str(self.ids[name]))
        return path


@pytest.fixture(scope="module")
def things(site: Site) -> dict[str, Things]:
    """What each tenant has."""
    return {host: _furnish(site, host) for host in ("green", "blue")}


def _furnish(site: Site, host: str) -> Things:
    tenant = getattr(site.tenants, host)
    with site.charger(tenant.station.identity) as charger:
        charger.boot()
        transaction_id = charger.start(tenant.token, minutes_ago=30)
        charger.meter(transaction_id, energy_wh=2000, power_w=7000)
        charger.stop(transaction_id, 2500)
    with _program(site, host) as program:
        created = program.post(
            "/webhooks", json={"url": "http://127.0.0.1:9/", "events": ["transaction.ended"]}
        ).raise_for_status()
        labelled = {"evses": [{"number": 1, "evseId": f"{host}*E1".upper()}]}
        program.put(f"/stations/{tenant.stations[1].identity}", json=labelled).raise_for_status()
        program.post("/invitations", json={"email": f"guest-of-{host}@x.example", "role": "viewer"}).raise_for_status()
        tokens = {each["value"]: each["id"] for each in program.get("/id-tokens").raise_for_status().json()["data"]}
    return Things(
        {
            "identity": tenant.station.identity,
            "station_id": tenant.station.id,
            "location_id": tenant.location_id,
            "transaction_id": transaction_id,
            "driver_id": tenant.driver_id,
            "token_id": tokens[tenant.token],
            "webhook_id": created.json()["id"],
            "kind": "csv",
            "name": "any.svg",
            "code": labelled["evses"][0]["evseId"],
        }
    )


def _program(site: Site, host: str) -> httpx.Client:
    """Speaks for a tenant's Admin."""
    base = f"http://127.0.0.1:{site.web_port}/api/v1"
    headers = {"Host": f"{host}.localhost"}
    asked = {"grant_type": "password", "email": email_of(host, "admin"), "password": PASSWORD}
    token = httpx.post(f"{base}/auth/token", json=asked, headers=headers).raise_for_status().json()["access_token"]
    return httpx.Client(base_url=base, headers=headers | {"Authorization": f"Bearer {token}"})


def _browser(site: Site, host: str, cookie: str) -> httpx.Client:
    """A browser without its page: asks `host` with a cookie."""
    headers = {"Host": f"{host}.localhost:{site.web_port}", "Origin": site.address(host, ""), "Accept": "text/html"}
    cookies = {SESSION: cookie} if cookie else {}
    return httpx.Client(base_url=f"http://127.0.0.1:{site.web_port}", headers=headers, cookies=cookies)


def _plain() -> Iterator[tuple[str, str]]:
    """Method and address of everything that is no page."""
    for module in ROUTED:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield method, route.path


def _is_public(path: str) -> bool:
    return path in PUBLIC or path.startswith(PUBLIC_FOLDERS)


@pytest.mark.timeout(300)  # every page there is
def test_no_page_shows_what_is_anothers(site: Site, visit: Visit, things: dict[str, Things]) -> None:
    page = visit("green", role="admin")
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    named, plain = 0, 0
    for path in ROUTES:
        if path == BETWEEN:
            continue
        if "{" in path:
            _go(page, things["green"].fill(path))
            expect(page.locator("h1")).not_to_have_text(re.compile("^(Not found|Something went wrong|)$"))
            _go(page, things["blue"].fill(path))
            expect(page.get_by_role("heading", name="Not found", level=1)).to_be_visible()
            named += 1
            asked = things["blue"].ids["identity"]
        else:
            name, thing = QUERIES.get(path, ("q", "identity"))
            asked = str(things["blue"].ids[thing])
            _go(page, f"{path}?{name}={asked}")
            expect(page.locator("h1")).not_to_have_text(re.compile("^(Not found|Something went wrong|)$"))
            at_rest(page)
            plain += 1
        _assert_silent(path, page.locator("main").inner_html(), asked)
    assert named >= 8
    assert plain >= 15


def test_nothing_plain_tells_what_is_anothers(site: Site, things: dict[str, Things]) -> None:
    own, foreign = things["green"], things["blue"]
    cookie = sign_in(site, "green", email_of("green", "admin"))
    with _browser(site, "green", cookie) as green:
        for method, path in _plain():
            if method != "GET":
                continue
            query, thing = QUERIES.get(path, ("q", "identity"))
            answer = green.get(foreign.fill(path), params={query: str(foreign.ids[thing])})
            assert answer.status_code < 500, (path, answer.status_code)
            assert "{" not in path or answer.status_code == 404 or own.fill(path) == foreign.fill(path), path
            _assert_silent(path, _words(answer), foreign.ids["identity"])
        assert green.get(foreign.fill("/data/labels.pdf?stations={station_id}")).status_code != 200
        for path in ("/data/labels.pdf?stations={station_id}", "/data/drivers/{driver_id}.json", "/c/{code}"):
            assert green.get(own.fill(path)).status_code == 200, path


def test_a_sign_in_is_worth_nothing_elsewhere(site: Site, things: dict[str, Things]) -> None:
    """Blue's Admin at Green's address, and anybody at the platform's: as a stranger, whatever is asked."""
    cookie = sign_in(site, "blue", email_of("blue", "admin"))
    addresses = {"green": ROUTES, "platform": PLATFORM_ROUTES}
    for host, routes in addresses.items():
        with _browser(site, host, cookie) as stranger:
            for path in routes:
                answer = stranger.get(things["green"].fill(path))
                assert answer.status_code == 303, (host, path)
                assert answer.headers["location"].startswith("/sign-in"), (host, path)
            for method, path in _plain():
                answer = stranger.request(method, things["green"].fill(path))
                assert _is_public(path) or answer.status_code == 401, (host, method, path, answer.status_code)
                _assert_silent(path, _words(answer), "")
    with _browser(site, "blue", cookie) as blue:
        assert blue.get("/account").status_code == 200


def _go(page: Page, address: str) -> None:
    """Follow a link within the dashboard, from a page that is like no other."""
    for step in (BETWEEN, address):
        page.evaluate("address => emitEvent('sub_pages_navigate', address)", step)
        heading = expect(page.get_by_role("heading", name="Your account", level=1))
        heading.to_be_visible() if step == BETWEEN else heading.to_have_count(0)
    page.wait_for_url(f"**{address}")


def _words(answer: httpx.Response) -> str:
    """What it says; nothing where it is a picture or a print, in whose bytes any letters may stand."""
    return "" if answer.headers.get("content-type", "").startswith(("image/png", "application/pdf")) else answer.text


def _assert_silent(path: str, text: str, asked: str) -> None:
    """What was asked for may be said again; anything else of the other tenant may not."""
    text = text.replace(asked, "") if asked else text
    for marker in MARKERS:
        assert marker not in text, (path, marker, text[max(0, text.find(marker) - 80) :][:200])

"""The one-time link that makes the platform owner."""

import httpx
import pytest

from csms.access.service import FIRST_OWNER, create_link
from csms.clock import ManualClock
from pages.services import Services
from tests.pages.conftest import Visitor, sign_in

GOOD = {
    "name": "Olivia",
    "email": "olivia@example.com",
    "password": "a quiet long river",
    "again": "a quiet long river",
}


@pytest.fixture
async def token(services: Services) -> str:
    return await create_link(services.committer, services.clock, FIRST_OWNER)


async def _send(browser: httpx.AsyncClient, token: str, **changes: str) -> httpx.Response:
    form = {**GOOD, "token": token, **changes}
    return await browser.post("/setup", data=form, headers={"Origin": str(browser.base_url).rstrip("/")})


async def test_the_link_makes_an_owner_once(visitor: Visitor, token: str) -> None:
    browser = visitor("platform.localhost")
    assert "Create the owner" in (await browser.get(f"/setup?token={token}")).text
    answer = await _send(browser, token)
    assert answer.headers["location"] == "/sign-in?welcome=true"
    assert "was created" in (await browser.get(answer.headers["location"])).text
    assert (await sign_in(browser, GOOD["email"], GOOD["password"])).status_code == 303
    assert (await _send(browser, token, email="second@example.com")).status_code == 404
    assert (await browser.get(f"/setup?token={token}")).status_code == 404


WRONG = (
    ({"again": "something else"}, "not the same"),
    ({"password": "shorter", "again": "shorter"}, "10 to 256 characters"),
    ({"password": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "too easy"),
    ({"password": "olivia@example.com", "again": "olivia@example.com"}, "too easy"),
    ({"email": "no address"}, "is not an e-mail address"),
    ({"email": "owner@example.com"}, "already an account"),
    ({"name": " "}, "your name"),
)


async def test_what_is_wrong_is_said_and_the_link_still_works(visitor: Visitor, token: str) -> None:
    browser = visitor("platform.localhost")
    for changes, words in WRONG:
        answer = await _send(browser, token, **changes)
        assert answer.status_code == 422, words
        assert words in answer.text
    assert (await _send(browser, token)).status_code == 303


async def test_a_link_of_nonsense_an_old_one_or_a_tenants_host(
    visitor: Visitor, token: str, clock: ManualClock
) -> None:
    browser = visitor("platform.localhost")
    assert (await browser.get("/setup")).status_code == 404
    assert (await browser.get("/setup?token=nonsense")).status_code == 404
    assert (await visitor("green.localhost").get(f"/setup?token={token}")).status_code == 404
    assert (await _send(visitor("green.localhost"), token)).status_code == 404
    clock.forward(25 * 3600)
    assert (await browser.get(f"/setup?token={token}")).status_code == 404
    assert (await _send(browser, token)).status_code == 404

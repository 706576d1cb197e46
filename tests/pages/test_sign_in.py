"""Signing in and out by form."""

import pytest

from csms.clock import ManualClock
from pages.services import Services
from tests.pages.conftest import PASSWORD, Visitor, sign_in
from tests.windows import count_by

REFUSED = "E-mail and password do not match"


async def test_sign_in_sets_a_cookie_for_this_host_alone(visitor: Visitor) -> None:
    browser = visitor()
    answer = await sign_in(browser, " Admin@Green.example ", next="/stations?text=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stations?text=x")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie
    assert (await browser.get("/data/map")).status_code == 200


async def test_next_never_leads_away(visitor: Visitor) -> None:
    assert (await sign_in(visitor(), "admin@green.example", next="//evil.example")).headers["location"] == "/"


async def test_whatever_is_wrong_the_words_are_the_same(visitor: Visitor) -> None:
    for host, email, password in (
        ("green.localhost", "admin@green.example", "wrong"),
        ("green.localhost", "nobody@green.example", PASSWORD),
        ("green.localhost", "admin@blue.example", PASSWORD),
        ("green.localhost", "owner@example.com", PASSWORD),
        ("platform.localhost", "admin@green.example", PASSWORD),
        ("green.localhost", "", ""),
    ):
        answer = await sign_in(visitor(host), email, password)
        assert answer.status_code == 401, email
        assert REFUSED in answer.text
        assert "set-cookie" not in answer.headers


async def test_what_was_typed_is_kept_as_text(visitor: Visitor) -> None:
    answer = await sign_in(visitor(), '"><script>alert(1)</script>', "x", next='/"><b>')
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


async def test_a_form_of_another_site_is_refused(visitor: Visitor) -> None:
    browser = visitor()
    form = {"email": "admin@green.example", "password": PASSWORD}
    answer = await browser.post("/sign-in", data=form, headers={"Origin": "http://blue.localhost"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_guessing_is_slowed_down(visitor: Visitor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    count_by(clock, monkeypatch)
    browser = visitor()
    for _ in range(10):
        assert REFUSED in (await sign_in(browser, "admin@green.example", "wrong")).text
    answer = await sign_in(browser, "admin@green.example")
    assert "Too many attempts. Try again in" in answer.text
    clock.forward(16 * 60)
    assert (await sign_in(browser, "admin@green.example")).status_code == 303


async def test_sign_out_ends_the_session_for_good(visitor: Visitor) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@blue.example")  # a stranger here
    await sign_in(browser, "viewer@green.example")
    stolen = browser.cookies["voltdeck-session"]
    answer = await browser.post("/sign-out", headers={"Origin": "http://green.localhost"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    answer = await visitor().get("/data/map", headers={"Cookie": f"voltdeck-session={stolen}"})
    assert answer.status_code == 401


async def test_a_browser_holds_one_sign_in(visitor: Visitor) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    earlier = browser.cookies["voltdeck-session"]
    assert (await sign_in(browser, "operator@green.example")).status_code == 303
    assert (await browser.get("/data/map")).status_code == 200
    answer = await visitor().get("/data/map", headers={"Cookie": f"voltdeck-session={earlier}"})
    assert answer.status_code == 401


async def test_another_site_cannot_sign_people_out(visitor: Visitor) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    await browser.post("/sign-out", headers={"Origin": "http://evil.example"})
    assert (await browser.get("/data/map")).status_code == 200


async def test_a_sign_in_expires(visitor: Visitor, clock: ManualClock, services: Services) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    clock.forward(services.settings.sign_in_hours * 3600 + 1)
    assert (await browser.get("/data/map")).status_code == 401


async def test_over_https_the_cookie_is_bound_to_the_host(visitor: Visitor, services: Services) -> None:
    services.settings.secure_cookies = True
    answer = await sign_in(visitor(scheme="https"), "admin@green.example")
    assert answer.headers["set-cookie"].startswith("__Host-voltdeck-session=")
    assert "secure" in answer.headers["set-cookie"].lower()

"""Every answer tells browsers what our pages never do; the content security policy follows the settings."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from csms.config import Settings
from pages.web.headers import SecurityHeaders, page_policy
from tests.pages.conftest import Visitor, sign_in
from themes.css import sheet_urls


@pytest.mark.parametrize(
    ("tile_url", "origin"),
    [
        ("https://tile.example/{z}/{x}/{y}.png", " https://tile.example;"),
        ("https://{s}.tile.example:8443/{z}/{x}/{y}.png?key=1", " https://*.tile.example:8443;"),
        (None, "blob:;"),
        ("nonsense", "blob:;"),
    ],
)
def test_images_come_from_here_and_from_the_tiles_host(tile_url: str | None, origin: str) -> None:
    assert origin in page_policy(tile_url)


async def test_every_answer_bears_them(visitor: Visitor) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    for path in ("/sign-in", "/data/map", "/favicon.ico", "/healthz", "/api/v1/stations", "/data/x", "/_nicegui/x"):
        headers = (await browser.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert "cross-origin-resource-policy" in headers, path
        assert "permissions-policy" in headers, path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "strict-transport-security" not in headers, path
    unknown = (await visitor("nobody.example").get("/")).headers
    assert unknown["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in unknown["content-security-policy"]


async def test_what_a_person_sees_is_kept_nowhere(visitor: Visitor) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    for path in ("/data/map", "/data/audit.csv", "/data/cards.csv", "/data/nothing", "/api/v1/nothing"):
        assert (await browser.get(path)).headers["cache-control"] == "no-store", path


async def test_no_policy_lets_a_base_or_a_plugin_in(visitor: Visitor) -> None:
    browser = visitor()
    for path in ("/sign-in", "/data/map"):
        policy = (await browser.get(path)).headers["content-security-policy"]
        assert "base-uri 'none'" in policy
        assert "object-src 'none'" in policy or "default-src 'none'" in policy
        assert "form-action 'self'" in policy


async def test_pictures_of_a_brand_may_be_shown_elsewhere_and_nothing_else(visitor: Visitor) -> None:
    browser = visitor()
    for path, policy in (
        ("/favicon.ico", "cross-origin"),
        ("/icons/any.svg", "cross-origin"),
        ("/sign-in", "same-origin"),
    ):
        assert (await browser.get(path)).headers["cross-origin-resource-policy"] == policy, path


@pytest.mark.parametrize(
    ("settings", "policy"),
    [
        ({}, None),
        ({"secure_cookies": True}, "max-age=31536000"),
        ({"secure_cookies": True, "hsts_subdomains": True}, "max-age=31536000; includeSubDomains"),
    ],
)
async def test_over_https_browsers_are_told_to_stay_there(settings: dict[str, bool], policy: str | None) -> None:
    app = SecurityHeaders(PlainTextResponse("x"), Settings(_env_file=None, **settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://green.example") as browser:
        assert (await browser.get("/")).headers.get("strict-transport-security") == policy


async def test_a_file_kept_in_memory_gathers_no_headers(visitor: Visitor) -> None:
    browser = visitor()
    asked = {"Accept-Encoding": "gzip"}
    answers = [await browser.get(sheet_urls()[0], headers=asked) for _ in range(3)]
    assert {answer.headers["vary"] for answer in answers} == {"Accept-Encoding, Host"}
    assert len({len(answer.headers.raw) for answer in answers}) == 1


async def test_nothing_is_echoed_by_trace(visitor: Visitor) -> None:
    for path in ("/sign-in", "/", "/api/v1/stations"):
        answer = await visitor().request("TRACE", path, headers={"X-Probe": "a secret"})
        assert answer.status_code in (401, 405), path
        assert "a secret" not in answer.text

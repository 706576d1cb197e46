"""Single sign-on as a browser sees it: from our page to the provider's, and back."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from csms.access.rules import Rules
from csms.clock import ManualClock
from pages.services import Services
from tests.csms.access.provider import Provider, start_provider
from tests.pages.conftest import Visitor, sign_in
from tests.pages.test_joining import rule
from tests.tenancy import TwoTenants


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    running = start_provider()
    yield running
    running.process.kill()


@pytest.fixture
def clock() -> ManualClock:
    """The provider dates its tokens by the world's clock."""
    return ManualClock(datetime.now(UTC))


async def test_there_and_back(
    services: Services, two_tenants: TwoTenants, visitor: Visitor, provider: Provider
) -> None:
    rules = Rules(
        issuer=provider.issuer, client_id="voltdeck", label="Staff", domains=("staff.example",), is_only_way=True
    )
    await rule(services, two_tenants, rules, "a client's secret")
    browser = visitor()
    page = (await browser.get("/sign-in?next=/stations")).text
    assert 'href="/sign-in/sso?next=/stations"' in page
    assert "Sign in with Staff" in page
    assert "Sign in with" not in (await visitor("blue.localhost").get("/sign-in")).text
    assert "Admins only" in (await sign_in(browser, "viewer@green.example")).text
    departure = await browser.get("/sign-in/sso?next=/stations")
    assert departure.status_code == 303
    provider.know("nina", email="nina@staff.example", email_verified=True)
    path = provider.sign_in(departure.headers["location"], "nina").removeprefix("http://green.localhost:8080")
    assert (await visitor().get(path)).status_code == 401, "another browser holds no such cookie"
    answer = await browser.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/stations")
    assert (await browser.get("/data/map")).status_code == 200
    assert (await browser.get(path)).headers["location"] == "/", "signed in already"
    assert (await visitor("blue.localhost").get("/sign-in/sso")).status_code == 401
    sent = await visitor().get("/sign-in/sso", headers={"Sec-Fetch-Site": "cross-site"})
    assert (sent.status_code, "set-cookie" in sent.headers) == (200, False), "another site begins no sign-in"


async def test_what_goes_wrong_is_said_on_the_sign_in_page(
    services: Services, two_tenants: TwoTenants, visitor: Visitor, provider: Provider
) -> None:
    await rule(services, two_tenants, Rules(issuer=provider.issuer, client_id="voltdeck"), "a client's secret")
    provider.know("eve", email="eve@evil.example", email_verified=True)
    browser = visitor()
    departure = await browser.get("/sign-in/sso")
    path = provider.sign_in(departure.headers["location"], "eve").removeprefix("http://green.localhost:8080")
    answer = await browser.get(path)
    assert answer.status_code == 401
    assert "you have no access here yet" in answer.text
    assert "set-cookie" not in answer.headers

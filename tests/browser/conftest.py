"""The real server as a process of its own, and a Chromium that may talk to nobody else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.browser.charger import Charger
from tests.browser.world import OWNER, PASSWORD, SECRET_KEY, furnish
from tests.chromium import launch_options
from tests.processes import ServerProcess, free_port
from tests.tenancy import TwoTenants

MAX_LOAD_MS = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """The running server and what it was furnished with."""

    tenants: TwoTenants
    web_port: int
    ocpp_port: int

    def address(self, host: str, path: str = "/") -> str:
        """`host` without its .localhost: green, blue or platform."""
        return f"http://{host}.localhost:{self.web_port}{path}"

    def charger(self, identity: str, version: str = "ocpp1.6") -> Charger:
        """Connect a station."""
        return Charger(self.ocpp_port, identity, version)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`main.py serve` on a furnished SQLite file; one for each file, so that no file meets what another left."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite+aiosqlite:///{folder / 'voltdeck.sqlite3'}"
    tenants = furnish(url)
    ocpp_port, web_port = free_port(), free_port()
    server = ServerProcess(
        ["main.py", "serve"],
        ocpp_port,
        {
            "VOLTDECK_DATABASE_URL": url,
            "VOLTDECK_DATA_DIR": str(folder),
            "VOLTDECK_SECRET_KEY": SECRET_KEY,
            "VOLTDECK_OCPP_PORT": str(ocpp_port),
            "VOLTDECK_OCPP_HOST": "127.0.0.1",
            "VOLTDECK_WEB_PORT": str(web_port),
            "VOLTDECK_WEB_HOST": "127.0.0.1",
            "VOLTDECK_PLATFORM_HOST": "platform.localhost",
            "VOLTDECK_LOG_LEVEL": "WARNING",
            "VOLTDECK_OCPP_CALL_TIMEOUT_S": "3",
        },
        web_port,
    )
    yield Site(tenants, web_port, ocpp_port)
    assert server.stop() == 0


@pytest.fixture(scope="module")
def playwright_driver(site: Site) -> Iterator[Playwright]:
    """Started after the site, for its event loop would be in the way of furnishing."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    browser = playwright_driver.chromium.launch(**launch_options())
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def sign_in_cookies(site: Site, chromium: Browser) -> Callable[[str, str], list[dict[str, object]]]:
    """Cookies of a person on a host, signed in once per file."""
    known: dict[tuple[str, str], list[dict[str, object]]] = {}

    def cookies(host: str, role: str) -> list[dict[str, object]]:
        if (host, role) not in known:
            context = chromium.new_context()
            page = context.new_page()
            fill_sign_in(page, site.address(host, "/sign-in"), email_of(host, role))
            page.wait_for_url(re.compile(r"/$"))
            known[host, role] = context.cookies()  # type: ignore[assignment]
            context.close()
        return known[host, role]

    return cookies


Visit = Callable[..., Page]


@pytest.fixture
def visit(
    site: Site, chromium: Browser, sign_in_cookies: Callable[[str, str], list[dict[str, object]]]
) -> Iterator[Visit]:
    """visit("green", "/stations", role="viewer", width=390, mode="dark") -> a page that is connected.

    `role=""` stays signed out. The test fails on an error in a page and on a request to anyone but the site.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def go(host: str = "green", path: str = "/", *, role: str = "operator", width: int = 1440, mode: str = "") -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        if mode:
            context.add_init_script(f"localStorage.setItem('voltdeck-mode', '{mode}')")
        if role:
            context.add_cookies(sign_in_cookies(host, role))  # type: ignore[arg-type]
        page = context.new_page()
        watch(page, site, problems)
        page.goto(site.address(host, path))
        if role:
            connected(page)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not problems


def watch(page: Page, site: Site, problems: list[str]) -> None:
    """Note script errors, console errors (a broken content security policy is one) and requests to strangers."""
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if _is_bad(message) else None)
    own = re.compile(rf"(http|ws)://\w+\.localhost:{site.web_port}/|data:|blob:")
    page.on("request", lambda request: None if own.match(request.url) else problems.append(f"asked {request.url}"))


def _is_bad(message: ConsoleMessage) -> bool:
    """A page that is not there is said by its status, which is as it should be."""
    return message.type == "error" and "status of 404" not in message.text


def connected(page: Page) -> None:
    """Wait until the page hears the server."""
    page.wait_for_function("window.did_handshake === true", timeout=MAX_LOAD_MS)


def email_of(host: str, role: str) -> str:
    return OWNER if host == "platform" else f"{role}@{host}.example"


def fill_sign_in(page: Page, address: str, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    page.goto(address)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()

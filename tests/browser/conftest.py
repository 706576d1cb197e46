"""The real server as a process of its own, and a Chromium that may talk to nobody else."""

import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.charger import Charger
from tests.browser.world import OWNER, PASSWORD, SECRET_KEY, furnish
from tests.chromium import PATIENCE_MS, new_context
from tests.databases import FurnishedFile
from tests.forking import fork
from tests.processes import ServerProcess, free_port
from tests.tabs import Tabs
from tests.tenancy import TwoTenants

SESSION = "voltdeck-session"
Visit = Callable[..., Page]


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


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> FurnishedFile:
    """A furnished SQLite file to copy. Made in a thread: Playwright may hold this one's event loop."""
    path = tmp_path_factory.mktemp("world") / "voltdeck.sqlite3"
    with ThreadPoolExecutor(1) as aside:
        return FurnishedFile(path, aside.submit(furnish, f"sqlite+aiosqlite:///{path}").result())


@pytest.fixture(scope="module")
def site(world: FurnishedFile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`main.py serve` on a furnished SQLite file; one for each file, so that no file meets what another left."""
    folder = tmp_path_factory.mktemp("site")
    ocpp_port, web_port = free_port(), free_port()
    server = ServerProcess(
        ["main.py", "serve"],
        ocpp_port,
        {
            "VOLTDECK_DATABASE_URL": f"sqlite:///{shutil.copy(world.path, folder)}",
            "VOLTDECK_DATA_DIR": str(folder),
            "VOLTDECK_SECRET_KEY": SECRET_KEY,
            "VOLTDECK_OCPP_PORT": str(ocpp_port),
            "VOLTDECK_OCPP_HOST": "127.0.0.1",
            "VOLTDECK_WEB_PORT": str(web_port),
            "VOLTDECK_WEB_HOST": "127.0.0.1",
            "VOLTDECK_PLATFORM_HOST": "platform.localhost",
            "VOLTDECK_LOG_LEVEL": "WARNING",
            "VOLTDECK_OCPP_CALL_TIMEOUT_S": "3",
            "VOLTDECK_WEBHOOK_NETWORKS": "127.0.0.0/8",
        },
        web_port,
        fork,
    )
    yield Site(world.tenants, web_port, ocpp_port)
    assert server.stop() == 0


@pytest.fixture(scope="module")
def tabs(site: Site, chromium: Browser) -> Iterator[Tabs]:
    """Staff are signed in once for a file, by the form's own request."""

    def open_context(host: str, role: str) -> BrowserContext:
        context = new_context(chromium)
        if role:
            cookie = sign_in(site, host, email_of(host, role))
            context.add_cookies([{"name": SESSION, "value": cookie, "url": site.address(host)}])
        return context

    opened = Tabs(lambda host: site.address(host, "/manifest.webmanifest"), open_context, partial(watch, site))
    yield opened
    opened.close()


@pytest.fixture
def visit(site: Site, tabs: Tabs) -> Iterator[Visit]:
    """visit("green", "/stations", role="viewer", width=390, mode="dark") -> a page that is connected.

    `role=""` is a stranger. The test fails on an error in a page and on a request to anyone but the site.
    """

    def go(host: str = "green", path: str = "/", *, role: str = "operator", width: int = 1440, mode: str = "") -> Page:
        page = tabs.take(host, role, width=width, mode=mode)
        page.goto(site.address(host, path))
        if role:
            connected(page)
        return page

    yield go
    tabs.give_back()


def watch(site: Site, page: Page, problems: list[str]) -> None:
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
    page.wait_for_function("window.did_handshake === true", timeout=PATIENCE_MS)


def email_of(host: str, role: str) -> str:
    return OWNER if host == "platform" else f"{role}@{host}.example"


def sign_in(site: Site, host: str, email: str) -> str:
    """Send the sign-in form without a browser; returns the cookie that it answers with."""
    form = {"email": email, "password": PASSWORD}
    headers = {"Host": f"{host}.localhost:{site.web_port}", "Origin": site.address(host, "")}
    return httpx.post(f"http://127.0.0.1:{site.web_port}/sign-in", data=form, headers=headers).cookies[SESSION]


def fill_sign_in(page: Page, address: str, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    page.goto(address)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()

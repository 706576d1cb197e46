"""The gallery as a process of its own, and a Chromium that may talk to nobody else."""

import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.chromium import new_context
from tests.processes import free_port

ROOT = Path(__file__).parents[2]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def gallery_port() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.components.gallery", str(port)], cwd=ROOT)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


class Tabs:
    """A context for each host, so that a page has at hand what an earlier one fetched; and a tab that one test has left
    serves the next, for a new one takes more work than the page in it."""

    def __init__(self, chromium: Browser, port: int) -> None:
        self._chromium = chromium
        self._port = port
        self._contexts: dict[str, BrowserContext] = {}
        self._idle: defaultdict[str, list[Page]] = defaultdict(list)
        self.problems: list[str] = []

    def address(self, host: str, path: str) -> str:
        return f"http://{host}.localhost:{self._port}{path}"

    def take(self, host: str) -> Page:
        """A tab that shows nothing yet, at `host`."""
        if self._idle[host]:
            return self._idle[host].pop()
        if host not in self._contexts:
            self._contexts[host] = new_context(self._chromium)
        page = self._contexts[host].new_page()
        base = self.address(host, "")
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: _note_outside(request.url, base, self.problems))
        page.goto(self.address(host, "/subscriptions"))
        return page

    def give_back(self, page: Page, host: str) -> None:
        """Leave nothing behind: neither what the browser kept nor an open socket."""
        if page.is_closed():
            return
        page.goto(self.address(host, "/subscriptions"))
        page.evaluate("localStorage.clear()")
        page.mouse.move(0, 0)
        self._idle[host].append(page)

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()


@pytest.fixture(scope="module")
def tabs(chromium: Browser, gallery_port: int) -> Iterator[Tabs]:
    opened = Tabs(chromium, gallery_port)
    yield opened
    opened.close()


@pytest.fixture
def open_gallery(tabs: Tabs) -> Iterator[Open]:
    """open_gallery("/stations", "bluewave", width=390, mode="dark") -> page.

    The test fails on an error in a page and on a request to anyone but the gallery.
    """
    taken: list[tuple[Page, str]] = []

    def go(path: str = "/", host: str = "greenenergy", *, width: int = 1440, mode: str = "") -> Page:
        page = tabs.take(host)
        taken.append((page, host))
        page.set_viewport_size({"width": width, "height": 900})
        if mode:
            page.evaluate("mode => localStorage.setItem('voltdeck-mode', mode)", mode)
        page.goto(tabs.address(host, path))
        page.wait_for_function("window.did_handshake === true")
        return page

    yield go
    for page, host in taken:
        tabs.give_back(page, host)
    problems, tabs.problems[:] = list(tabs.problems), []
    assert not problems


def _note_outside(url: str, base: str, problems: list[str]) -> None:
    allowed = (base, base.replace("http", "ws", 1), "data:", "blob:")
    if not url.startswith(allowed):
        problems.append(f"request to {url}")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/subscriptions", timeout=1)
        except OSError:
            assert process.poll() is None, "the gallery ended"
            time.sleep(0.1)  # another process: there is nothing to wait on
        else:
            return
    raise AssertionError("the gallery did not start")

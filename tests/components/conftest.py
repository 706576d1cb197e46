"""The gallery as a process of its own, and a Chromium that may talk to nobody else."""

import subprocess
import sys
import time
import urllib.request
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


@pytest.fixture(scope="module")
def context_at(chromium: Browser) -> Iterator[Callable[[str], BrowserContext]]:
    """One context for each host, so that a page has at hand what an earlier one fetched."""
    known: dict[str, BrowserContext] = {}

    def find(host: str) -> BrowserContext:
        if host not in known:
            known[host] = new_context(chromium)
        return known[host]

    yield find
    for context in known.values():
        context.close()


@pytest.fixture
def open_gallery(gallery_port: int, context_at: Callable[[str], BrowserContext]) -> Iterator[Open]:
    """open_gallery("/stations", "bluewave", width=390, mode="dark") -> page.

    The test fails on an error in a page and on a request to anyone but the gallery.
    """
    pages: list[Page] = []
    problems: list[str] = []

    def go(path: str = "/", host: str = "greenenergy", *, width: int = 1440, mode: str = "") -> Page:
        page = context_at(host).new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        if mode:
            page.add_init_script(f"localStorage.setItem('voltdeck-mode', '{mode}')")
        base = f"http://{host}.localhost:{gallery_port}"
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: _note_outside(request.url, base, problems))
        page.goto(base + path)
        page.wait_for_function("window.did_handshake === true")
        return page

    yield go
    for page in pages:
        if not page.is_closed():
            page.evaluate("localStorage.clear()")
            page.close()
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

"""The gallery as a process of its own, and a Chromium that may talk to nobody else."""

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import new_context
from tests.processes import free_port
from tests.tabs import Tabs

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
def tabs(chromium: Browser, gallery_port: int) -> Iterator[Tabs]:
    def rest(host: str) -> str:
        return f"http://{host}.localhost:{gallery_port}/subscriptions"

    opened = Tabs(rest, lambda _host, _role: new_context(chromium), partial(_watch, gallery_port))
    yield opened
    opened.close()


@pytest.fixture
def open_gallery(tabs: Tabs, gallery_port: int) -> Iterator[Open]:
    """open_gallery("/stations", "bluewave", width=390, mode="dark") -> page.

    The test fails on an error in a page and on a request to anyone but the gallery.
    """

    def go(path: str = "/", host: str = "greenenergy", *, width: int = 1440, mode: str = "") -> Page:
        page = tabs.take(host, width=width, mode=mode)
        page.goto(f"http://{host}.localhost:{gallery_port}{path}")
        page.wait_for_function("window.did_handshake === true")
        return page

    yield go
    tabs.give_back()


def _watch(port: int, page: Page, problems: list[str]) -> None:
    own = re.compile(rf"(http|ws)://\w+\.localhost:{port}/|data:|blob:")
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: None if own.match(request.url) else problems.append(f"asked {request.url}"))


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

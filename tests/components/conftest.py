"""The gallery as a process of its own, and a Chromium that may talk to nobody else."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[2]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def gallery_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.components.gallery", str(port)], cwd=ROOT)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def open_gallery(gallery_port: int, chromium: Browser) -> Iterator[Open]:
    """open_gallery("/stations", "bluewave", width=390, mode="dark") -> page.

    The test fails on an error in a page and on a request to anyone but the gallery.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def go(path: str = "/", host: str = "greenenergy", *, width: int = 1440, mode: str = "") -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        if mode:
            context.add_init_script(f"localStorage.setItem('voltdeck-mode', '{mode}')")
        page = context.new_page()
        base = f"http://{host}.localhost:{gallery_port}"
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: _note_outside(request.url, base, problems))
        page.goto(base + path)
        page.wait_for_function("window.did_handshake === true")
        return page

    yield go
    for context in contexts:
        context.close()
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

"""Which Chromium the tests drive, and how: one for all tests of a process."""

import os
import shutil
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Playwright, expect, sync_playwright

from tests.services import skip_or_fail

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
]
PATIENCE_MS = 20_000
"""How long a condition may take to come true; on a busy machine a page has been seen to take ten seconds."""


def launch_options() -> dict[str, Any]:
    """For `chromium.launch`: $VOLTDECK_CHROMIUM, else the distribution's, else Playwright's own.

    Its headless shell comes first: a full Chromium keeps a window and its controls, pages of their own, around every
    page, which doubles the processor's work.
    """
    installed = (shutil.which(name) for name in ("chromium-headless-shell", "chromium", "chromium-browser"))
    path = os.environ.get("VOLTDECK_CHROMIUM") or next(filter(None, installed), None)
    return {"args": FLAGS, **({"executable_path": path} if path else {})}


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A browser of one person, who has asked for less motion: nothing is waited for, and nothing drawn, that only
    moves. `options` are those of Playwright."""
    return browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})


class SharedChromium:
    """Launched for the first test that needs it. While it runs, its driver holds the event loop of the thread, and
    no asyncio test can run: stop it first."""

    def __init__(self) -> None:
        self._driver: Playwright | None = None
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        """The running browser. Skips the test when there is none to launch, fails it instead in CI."""
        if self._browser is None:
            expect.set_options(timeout=PATIENCE_MS)
            self._driver = self._driver or sync_playwright().start()
            try:
                self._browser = self._driver.chromium.launch(**launch_options())
            except Error as error:
                if "Executable doesn't exist" not in error.message:
                    raise
                skip_or_fail("There is no Chromium; `make services` installs it, or set VOLTDECK_CHROMIUM to yours")
        return self._browser

    def stop(self) -> None:
        """Close the browser and its driver, if they run."""
        if self._browser is not None:
            self._browser.close()
        if self._driver is not None:
            self._driver.stop()
        self._browser = self._driver = None

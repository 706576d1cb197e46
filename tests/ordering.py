"""In which order tests run, and from which of them to which Chromium does."""

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.chromium import SharedChromium

SHARED_CHROMIUM = SharedChromium()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first and long ones early, so that no worker is left alone with one at the end; those that drive
    Chromium last, so that it starts once."""
    length = Counter(item.path for item in items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (_needs_chromium(item), item.path not in slow, -length[item.path]))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Free the event loop for a test that comes after browser tests all the same."""
    if not _needs_chromium(item):
        SHARED_CHROMIUM.stop()


@pytest.fixture(scope="session")
def shared_chromium() -> Iterator[SharedChromium]:
    """Asked for last, it ends first: before what needs the event loop to end."""
    yield SHARED_CHROMIUM
    SHARED_CHROMIUM.stop()


@pytest.fixture(scope="module")
def chromium(shared_chromium: SharedChromium) -> Browser:
    """The Chromium of this process."""
    return shared_chromium.browser()


def _needs_chromium(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None

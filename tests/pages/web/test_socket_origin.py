"""A page's socket is opened by pages of the very host, and by those of no other."""

import pytest
from nicegui import core

from tests.pages.conftest import Visitor


@pytest.mark.parametrize(
    ("origin", "host", "welcome"),
    [
        ("http://green.localhost", "green.localhost", True),
        ("http://platform.localhost", "platform.localhost", True),
        ("http://blue.localhost", "green.localhost", False),
        ("http://evil.example", "green.localhost", False),
        ("http://evil.example", "evil.example", False),
        ("null", "green.localhost", False),
    ],
)
async def test_only_the_hosts_own_pages(visitor: Visitor, origin: str, host: str, welcome: bool) -> None:
    is_ours = core.sio.eio.cors_allowed_origins
    assert is_ours(origin, {"HTTP_HOST": host}) is welcome

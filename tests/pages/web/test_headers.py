"""The content security policy follows the settings."""

import pytest

from pages.web.headers import page_policy


@pytest.mark.parametrize(
    ("tile_url", "origin"),
    [
        ("https://tile.example/{z}/{x}/{y}.png", " https://tile.example;"),
        ("https://{s}.tile.example:8443/{z}/{x}/{y}.png?key=1", " https://*.tile.example:8443;"),
        (None, "blob:;"),
        ("nonsense", "blob:;"),
    ],
)
def test_images_come_from_here_and_from_the_tiles_host(tile_url: str | None, origin: str) -> None:
    assert origin in page_policy(tile_url)

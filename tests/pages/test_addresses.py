"""Where a sign-in may lead, and whose forms are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from pages.web.addresses import safe_next, same_origin, sign_in_address


@pytest.mark.parametrize("target", ["/", "/stations", "/stations/A%2FB?tab=log#x", "/a//b", "/transactions?text=//x"])
def test_own_paths_are_kept(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: x=y",
        " /x",
        "/sign-in?next=/sign-in",
    ],
)
def test_anything_else_leads_home(target: str | None) -> None:
    assert safe_next(target) == "/"


@given(st.text())
def test_never_leaves_the_host(target: str) -> None:
    kept = safe_next(target)
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))


def test_the_page_asked_for_is_remembered() -> None:
    scope = {"path": "/stations", "query_string": b"text=a&sort=b"}
    assert sign_in_address(scope) == "/sign-in?next=/stations%3Ftext%3Da%26sort%3Db"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"host": "green.localhost:8080", "origin": "http://green.localhost:8080"}, True),
        ({"host": "GREEN.localhost", "origin": "https://green.localhost"}, True),
        ({"host": "green.localhost", "origin": "http://blue.localhost"}, False),
        ({"host": "green.localhost", "origin": "http://green.localhost:81"}, False),
        ({"host": "green.localhost", "origin": "null"}, False),
        ({"host": "green.localhost", "origin": ""}, False),
        ({"host": "green.localhost"}, True),
        ({"host": "green.localhost", "sec-fetch-site": "cross-site"}, False),
        ({"host": "green.localhost", "sec-fetch-site": "same-site"}, False),
    ],
)
def test_forms_come_from_this_host(headers: dict[str, str], ours: bool) -> None:
    assert same_origin(Headers(headers)) is ours

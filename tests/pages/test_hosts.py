"""One host, one tenant: how a hostname is read, and what strangers' hosts are told."""

from itertools import product

import httpx
from nicegui import Client

from tests.pages.conftest import Visitor, sign_in


async def test_case_port_and_trailing_dot_do_not_matter(visitor: Visitor) -> None:
    for host in ("green.localhost", "GREEN.localhost", "green.localhost:80", "green.localhost.", "Green.LocalHost.:81"):
        answer = await visitor().get("/sign-in", headers={"Host": host})
        assert answer.status_code == 200, host
        assert "Sign in · Green" in answer.text
        assert "Blue" not in answer.text


async def test_an_unknown_host_learns_nothing(visitor: Visitor) -> None:
    clients = len(Client.instances)
    for host, path in product(_STRANGERS, ("/", "/sign-in", "/favicon.ico", "/data/map", "/_nicegui/x.js")):
        answer = await visitor().get(path, headers={"Host": host})
        assert answer.status_code == 404, (host, path)
        assert answer.headers["vary"] == "Host"
        assert "nothing at this address" in answer.text
        for name in ("Green", "Blue", "green.", "blue.", "Voltdeck", "platform"):
            assert name not in answer.text
    assert len(Client.instances) == clients


async def test_two_host_headers_are_refused(visitor: Visitor) -> None:
    request = httpx.Request(
        "GET", "http://green.localhost/sign-in", headers=[("Host", "green.localhost"), ("Host", "blue.localhost")]
    )
    assert (await visitor().send(request)).status_code == 404


async def test_every_answer_varies_by_host(visitor: Visitor) -> None:
    browser = visitor()
    for path in ("/", "/sign-in", "/favicon.ico", "/manifest.webmanifest", "/data/map"):
        assert "Host" in (await browser.get(path)).headers["vary"], path


async def test_brand_files_are_each_hosts_own(visitor: Visitor) -> None:
    names = [(await visitor(host).get("/manifest.webmanifest")).json()["name"] for host in _HOSTS]
    assert names == ["Green", "Blue", "Voltdeck"]


async def test_another_tenants_session_is_refused(visitor: Visitor) -> None:
    green = visitor("green.localhost")
    await sign_in(green, "admin@green.example")
    cookie = green.cookies["voltdeck-session"]
    assert (await green.get("/data/map")).status_code == 200
    for host in ("blue.localhost", "platform.localhost"):
        answer = await visitor(host).get("/data/map", headers={"Cookie": f"voltdeck-session={cookie}"})
        assert answer.status_code == 401


async def test_data_is_the_hosts_tenants_alone(visitor: Visitor) -> None:
    green, blue = visitor("green.localhost"), visitor("blue.localhost")
    await sign_in(green, "viewer@green.example")
    await sign_in(blue, "viewer@blue.example")
    assert {row[0] for row in (await green.get("/data/map")).json()} == {"GREEN-1", "GREEN-2"}
    assert {row[0] for row in (await blue.get("/data/map")).json()} == {"BLUE-1", "BLUE-2"}


_STRANGERS = (
    "nobody.example",
    "localhost",
    "127.0.0.1:8080",
    "evil.green.localhost",
    "green.localhost.evil.example",
    "",
    " ",
)
_HOSTS = ("green.localhost", "blue.localhost", "platform.localhost")

"""What can be reached without signing in, and what happens to the rest."""

from fastapi import FastAPI
from nicegui import Client
from nicegui import app as nicegui_app
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from pages.web.gate import PUBLIC, PUBLIC_FOLDERS
from tests.pages.conftest import PASSWORD, Visitor, sign_in

ADDRESSES = ["/", "/stations", "/stations/GREEN-1", "/transactions/1", "/x/y/z", "/new", "/_nicegui", "/openapi.json"]


async def test_pages_lead_to_sign_in_and_back(visitor: Visitor) -> None:
    clients = len(Client.instances)
    for path in ADDRESSES:
        answer = await visitor().get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == ("/sign-in" if path == "/" else f"/sign-in?next={path}")
    assert len(Client.instances) == clients


async def test_programs_get_401(visitor: Visitor) -> None:
    for path in ("/data/map", "/data/nothing", "/api/v1/stations", "/api/"):
        answer = await visitor().get(path)
        assert answer.status_code == 401
        assert answer.json()["code"] == "sign_in.required"


async def test_every_route_is_behind_the_gate_or_meant_to_be_public(visitor: Visitor, web: ASGIApp) -> None:
    browser = visitor()
    paths = {route.path for route in _routes(web) if isinstance(route, Route)}
    assert len(paths) > 8
    for path in paths:
        if path in PUBLIC or path.startswith(PUBLIC_FOLDERS):
            continue
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = await browser.request(method, path.replace("{_:path}", "x").replace("{", "").replace("}", ""))
            assert answer.status_code in (303, 401), (method, path, answer.status_code)


async def test_public_folders_hold_no_pages(visitor: Visitor) -> None:
    clients = len(Client.instances)
    for path in ("/_nicegui/nothing", "/_nicegui/%2e%2e/stations", "/_voltdeck/x", "/_voltdeck/x/y.js"):
        assert (await visitor().get(path)).status_code == 404, path
    assert len(Client.instances) == clients


async def test_a_cookie_of_nonsense_is_nobody(visitor: Visitor) -> None:
    for token in ("x", "'; drop table tenant", "0" * 5000, ""):
        answer = await visitor().get("/data/map", headers={"Cookie": f"voltdeck-session={token}"})
        assert answer.status_code == 401


async def test_headers_forbid_what_pages_never_do(visitor: Visitor) -> None:
    answer = await visitor().get("/sign-in")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


async def test_health_is_answered_for_any_host(visitor: Visitor) -> None:
    assert (await visitor("10.0.0.7").get("/healthz")).text == "ok\n"


async def test_metrics_only_for_this_machine(visitor: Visitor) -> None:
    assert (await visitor(peer="203.0.113.9").get("/metrics")).status_code == 404
    local = visitor(peer="127.0.0.1")
    assert "voltdeck_commit_seconds" in (await local.get("/metrics")).text
    proxied = await local.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert proxied.status_code == 404


def _routes(web: ASGIApp) -> list[BaseRoute]:
    layer = web
    while not isinstance(layer, FastAPI):
        layer = layer._app  # type: ignore[attr-defined]
    return [*layer.routes, *nicegui_app.routes]


async def test_signed_in_people_skip_the_form(visitor: Visitor) -> None:
    browser = visitor()
    await sign_in(browser, "operator@green.example", PASSWORD)
    answer = await browser.get("/sign-in?next=/stations")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stations")

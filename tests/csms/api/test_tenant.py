"""The tenant's own side: organisation, domains, brand, sign-in rules; one tenant's never reach the other's."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from csms.access.rules import client_secret
from csms.clock import ManualClock
from models.scope import tenant_scope
from tests.csms.access.provider import Provider, start_provider
from tests.csms.api.conftest import PASSWORD, World
from tests.csms.api.furnishing import furnish
from tests.nameserver import NameServer

ORGANISATION: dict[str, Any] = {
    "name": "Green Energy",
    "currency": "EUR",
    "timeZone": "Europe/Vienna",
    "locale": "de-AT",
    "mapLatitude": 48.2,
    "mapLongitude": 16.4,
    "mapZoom": 9,
    "postalAddress": "Ring 1\n1010 Wien",
    "legalText": "FN 1234",
    "supportPhone": "+43 1 1234567",
    "supportEmail": "Help@Green.example",
}
MARK = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path d='M0 0h8v8z'/></svg>"


@pytest.fixture(scope="module")
def running() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def names(running: NameServer, monkeypatch: pytest.MonkeyPatch) -> NameServer:
    """What DNS says; before the world, which reads its settings."""
    monkeypatch.setenv("VOLTDECK_DNS_SERVER", running.address)
    running.zone, running.is_silent = {}, False
    return running


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = start_provider()
    yield made
    made.process.stop()


async def person(world: World, role: str, tenant: str = "green") -> httpx.AsyncClient:
    asked = {"grant_type": "password", "email": f"{role}@{tenant}.example", "password": PASSWORD}
    token = (await world.client(tenant).post("/auth/token", json=asked)).json()["access_token"]
    return world.client(tenant, token)


async def actions(client: httpx.AsyncClient, action: str) -> list[dict[str, Any]]:
    return (await client.get("/audit", params={"action": action})).json()["data"]


async def test_what_the_tenant_says_of_itself(world: World) -> None:
    client, blue = await world.program(), await world.program("blue")
    before, others = await client.get("/tenant"), (await blue.get("/tenant")).json()
    put = await client.put("/tenant", json=ORGANISATION, headers={"If-Match": before.headers["etag"]})
    assert put.status_code == 200, put.text
    kept = {**ORGANISATION, "supportEmail": "help@green.example"}
    assert {name: put.json()[name] for name in kept} == kept
    assert (await client.get("/tenant")).json() == put.json()
    stale = await client.put("/tenant", json=ORGANISATION, headers={"If-Match": before.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition.failed")
    assert (await blue.get("/tenant")).json() == others
    [entry] = await actions(client, "tenant.changed")
    assert entry["details"]["after"]["time_zone"] == "Europe/Vienna"
    for change, status in (({"mapZoom": 1}, 422), ({"currency": "ABC"}, 422), ({"supportPhone": "call me"}, 422)):
        assert (await client.put("/tenant", json=ORGANISATION | change)).status_code == status
    await furnish(world, world.tenants.green)  # there is a session in EUR now
    answer = await client.put("/tenant", json=ORGANISATION | {"currency": "CHF"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_what_only_admins_are_told_of_the_tenant(world: World) -> None:
    operator = await person(world, "operator")
    told = (await operator.get("/tenant")).json()
    assert (told["currency"], told["mapZoom"], told["supportPhone"]) == ("EUR", None, None)
    for method, path, body in (
        ("PUT", "/tenant", ORGANISATION),
        ("GET", "/domains", None),
        ("POST", "/domains", {"hostname": "charge.example.com"}),
        ("GET", "/main-address", None),
        ("PUT", "/main-address", {"hostname": "green.localhost", "redirects": True}),
        ("GET", "/sign-in-rules", None),
        ("PUT", "/sign-in-rules", {}),
        ("GET", "/brand", None),
        ("GET", "/brand/draft", None),
        ("GET", "/brand/versions", None),
        ("PUT", "/brand/draft", {"base": 1, "tokens": {"appName": "X"}}),
        ("DELETE", "/brand/draft", None),
        ("POST", "/brand/versions", {"base": 1, "tokens": {"appName": "X"}}),
        ("POST", "/brand/versions/1/restore", None),
        ("POST", "/brand/marks", None),
    ):
        answer = await operator.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission.denied"), path
    only = await world.program("green", "tenant.manage")
    assert (await only.get("/tenant")).json()["mapZoom"] == 5


async def test_a_domain_is_claimed_proved_and_given_up(world: World, names: NameServer, clock: ManualClock) -> None:
    client, blue = await world.program(), await world.program("blue")
    made = await client.post("/domains", json={"hostname": "Charge.Example.com"})
    assert (made.status_code, made.json()["state"]) == (201, "waiting"), made.text
    path = made.headers["location"].removeprefix("/api/v1")
    alias, proof = made.json()["records"]
    assert [alias["type"], alias["name"], alias["isRight"]] == ["CNAME", "charge.example.com", False]
    assert [proof["type"], proof["name"]] == ["TXT", "_voltdeck.charge.example.com"]
    assert (await client.post("/domains", json={"hostname": "charge.example.com"})).status_code == 409
    assert (await client.post("/domains", json={"hostname": "localhost"})).status_code == 422
    names.zone = {
        (alias["value"], "A"): ["127.0.0.1"],
        ("charge.example.com", "CNAME"): [alias["value"]],
        (proof["name"], "TXT"): [proof["value"]],
    }
    clock.forward(10)
    checked = (await client.post(f"{path}/check")).json()
    assert (checked["state"], [one["isRight"] for one in checked["records"]]) == ("verified", [True, True])
    assert [one["state"] for one in (await client.get("/domains")).json()["data"]] == ["verified"]
    assert (await blue.get("/domains")).json()["data"] == []
    for method, at in (("GET", path), ("DELETE", path), ("POST", f"{path}/check")):
        assert (await blue.request(method, at)).status_code == 404
    main = await client.get("/main-address")
    assert (main.json()["hostname"], main.json()["redirects"]) == ("green.localhost", False)
    chosen = {"hostname": "charge.example.com", "redirects": True}
    put = await client.put("/main-address", json=chosen, headers={"If-Match": main.headers["etag"]})
    assert put.json() == chosen | {"hosts": ["charge.example.com", "green.localhost", "green.platform.localhost"]}
    assert (await client.put("/main-address", json=chosen, headers={"If-Match": "x"})).status_code == 412
    assert (await blue.put("/main-address", json=chosen)).status_code == 422
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.get("/main-address")).json()["hostname"] == "green.localhost"
    assert {entry["action"] for entry in await actions(client, "domain")} >= {"domain.added", "domain.removed"}


async def test_a_brand_is_published_unless_somebody_was_faster(world: World) -> None:
    client, blue = await world.program(), await world.program("blue")
    first = (await client.get("/brand")).json()
    assert (first["number"], first["tokens"]["appName"], first["author"]) == (1, "Green", "Voltdeck")
    assert [one["number"] for one in (await client.get("/brand/versions")).json()["data"]] == [1]
    wanted = {"base": 1, "tokens": {"appName": "Green Energy", "accent": "#1F8A5B", "tone": "sand"}}
    made = await client.post("/brand/versions", json=wanted)
    assert made.status_code == 201, made.text
    assert (made.json()["number"], made.json()["tokens"]["accentDark"]) == (2, "#1f8a5b")
    assert made.headers["location"] == "/api/v1/brand/versions/2"
    late = {"base": 1, "tokens": {"appName": "Late"}}
    refused = await client.post("/brand/versions", json=late)
    assert (refused.status_code, refused.json()["code"]) == (409, "brand.stale")
    same = await client.post("/brand/versions", json=wanted | {"base": 2})
    assert (same.status_code, same.json()["code"]) == (409, "conflict")
    assert (await client.post("/brand/versions", json=late | {"over": True})).json()["number"] == 3
    back = await client.post("/brand/versions/2/restore")
    assert (back.status_code, back.json()["number"], back.json()["restores"]) == (201, 4, 2)
    pages = [await client.get("/brand/versions?limit=2")]
    pages.append(await client.get(pages[0].json()["next"].removeprefix("/api/v1")))
    assert [one["number"] for page in pages for one in page.json()["data"]] == [4, 3, 2, 1]
    assert (await client.get("/brand/versions/3")).json()["tokens"]["appName"] == "Late"
    assert (await client.get("/tenant/config")).json()["appName"] == "Green Energy"
    assert (await blue.get("/brand")).json()["number"] == 1
    assert (await blue.post("/brand/versions/3/restore")).status_code == 404
    for tokens in ({"appName": "X", "font": "comic"}, {"appName": "X", "logoImage": f"{'0' * 32}.png"}, {}):
        answer = await client.post("/brand/versions", json={"base": 4, "tokens": tokens})
        assert answer.status_code == 422, tokens


async def test_a_draft_is_ones_own(world: World) -> None:
    program, admin, blue = await world.program(), await person(world, "admin"), await person(world, "admin", "blue")
    draft = {"base": 1, "tokens": {"appName": "Draft"}}
    assert (await admin.get("/brand/draft")).status_code == 404
    put = await admin.put("/brand/draft", json=draft)
    assert (put.status_code, put.json()["tokens"]["appName"]) == (200, "Draft"), put.text
    assert (await admin.get("/brand/draft")).json() == put.json()
    refused = await program.put("/brand/draft", json=draft)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert (await program.get("/brand/draft")).status_code == 404
    assert [one["author"] for one in (await program.get("/brand")).json()["othersDrafts"]] == ["admin@green.example"]
    assert (await admin.get("/brand")).json()["othersDrafts"] == []
    assert (await blue.get("/brand")).json()["othersDrafts"] == []
    assert (await blue.get("/brand/draft")).status_code == 404
    assert (await blue.delete("/brand/draft")).status_code == 204
    etag = put.headers["etag"]
    again = await admin.put("/brand/draft", json={"base": 1, "tokens": {"appName": "More"}}, headers={"If-Match": etag})
    assert again.status_code == 200
    assert (await admin.delete("/brand/draft", headers={"If-Match": etag})).status_code == 412
    assert (await admin.delete("/brand/draft")).status_code == 204
    assert (await admin.get("/brand/draft")).status_code == 404
    await admin.put("/brand/draft", json=draft)
    assert (await admin.post("/brand/versions", json=draft)).status_code == 201
    assert (await admin.get("/brand/draft")).status_code == 404


async def test_marks_are_cleaned_as_in_the_editor(world: World) -> None:
    client, blue = await world.program(), await world.program("blue")
    drawing = await client.post("/brand/marks", content=MARK.encode())
    assert drawing.status_code == 200, drawing.text
    assert "<path" in drawing.json()["svg"]
    assert drawing.json()["image"] == ""
    picture = BytesIO()
    Image.new("RGB", (64, 64), "#1f8a5b").save(picture, "PNG")
    image = (await client.post("/brand/marks", content=picture.getvalue())).json()["image"]
    published = {"base": 1, "tokens": {"appName": "Green", "logoImage": image}}
    assert (await blue.post("/brand/versions", json=published)).status_code == 422
    assert (await client.post("/brand/versions", json=published)).json()["tokens"]["logoImage"] == image
    assert [entry["subject"] for entry in await actions(client, "brand.image_uploaded")] == [f"picture {image}"]
    for wrong in (b"GIF89a", MARK.replace("<path", "<script").encode(), b"<html>", b"\x89PNG" + bytes(2_000_000)):
        answer = await client.post("/brand/marks", content=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")


async def test_sign_in_rules_never_tell_the_secret(world: World, provider: Provider) -> None:
    client, blue = await world.program(), await world.program("blue")
    before = await client.get("/sign-in-rules")
    assert (before.json()["issuer"], before.json()["hasClientSecret"]) == ("", False)
    assert before.json()["redirectAddress"].endswith("green.localhost:8080/sign-in/sso/callback")
    rules = {
        "requireSecondFactor": True,
        "issuer": provider.issuer,
        "clientId": "voltdeck",
        "clientSecret": "very-secret-indeed",
        "domains": ["@Green.example"],
        "roleClaim": "groups",
        "roleValues": {" boss ": "admin"},
    }
    put = await client.put("/sign-in-rules", json=rules, headers={"If-Match": before.headers["etag"]})
    assert put.status_code == 200, put.text
    assert (put.json()["hasClientSecret"], put.json()["domains"]) == (True, ["green.example"])
    assert put.json()["roleValues"] == {"boss": "admin"}
    read, audit = await client.get("/sign-in-rules"), await client.get("/audit?action=sign_in.rules_changed")
    assert "very-secret" not in put.text + read.text + audit.text
    assert (await client.put("/sign-in-rules", json={}, headers={"If-Match": "x"})).status_code == 412
    assert (await blue.get("/sign-in-rules")).json()["issuer"] == ""
    kept = {name: value for name, value in rules.items() if name != "clientSecret"}
    assert (await client.put("/sign-in-rules", json=kept)).json()["hasClientSecret"] is True
    with tenant_scope(world.tenants.green.id):
        async with world.database.reading() as session:
            assert await client_secret(session, world.services.entrance.vault) == "very-secret-indeed"
    gone = await client.put("/sign-in-rules", json={"clientSecret": ""})
    assert (gone.json()["hasClientSecret"], gone.json()["requireSecondFactor"]) == (False, False)


async def test_a_provider_that_does_not_answer_is_refused_but_stands_in_nobodys_way(
    world: World, clock: ManualClock
) -> None:
    client = await world.program()
    wrong = {"issuer": "http://127.0.0.1:9", "clientId": "voltdeck"}
    answer = await client.put("/sign-in-rules", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")
    assert (await client.get("/sign-in-rules")).json()["issuer"] == ""
    assert (await client.put("/sign-in-rules", json={"issuer": "ftp://x", "clientId": "v"})).status_code == 422
    own = start_provider()
    rules = {"issuer": own.issuer, "clientId": "voltdeck"}
    assert (await client.put("/sign-in-rules", json=rules)).status_code == 200
    own.process.stop()
    clock.forward(3600)  # nothing of it is known by heart any more
    strict = await client.put("/sign-in-rules", json=rules | {"requireSecondFactor": True})
    assert (strict.status_code, strict.json()["requireSecondFactor"]) == (200, True)
    assert (await client.put("/sign-in-rules", json=rules | {"label": "Other"})).status_code == 422

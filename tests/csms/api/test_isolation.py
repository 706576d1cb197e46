"""Every route of the OpenAPI document, walked with the other tenant's ids and tokens: nothing comes across.

A new route is walked by itself; one whose path or body the walk cannot fill fails the test until it is told how.
"""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from models.base import TenantScoped
from models.scope import platform_scope
from tests.csms.api.conftest import PASSWORD, World
from tests.csms.api.furnishing import furnish

pytestmark = pytest.mark.slow  # every operation, again and again

BODIES: dict[str, dict[str, Any] | bytes] = {
    "createToken": {"grant_type": "password", "email": "admin@blue.example", "password": PASSWORD},
    "revokeToken": {"token": "vdr_unknown"},
    "createLocation": {"name": "Yard", "latitude": 1, "longitude": 2, "timeZone": "Europe/Berlin"},
    "replaceLocation": {"name": "Taken", "latitude": 1, "longitude": 2, "timeZone": "Europe/Berlin"},
    "replaceStation": {"name": "Taken"},
    "replaceIdToken": {"status": "Blocked"},
    "sendCommand": {},
    "startTransaction": {"idToken": "X"},
    "resetStation": {"immediate": True},
    "unlockConnector": {"evseNumber": 1},
    "changeAvailability": {"operative": False},
    "triggerMessage": {"message": "Heartbeat"},
    "readVariables": {"variables": []},
    "writeVariables": {"variables": [{"variable": "A", "value": "1"}]},
    "rotateStationPassword": {},
    "createReservation": {"idToken": "X", "expiresAt": "2030-01-01T00:00:00Z"},
    "closeTransaction": {"reason": "test"},
    "createWebhook": {"url": "http://127.0.0.1:9/x", "events": ["transaction.ended"]},
    "replaceWebhook": {"url": "http://127.0.0.1:9/x", "events": ["transaction.ended"]},
    "repeatDeliveries": {"keys": ["5f0c8b4e-0d57-4f39-9c86-0a3b3bfb5f0e"]},
    "replaceUser": {"role": "viewer"},
    "createInvitation": {"email": "grace@green.example", "role": "viewer"},
    "createDriver": {"name": "Ada"},
    "replaceDriver": {"name": "Taken"},
    "claimKnock": {"locationId": 1},
    "beginAcceptanceCheck": {},
    "replaceLocalList": {"keep": True},
    "createApiKey": {"name": "Another", "scopes": ["stations.view"]},
    "replaceTenant": {
        "name": "Green",
        "currency": "EUR",
        "timeZone": "Europe/Berlin",
        "locale": "en",
        "mapLatitude": 50,
        "mapLongitude": 10,
        "mapZoom": 5,
    },
    "createDomain": {"hostname": "charge.example.com"},
    "replaceMainAddress": {"hostname": "green.localhost", "redirects": False},
    "replaceBrandDraft": {"base": 1, "tokens": {"appName": "Green"}},
    "publishBrand": {"base": 1, "tokens": {"appName": "Green"}, "over": True},
    "createBrandMark": b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path d='M0 0h8v8z'/></svg>",
    "replaceSignInRules": {"label": "None"},
    "createTokenGroup": {"value": "FLEET"},
    "replaceTokenGroup": {"value": "TAKEN"},
    "replaceAuthorizationPolicy": {"freeVend": True},
    "adoptUnknownToken": {"label": "Taken"},
    "importIdTokens": b"card,driver\nNEW,Ada Example\n",
    "createVehicle": {"name": "Taken"},
    "replaceVehicle": {"name": "Taken"},
}
"""What each operation with a body is sent, by operation id."""
FOREIGN: dict[str, int] = {
    # Its identity is unique on the whole platform: it cannot be had, and no more is said.
    "replaceStation": 409,
    # Another tenant's card may well be known here, too: this is a token of our own now.
    "replaceIdToken": 201,
    "createToken": 401,
    "revokeToken": 204,
}
"""What is answered to the other tenant's ids where it is not 404."""
QUERIES: tuple[str, ...] = ("station", "stationId", "locationId", "driverId", "transactionId")
ENDLESS = ("streamEvents",)
"""Looked at in test_events.py."""
NOT_A_PROGRAMS = ("getBrandDraft",)
"""Only a person has one: looked at in test_tenant.py."""


async def test_nothing_of_another_tenant_can_be_reached(world: World) -> None:
    blue = await furnish(world, world.tenants.blue)
    await furnish(world, world.tenants.green)
    before = await everything_of(world, world.tenants.blue.id)
    green = await world.program("green")
    seen = 0
    for operation in operations(await document(world)):
        if operation["id"] in ENDLESS:
            continue
        answer = await ask(green, operation, blue)
        expected = FOREIGN.get(operation["id"], 404 if operation["names"] else None)
        assert expected is None or answer.status_code == expected, (operation["id"], answer.status_code, answer.text)
        assert answer.status_code < 500, (operation["id"], answer.text)
        _assert_silent(operation["id"], answer, blue)
        seen += 1
    assert seen > 50
    assert await everything_of(world, world.tenants.blue.id) == before


async def test_lists_asked_for_the_others_things_are_empty(world: World) -> None:
    blue = await furnish(world, world.tenants.blue)
    green = await world.program("green")
    asked = {
        "station": blue["identity"],
        "stationId": blue["station_id"],
        "locationId": blue["location_id"],
        "driverId": blue["driver_id"],
        "transactionId": blue["transaction_id"],
    }
    for operation in operations(await document(world)):
        for name in set(operation["queries"]) & set(QUERIES):
            answer = await green.get(operation["path"], params={name: asked[name]})
            assert answer.status_code == 404 or answer.json()["data"] == [], (operation["id"], name)


async def test_the_others_credentials_are_worth_nothing_here(world: World) -> None:
    own = await furnish(world, world.tenants.green)
    signed_in = await world.client("blue").post("/auth/token", json=BODIES["createToken"])
    for credential in (await world.key("blue"), signed_in.json()["access_token"]):
        stranger = world.client("green", credential)
        for operation in operations(await document(world)):
            if operation["is_public"]:
                continue
            answer = await ask(stranger, operation, own)
            assert answer.status_code == 401, (operation["id"], answer.status_code)
            assert answer.json()["code"] == "sign_in.failed"


async def test_the_walk_reaches_what_is_ones_own(world: World) -> None:
    """Were a path filled wrongly, the walk above would prove nothing."""
    own = await furnish(world, world.tenants.green)
    green = await world.program("green")
    for operation in operations(await document(world)):
        if operation["method"] == "GET" and operation["id"] not in (
            *(*ENDLESS, *NOT_A_PROGRAMS),
            *("listFrames", "exportFramesAsLines"),
        ):
            answer = await ask(green, operation, own)
            assert answer.status_code == 200, (operation["id"], answer.text)


async def test_a_route_the_walk_cannot_fill_is_noticed() -> None:
    with pytest.raises(AssertionError, match="does not know"):
        fill("/new/{thing_id}", {"identity": "X"})


async def document(world: World) -> dict[str, Any]:
    return (await world.client().get("/openapi.json")).json()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            parameters = told.get("parameters", [])
            found.append(
                {
                    "id": told["operationId"],
                    "method": method.upper(),
                    "path": path,
                    "names": [each["name"] for each in parameters if each["in"] == "path"],
                    "queries": [each["name"] for each in parameters if each["in"] == "query"],
                    "has_body": "requestBody" in told,
                    "is_public": "security" not in told,
                }
            )
    # What PUT makes is not there before; a refused sign-in is told of in our own audit, with the e-mail that was tried.
    return sorted(found, key=lambda each: each["method"] == "PUT" or each["id"] == "createToken")


async def ask(client: httpx.AsyncClient, operation: dict[str, Any], ids: dict[str, Any]) -> httpx.Response:
    body: dict[str, Any] = {}
    if operation["has_body"]:
        assert operation["id"] in BODIES, f"the walk does not know a body for {operation['id']}"
        told = BODIES[operation["id"]]
        body = {"content": told} if isinstance(told, bytes) else {"json": told}
    return await client.request(operation["method"], fill(operation["path"], ids), **body)


def fill(path: str, ids: dict[str, Any]) -> str:
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            assert name in ids, f"the walk does not know what to put in place of {part}: tests/csms/api/furnishing.py"
            path = path.replace(part, str(ids[name]))
    return path


def _assert_silent(operation: str, answer: httpx.Response, foreign: dict[str, Any]) -> None:
    """What was asked may be said again; anything else of the other tenant may not."""
    text = answer.text
    if operation == "replaceIdToken":
        return
    for marker in (
        "Blue yard",
        "blue-STRANGER",
        "blue.example",
        "blue.localhost",
        '"SGD"',  # with its quotes: without, it also stands in keys that are made of chance
        "blue-ocpp",
        "of blue",
        "blue key",
    ):
        assert marker not in text, (operation, marker)
    if answer.status_code < 300:
        for asked in (foreign["identity"], foreign["value"]):
            assert asked not in text, (operation, asked)


async def everything_of(world: World, tenant_id: int) -> dict[str, list[Any]]:
    """Every row of a tenant, by table; when keys were last used is not looked at."""
    tables = {model.__tablename__: model.__table__ for model in _models(TenantScoped)}
    found: dict[str, list[Any]] = {}
    with platform_scope():
        async with world.database.reading() as session:
            for name, table in tables.items():
                rows = await session.execute(select(table).where(table.c.tenant_id == tenant_id))
                found[str(name)] = sorted(map(repr, rows.all()))
    return found


def _models(base: Any) -> list[Any]:
    return [each for child in base.__subclasses__() for each in ([child] if hasattr(child, "__table__") else [])]

"""API keys: made with scopes, shown once, good until they end."""

from datetime import timedelta

from sqlmodel import select

from csms.clock import ManualClock
from models import ApiKey
from models.scope import platform_scope
from tests.csms.api.conftest import PASSWORD, World

VIEW = ("stations.view", "transactions.view", "audit.view", "tariffs.view")
"""All that a Viewer may."""


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(world: World) -> None:
    admin = await world.program()
    made = await admin.post("/api-keys", json={"name": "Billing", "scopes": ["transactions.view"]})
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    assert secret.startswith(f"vd_{made.json()['prefix']}_")
    assert made.headers["cache-control"] == "no-store"
    listed = await admin.get("/api-keys")
    assert secret not in listed.text
    assert {key["name"] for key in listed.json()["data"]} == {"Billing", "test"}
    with platform_scope():
        async with world.database.reading() as session:
            rows = (await session.execute(select(ApiKey))).scalars().all()
    assert all(secret[14:] not in repr(row) for row in rows)


async def test_scopes_bound_what_a_program_may(world: World) -> None:
    program = await world.program("green", "transactions.view")
    assert (await program.get("/transactions")).status_code == 200
    refused = await program.get("/stations")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission.denied")
    assert (await program.post("/api-keys", json={"name": "x", "scopes": ["stations.view"]})).status_code == 403


async def test_nobody_gives_more_than_they_have(world: World) -> None:
    program = await world.program("green", "programs.manage")
    answer = await program.post("/api-keys", json={"name": "x", "scopes": ["stations.control"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")
    assert (await program.post("/api-keys", json={"name": "x", "scopes": ["programs.manage"]})).status_code == 201


async def test_a_key_makes_nobody_more_than_it_is(world: World) -> None:
    program = await world.program("green", "staff.manage", "tenant.manage", *VIEW)
    people = {user["email"]: user["id"] for user in (await program.get("/users")).json()["data"]}
    viewer = people["viewer@green.example"]
    for method, path, body in (
        ("POST", "/invitations", {"email": "eve@green.example", "role": "admin"}),
        ("PUT", f"/users/{viewer}", {"role": "operator"}),
    ):
        answer = await program.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission.denied"), path
        assert "nobody gives more than they have" in answer.json()["detail"]
    asked = await program.post("/invitations", json={"email": "eve@green.example", "role": "viewer"})
    assert asked.status_code == 201
    assert (await program.get(f"/users/{viewer}")).json()["role"] == "viewer"


async def test_a_key_ends_when_it_expires_or_is_revoked(world: World, clock: ManualClock) -> None:
    admin = await world.program()
    ends = (clock.now() + timedelta(hours=1)).isoformat()
    body = {"name": "Short", "scopes": ["stations.view"], "expiresAt": ends}
    made = (await admin.post("/api-keys", json=body)).json()
    client = world.client("green", made["secret"])
    assert (await client.get("/stations")).status_code == 200
    used = next(key for key in (await admin.get("/api-keys")).json()["data"] if key["id"] == made["id"])
    assert used["lastUsedAt"] == "2026-01-01T00:00:00Z"
    clock.forward(3601)
    assert (await client.get("/stations")).status_code == 401
    other = (await admin.post("/api-keys", json={"name": "Long", "scopes": ["stations.view"]})).json()
    client = world.client("green", other["secret"])
    assert (await client.get("/stations")).status_code == 200
    assert (await admin.delete(f"/api-keys/{other['id']}")).status_code == 204
    assert (await client.get("/stations")).status_code == 401
    assert (await admin.delete(f"/api-keys/{other['id']}")).status_code == 204


async def test_a_key_is_good_at_its_tenant_alone(world: World) -> None:
    secret = await world.key("blue")
    assert (await world.client("green", secret).get("/stations")).status_code == 401
    blue = await world.client("blue", secret).get("/stations")
    assert [station["identity"] for station in blue.json()["data"]] == ["BLUE-1", "BLUE-2"]


async def test_only_admins_make_keys(world: World) -> None:
    asked = {"grant_type": "password", "email": "operator@green.example", "password": PASSWORD}
    token = (await world.client().post("/auth/token", json=asked)).json()["access_token"]
    operator = world.client("green", token)
    assert (await operator.get("/api-keys")).status_code == 403
    answer = await operator.post("/api-keys", json={"name": "x", "scopes": ["stations.view"]})
    assert "Ask an Admin" in answer.json()["detail"]

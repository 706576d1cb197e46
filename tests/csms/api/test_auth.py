"""Signing in as a person's program: tokens, their renewal, their end, and keys that change."""

from datetime import timedelta

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pyotp.totp import TOTP
from sqlmodel import col, select

from csms.access.account import begin_second_factor, confirm_second_factor
from csms.access.policy import PASSWORD as BY_PASSWORD
from csms.access.policy import Actor
from csms.access.signing import ROTATE_AFTER, SigningKeys
from csms.clock import ManualClock
from models import AuditEntry, Membership, RefreshToken, SigningKey, User
from models.scope import platform_scope, tenant_scope
from tests.csms.api.conftest import PASSWORD, World


async def sign_in(client: httpx.AsyncClient, email: str = "operator@green.example", **more: str) -> httpx.Response:
    return await client.post(
        "/auth/token", json={"grant_type": "password", "email": email, "password": PASSWORD} | more
    )


async def test_a_person_signs_in_and_asks(world: World) -> None:
    answer = await sign_in(world.client())
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 900, "operator")
    assert answer.headers["cache-control"] == "no-store"
    tenant = await world.client("green", told["access_token"]).get("/tenant")
    assert (
        tenant.json().items()
        >= {
            "id": world.tenants.green.id,
            "key": "green",
            "name": "Green",
            "currency": "EUR",
            "timeZone": "Europe/Berlin",
            "locale": "en",
            "hosts": ["green.localhost", "green.platform.localhost"],
        }.items()
    )


async def test_the_token_says_who_for_whom_and_how_long(world: World) -> None:
    token = (await sign_in(world.client())).json()["access_token"]
    keys = KeySet.import_key_set((await world.client().get("/auth/jwks.json")).json())
    assert all("d" not in key.as_dict(private=False) for key in keys.keys)
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header["kid"] in {key.kid for key in keys.keys}
    assert decoded.claims["iss"] == "http://green.localhost"
    assert decoded.claims["aud"] == "voltdeck-api"
    assert decoded.claims["tenant"] == "green"
    assert decoded.claims["exp"] - decoded.claims["iat"] == 900


@pytest.mark.parametrize(
    ("email", "password"),
    [("operator@green.example", "wrong"), ("nobody@green.example", PASSWORD), ("operator@blue.example", PASSWORD)],
)
async def test_who_cannot_sign_in_learns_no_more(world: World, email: str, password: str) -> None:
    answer = await sign_in(world.client(), email, password=password)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in.failed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_is_good_at_its_own_host_alone(world: World) -> None:
    token = (await sign_in(world.client())).json()["access_token"]
    assert (await world.client("blue", token).get("/tenant")).status_code == 401
    assert (await world.client("platform", token).get("/tenant")).status_code == 404


async def test_a_token_ends_after_a_quarter_of_an_hour(world: World, clock: ManualClock) -> None:
    client = world.client("green", (await sign_in(world.client())).json()["access_token"])
    clock.forward(899)
    assert (await client.get("/tenant")).status_code == 200
    clock.forward(2)
    assert (await client.get("/tenant")).json()["code"] == "sign_in.failed"


async def test_nonsense_and_cookies_are_nobody(world: World) -> None:
    for credential in ("x", "x.y.z", "vd_", "vd_abcdefghij_" + "a" * 43, "vdr_x", "\t", "é"):
        header = {"Authorization": f"Bearer {credential}".encode()}
        assert (await world.client().get("/tenant", headers=header)).status_code == 401, credential
    cookie = {"Cookie": "voltdeck-session=abc"}
    assert (await world.client().get("/tenant", headers=cookie)).json()["code"] == "sign_in.required"


async def test_a_refresh_token_is_good_once(world: World, clock: ManualClock) -> None:
    first = (await sign_in(world.client())).json()
    clock.forward(3600)
    second = await refresh(world, first["refresh_token"])
    assert second.status_code == 200
    assert (await world.client("green", second.json()["access_token"]).get("/tenant")).status_code == 200
    third = await refresh(world, second.json()["refresh_token"])
    assert third.status_code == 200
    assert (await refresh(world, third.json()["refresh_token"], "blue")).status_code == 401


async def test_a_stolen_refresh_token_ends_the_sign_in(world: World) -> None:
    first = (await sign_in(world.client())).json()
    second = (await refresh(world, first["refresh_token"])).json()
    assert (await refresh(world, first["refresh_token"])).status_code == 401
    assert (await refresh(world, second["refresh_token"])).status_code == 401
    assert (await world.client("green", second["access_token"]).get("/tenant")).status_code == 401
    with tenant_scope(world.tenants.green.id):
        async with world.database.reading() as session:
            assert (await session.execute(select(RefreshToken))).first() is None
            entries = select(AuditEntry).where(col(AuditEntry.action) == "sign_in.token_reused")
            assert len((await session.execute(entries)).all()) == 1


async def test_revoking_ends_access_at_once(world: World) -> None:
    told = (await sign_in(world.client())).json()
    client = world.client("green", told["access_token"])
    assert (await client.post("/auth/revoke", json={"token": "vdr_unknown"})).status_code == 204
    assert (await client.get("/tenant")).status_code == 200
    assert (await client.post("/auth/revoke", json={"token": told["refresh_token"]})).status_code == 204
    assert (await client.get("/tenant")).status_code == 401


async def test_a_person_who_leaves_or_changes_is_known_at_once(world: World) -> None:
    client = world.client("green", (await sign_in(world.client())).json()["access_token"])
    await world.services.committer.run(_demote(world))
    assert (await client.get("/tenant")).status_code == 401


async def test_keys_change_by_themselves(world: World, clock: ManualClock) -> None:
    services = world.services
    keys = SigningKeys(services.database, services.committer, clock, b"secret")
    first = await keys.public_keys()
    clock.forward(ROTATE_AFTER.total_seconds() + 1)
    second = await keys.public_keys()
    assert [key["kid"] for key in second][1:] == [key["kid"] for key in first]
    clock.forward(timedelta(days=2).total_seconds())
    assert len(await keys.public_keys()) == 1
    async with services.database.reading() as session:
        rows = (await session.execute(select(SigningKey))).scalars().all()
    assert all('"d"' not in row.sealed_key for row in rows)


async def refresh(world: World, token: str, tenant: str = "green") -> httpx.Response:
    asked = {"grant_type": "refresh_token", "refresh_token": token}
    return await world.client(tenant).post("/auth/token", json=asked)


def _demote(world: World):
    async def unit(work) -> None:
        with platform_scope():
            for row in (await work.session().execute(select(Membership))).scalars():
                await work.session().delete(row)
            await work.session().flush()

    return unit


async def test_the_second_step_is_asked_of_programs_too(world: World, clock: ManualClock) -> None:
    async with world.database.reading() as session:
        user = (await session.scalars(select(User).where(User.email == "operator@green.example"))).one()
    entrance, tenant_id = world.services.entrance, world.tenants.green.id
    actor = Actor(user.id, user.name, user.email, tenant_id, "operator", means=BY_PASSWORD)
    enrolment = await begin_second_factor(entrance, actor, PASSWORD, "Green")
    await confirm_second_factor(entrance, actor, TOTP(enrolment.secret).at(clock.now()))
    clock.forward(30)
    refused = await sign_in(world.client())
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in.failed")
    assert "authenticator app" in refused.json()["detail"]
    code = TOTP(enrolment.secret).at(clock.now())
    assert (await sign_in(world.client(), code=code)).status_code == 200
    assert (await sign_in(world.client(), code=code)).status_code == 401, "used up"

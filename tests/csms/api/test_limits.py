"""Rate limits: told in headers, counted per credential and per address."""

from dataclasses import replace

import pytest
from nicegui import core

from pages.app import create_app
from tests.csms.api.conftest import World


@pytest.fixture
def strict(world: World) -> World:
    """The same platform with low limits."""
    services = world.services
    settings = services.settings.model_copy(update={"api_requests_per_minute": 4, "api_sign_ins_per_minute": 2})
    core.app.user_middleware.clear()
    core.app.middleware_stack = None
    world.app = create_app(replace(services, settings=settings))
    return world


async def test_a_credential_is_told_how_it_stands_and_then_to_wait(strict: World) -> None:
    client = await strict.program()
    told = [await client.get("/tenant") for _ in range(5)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in told] == ["3", "2", "1", "0", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in told} == {"4"}
    assert told[-1].json()["code"] == "rate.limited"
    assert 0 < int(told[-1].headers["retry-after"]) <= 60
    other = await strict.program()
    assert (await other.get("/tenant")).status_code == 200
    assert (await (await strict.program("blue")).get("/tenant")).status_code == 200


async def test_an_address_without_a_credential_has_its_own(strict: World) -> None:
    answers = [await strict.client().get("/tenant") for _ in range(9)]
    assert [answer.status_code for answer in answers] == [401] * 8 + [429]
    assert (await strict.client(address="203.0.113.10").get("/tenant")).status_code == 401


async def test_the_door_is_stricter(strict: World) -> None:
    asked = {"grant_type": "password", "email": "x@green.example", "password": "wrong"}
    answers = [await strict.client().post("/auth/token", json=asked) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert (await strict.client().get("/tenant")).status_code == 401

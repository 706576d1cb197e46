"""From an e-mail address to a tenant of one's own: letters, links, names, and who lands signed in."""

import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import httpx
import pytest
from nicegui import core
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Actor
from csms.access.service import PLATFORM_OWNER
from csms.clock import ManualClock
from csms.errors import ConflictError, PermissionDeniedError
from csms.tenants.service import invite, withdraw
from csms.tenants.signing_up import open_invitations
from models import OutboxEntry, Role, SignUp, Tenant
from models.scope import PLATFORM, platform_scope
from pages.app import create_app
from pages.services import Services
from tests.pages.conftest import sign_in

OWNER = Actor(1, "Olivia", "owner@example.com", PLATFORM, PLATFORM_OWNER)
FORM = {
    "key": "Red-Rock",
    "name": "Red Rock Charging",
    "language": "de-CH",
    "currency": "CHF",
    "time_zone": "Europe/Zurich",
    "postal_address": "Rock 1\r\n8000 Zürich",
    "legal_text": "CHE-123.456.789",
    "person": "Ada Lovelace",
    "password": "a quiet long river",
    "again": "a quiet long river",
}
Arrive = Callable[..., httpx.AsyncClient]


@pytest.fixture
def mode() -> str:
    return "open"


@pytest.fixture
def site(services: Services, mode: str) -> Services:
    """The services, with sign-up as `mode` says and tenants below localhost."""
    settings = services.settings.model_copy(update={"sign_up": mode, "platform_domain": "localhost", "public_port": 80})
    services.directory._domain = "localhost"
    return replace(services, settings=settings)


@pytest.fixture
async def arrive(site: Services) -> AsyncGenerator[Arrive]:
    core.app.user_middleware.clear()
    core.app.middleware_stack = None
    app = create_app(site)
    clients: list[httpx.AsyncClient] = []

    def come(host: str = "platform.localhost") -> httpx.AsyncClient:
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}"))
        return clients[-1]

    yield come
    for client in clients:
        await client.aclose()


async def send(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    return await client.post(path, data=form, headers={"Origin": str(client.base_url).rstrip("/")})


async def letters(services: Services) -> list[OutboxEntry]:
    async with services.database.reading() as session:
        return list((await session.scalars(select(OutboxEntry).order_by(col(OutboxEntry.id)))).all())


async def link_of(services: Services) -> str:
    """The token of the link in the newest letter."""
    return (await letters(services))[-1].payload["link_url"].partition("?token=")[2]


async def test_from_an_address_to_a_signed_in_dashboard(site: Services, arrive: Arrive) -> None:
    client = arrive()
    assert "Make a charging platform" in (await client.get("/sign-in")).text
    assert (await client.get("/sign-up")).status_code == 200
    sent = await send(client, "/sign-up", email=" Ada@RedRock.example ")
    assert "ada@redrock.example" in sent.text
    assert str(site.settings.data_dir / "mail") in sent.text, "without a mail server it is said where the letter lies"
    token = await link_of(site)
    page = await client.get(f"/sign-up/tenant?token={token}", headers={"Accept-Language": "de-CH,de;q=0.9"})
    assert re.search(r'value="CHF" selected.*value="Europe/Zurich" selected.*value="de-CH" selected', page.text, re.S)
    assert "form-action 'self' http://*.localhost" in page.headers["content-security-policy"]
    made = await send(client, "/sign-up/tenant", token=token, **FORM)
    assert made.headers["location"].startswith("http://red-rock.localhost/sign-up/welcome?token=")

    there = arrive("red-rock.localhost")
    landed = await there.get(made.headers["location"])
    assert (landed.status_code, landed.headers["location"]) == (303, "/")
    assert "domain" not in landed.headers["set-cookie"].casefold()
    assert (await there.get("/data/map")).status_code == 200
    again = await arrive("red-rock.localhost").get(made.headers["location"])
    assert again.headers["location"] == "/sign-in", "the hand-over works once"
    assert (await client.get("/data/map")).status_code == 401, "cookies never cross hostnames"

    tenant = site.directory.by_host("red-rock.localhost")
    assert tenant is not None
    assert (tenant.name, tenant.currency, tenant.time_zone, tenant.locale) == (
        "Red Rock Charging",
        "CHF",
        "Europe/Zurich",
        "de-CH",
    )
    assert (tenant.postal_address, tenant.legal_text) == ("Rock 1\n8000 Zürich", "CHE-123.456.789")
    assert (await sign_in(arrive("red-rock.localhost"), "ada@redrock.example", FORM["password"])).status_code == 303
    welcome = (await letters(site))[-1]
    assert (welcome.tenant_id, welcome.payload["link_url"]) == (tenant.id, "http://red-rock.localhost")


async def test_the_hand_over_is_for_one_host_and_a_moment(site: Services, arrive: Arrive, clock: ManualClock) -> None:
    client = arrive()
    for key, host, forward in (("first", "green.localhost", 0), ("second", "second.localhost", 301)):
        await send(client, "/sign-up", email=f"{key}@redrock.example")
        made = await send(client, "/sign-up/tenant", token=await link_of(site), **FORM | {"key": key})
        clock.forward(forward)
        path = made.headers["location"].partition(".localhost")[2]
        landed = await arrive(host).get(path)
        assert (landed.headers["location"], landed.headers.get("set-cookie")) == ("/sign-in", None)


WRONG = (
    ({"key": ""}, "Short name"),
    ({"key": "ab"}, "3 to 40 characters"),
    ({"key": "-rock"}, "a to z"),
    ({"key": "röck"}, "a to z"),
    ({"key": "xn--rck-wna"}, "two hyphens"),
    ({"key": "12345"}, "at least one letter"),
    ({"key": "www"}, "reserved"),
    ({"key": "OCPP"}, "reserved"),
    ({"key": "green"}, "taken already"),
    ({"key": "platform"}, "reserved"),
    ({"name": " "}, "Name:"),
    ({"currency": "XXQ"}, "Currency:"),
    ({"time_zone": "Mars/Base"}, "Time zone:"),
    ({"language": "tlh"}, "Language:"),
    ({"person": ""}, "your name"),
    ({"again": "something else"}, "not the same"),
    ({"password": "shorter", "again": "shorter"}, "10 to 256 characters"),
)


async def test_what_is_wrong_is_said_nothing_typed_is_lost_and_the_link_still_works(
    site: Services, arrive: Arrive
) -> None:
    client = arrive()
    await send(client, "/sign-up", email="ada@redrock.example")
    token = await link_of(site)
    for changes, words in WRONG:
        answer = await send(client, "/sign-up/tenant", token=token, **FORM | changes)
        assert answer.status_code == 422, changes
        assert words in answer.text, changes
        assert "CHE-123.456.789" in answer.text
        assert FORM["password"] not in answer.text
    async with site.database.reading() as session:
        assert len((await session.scalars(select(Tenant.id))).all()) == 2
    assert (await send(client, "/sign-up/tenant", token=token, **FORM)).status_code == 303
    assert (await send(client, "/sign-up/tenant", token=token, **FORM | {"key": "other"})).status_code == 404


async def test_links_of_nonsense_old_ones_and_other_hosts(site: Services, arrive: Arrive, clock: ManualClock) -> None:
    client = arrive()
    await send(client, "/sign-up", email="ada@redrock.example")
    token = await link_of(site)
    assert (await client.get("/sign-up/tenant")).status_code == 404
    assert (await client.get("/sign-up/tenant?token=nonsense")).status_code == 404
    green = arrive("green.localhost")
    assert (await green.get("/sign-up")).status_code == 404
    assert (await green.get(f"/sign-up/tenant?token={token}")).status_code == 404
    assert (await send(green, "/sign-up/tenant", token=token, **FORM)).status_code == 404
    clock.forward(25 * 3600)
    assert (await send(client, "/sign-up/tenant", token=token, **FORM)).status_code == 404


async def test_somebody_with_an_account_keeps_it_and_signs_in(site: Services, arrive: Arrive) -> None:
    client = arrive()
    await send(client, "/sign-up", email="admin@green.example")
    token = await link_of(site)
    page = await client.get(f"/sign-up/tenant?token={token}")
    assert "You have an account already" in page.text
    assert "Password again" not in page.text
    made = await send(client, "/sign-up/tenant", token=token, **FORM | {"password": "", "again": "", "person": ""})
    assert made.headers["location"] == "http://red-rock.localhost/sign-in"
    assert (await sign_in(arrive("red-rock.localhost"), "admin@green.example")).status_code == 303


async def test_no_flood_of_letters_and_no_foreign_forms(site: Services, arrive: Arrive) -> None:
    client = arrive()
    assert (
        await client.post("/sign-up", data={"email": "a@b.example"}, headers={"Origin": "http://x"})
    ).status_code == 403
    assert (await send(client, "/sign-up", email="nobody")).status_code == 422
    codes = [(await send(client, "/sign-up", email="ada@redrock.example")).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    assert len(await letters(site)) == 3


@pytest.mark.parametrize("mode", ["closed", "invited"])
async def test_nobody_comes_uninvited(site: Services, arrive: Arrive, mode: str) -> None:
    client = arrive()
    assert (await client.get("/sign-up")).status_code == 404
    assert (await send(client, "/sign-up", email="ada@redrock.example")).status_code == 404
    assert "charging platform of your own" not in (await client.get("/sign-in")).text
    assert await letters(site) == []


@pytest.mark.parametrize("mode", ["invited"])
async def test_an_invitation_leads_to_the_form(site: Services, arrive: Arrive, clock: ManualClock) -> None:
    parts = (site.committer, clock, site.settings)
    with pytest.raises(PermissionDeniedError):
        await invite(*parts, Actor(2, "A", "admin@green.example", 1, Role.ADMIN), "ada@redrock.example")
    await invite(*parts, OWNER, "ada@redrock.example")
    old = await link_of(site)
    await invite(*parts, OWNER, "Ada@redrock.example")
    token = await link_of(site)
    client = arrive()
    assert (await client.get(f"/sign-up/tenant?token={old}")).status_code == 404, "a new one takes its place"
    assert (await send(client, "/sign-up/tenant", token=token, **FORM)).status_code == 303
    await invite(*parts, OWNER, "second@redrock.example")
    async with site.database.reading() as session:
        [row] = await open_invitations(session, clock.now())
    assert (row.email, row.invited_by) == ("second@redrock.example", "owner@example.com")
    with platform_scope():
        await withdraw(site.committer, OWNER, row.token_hash)
    async with site.database.reading() as session:
        assert await open_invitations(session, clock.now()) == []
        assert len((await session.scalars(select(SignUp.email))).all()) == 1


@pytest.mark.parametrize("mode", ["closed"])
async def test_nobody_is_invited_where_nobody_may_come(site: Services, clock: ManualClock) -> None:
    with pytest.raises(ConflictError, match="VOLTDECK_SIGN_UP"):
        await invite(site.committer, clock, site.settings, OWNER, "ada@redrock.example")

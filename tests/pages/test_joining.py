"""The plain pages of accounts: invitations, forgotten passwords, the second step, entering."""

import re

import httpx
from pyotp.totp import TOTP
from sqlalchemy import select
from sqlmodel import col

from csms.access.entering import ask_to_enter
from csms.access.invitations import Host, invite
from csms.access.policy import Actor
from csms.access.resets import ask_reset
from csms.access.rules import Rules, change_rules
from csms.access.service import PLATFORM_OWNER, Door
from csms.clock import ManualClock
from models import OutboxEntry, Role, SignInSession, User
from models.scope import platform_scope, tenant_scope
from pages.services import Services
from tests.pages.conftest import PASSWORD, Visitor, sign_in
from tests.tenancy import TwoTenants

NEW = "a long quiet river"
GREEN = Host("http://green.localhost", "Green")


async def post(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form as the browser does."""
    return await browser.post(path, data=fields, headers={"Origin": str(browser.base_url).rstrip("/")})


async def admin_of(services: Services, tenant_id: int, key: str = "green") -> Actor:
    async with services.database.reading() as session:
        user = (await session.scalars(select(User).where(col(User.email) == f"admin@{key}.example"))).one()
    return Actor(user.id, user.name, user.email, tenant_id, Role.ADMIN)


async def invited(services: Services, tenants: TwoTenants, email: str, address: str = GREEN.address) -> str:
    """Invite to green; returns the path of the link."""
    actor, now = await admin_of(services, tenants.green.id), services.clock.now()
    with tenant_scope(tenants.green.id):
        link = await services.committer.run(
            lambda work: invite(work, actor, email, Role.OPERATOR, Host(address, GREEN.name), now=now)
        )
    return link.removeprefix(address)


async def rule(services: Services, tenants: TwoTenants, rules: Rules, secret: str | None = None) -> None:
    """Set green's rules for signing in."""
    actor, now, vault = await admin_of(services, tenants.green.id), services.clock.now(), services.entrance.vault
    with tenant_scope(tenants.green.id):
        await services.committer.run(lambda work: change_rules(work, actor, vault, rules, secret=secret, now=now))


async def last_link(services: Services) -> str:
    with platform_scope():
        async with services.database.reading() as session:
            rows = (await session.scalars(select(OutboxEntry).order_by(col(OutboxEntry.id)))).all()
    return str(rows[-1].payload["link_url"])


async def test_an_invitation_is_accepted_by_form(services: Services, two_tenants: TwoTenants, visitor: Visitor) -> None:
    path = await invited(services, two_tenants, "nina@new.example")
    token, browser = path.partition("token=")[2], visitor()
    page = (await browser.get(path)).text
    assert "nina@new.example" in page
    assert "as Operator" in page
    form = {"token": token, "name": "Nina", "password": NEW, "again": NEW}
    for changes, words in (
        ({"again": "other"}, "not the same"),
        ({"password": "1234567890", "again": "1234567890"}, "easy to guess"),
        ({"name": " "}, "tell your name"),
    ):
        answer = await post(browser, "/join", **{**form, **changes})
        assert answer.status_code == 422
        assert words in answer.text
        assert NEW not in answer.text
    foreign = await browser.post("/join", data=form, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    answer = await post(browser, "/join", **form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await browser.get("/data/map")).status_code == 200
    assert (await visitor().get(path)).status_code == 404
    assert (await post(visitor(), "/join", **form)).status_code == 404


async def test_an_invitation_means_nothing_elsewhere(
    services: Services, two_tenants: TwoTenants, visitor: Visitor
) -> None:
    path = await invited(services, two_tenants, "admin@blue.example")
    for host in ("blue.localhost", "platform.localhost"):
        assert (await visitor(host).get(path)).status_code == 404
    assert (await visitor().get("/join")).status_code == 404
    browser, token = visitor(), path.partition("token=")[2]
    assert "You have an account already" in (await browser.get(path)).text
    assert (await post(browser, "/join", token=token, password="wrong")).status_code == 422
    assert (await post(browser, "/join", token=token, password=PASSWORD)).status_code == 303
    assert (await browser.get("/data/map")).status_code == 200


async def test_a_forgotten_password(services: Services, visitor: Visitor) -> None:
    stolen, browser = visitor(), visitor()
    await sign_in(stolen, "viewer@green.example")
    known = await post(browser, "/forgot", email="viewer@green.example")
    unknown = await post(browser, "/forgot", email="viewer@blue.example")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("@green.", "@blue.") == unknown.text
    link = await last_link(services)
    path = link.removeprefix("http://green.localhost:8080")
    assert path.startswith("/reset?token=")
    assert "New password" in (await browser.get(path)).text
    token = path.partition("token=")[2]
    assert "not the same" in (await post(browser, "/reset", token=token, password=NEW, again="x")).text
    assert "easy to guess" in (await post(browser, "/reset", token=token, password="q" * 12, again="q" * 12)).text
    answer = await post(browser, "/reset", token=token, password=NEW, again=NEW)
    assert answer.headers["location"] == "/sign-in?reset=true"
    assert "all your sign-ins have ended" in (await browser.get(answer.headers["location"])).text
    assert (await stolen.get("/data/map")).status_code == 401
    assert (await browser.get(path)).status_code == 404
    assert (await sign_in(browser, "viewer@green.example")).status_code == 401
    assert (await sign_in(browser, "viewer@green.example", NEW)).status_code == 303


async def test_asking_for_links_is_slowed_down(visitor: Visitor) -> None:
    for _ in range(5):
        assert (await post(visitor(), "/forgot", email="x@green.example")).status_code == 200
    answer = await post(visitor(), "/forgot", email="x@green.example")
    assert answer.status_code == 429
    assert "Too many attempts" in answer.text
    assert (await post(visitor(), "/forgot", email="nonsense")).status_code == 422


async def test_the_second_step_by_form(
    services: Services, two_tenants: TwoTenants, visitor: Visitor, clock: ManualClock
) -> None:
    await rule(services, two_tenants, Rules(require_second_factor=True))
    browser = visitor()
    answer = await sign_in(browser, "viewer@green.example", next="/stations?text=x")
    assert answer.headers["location"] == "/sign-in/set-up?next=/stations%3Ftext%3Dx"
    assert (await browser.get("/data/map")).status_code == 401
    page = await browser.get(answer.headers["location"])
    assert "<svg" in page.text
    secret = re.search(r'plain-code">([A-Z2-7 ]+)<', page.text)
    assert secret is not None
    totp = TOTP(secret[1].replace(" ", ""))
    wrong = await post(browser, "/sign-in/set-up", code="000000", next="/stations?text=x")
    assert wrong.status_code == 422
    assert secret[1] in wrong.text
    done = await post(browser, "/sign-in/set-up", code=totp.at(clock.now()), next="/stations?text=x")
    assert done.text.count("<li><code>") == 10
    assert 'href="/stations?text=x"' in done.text
    assert (await browser.get("/data/map")).status_code == 200

    clock.forward(60)
    other = visitor()
    answer = await sign_in(other, "viewer@green.example")
    assert answer.headers["location"] == "/sign-in/code"
    assert "authenticator app" in (await other.get("/sign-in/code")).text
    assert (await post(other, "/sign-in/code", code="123456")).status_code == 401
    answer = await post(other, "/sign-in/code", code=totp.at(clock.now()), next="//evil.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await other.get("/data/map")).status_code == 200
    for path in ("/sign-in/code", "/sign-in/set-up"):
        stranger = await post(visitor(), path, code="000000")
        assert stranger.status_code == 401
        assert "sign in again" in stranger.text
    assert (await sign_in(visitor("blue.localhost"), "viewer@blue.example")).headers["location"] == "/"


async def test_the_owner_enters_by_link(services: Services, two_tenants: TwoTenants, visitor: Visitor) -> None:
    async with services.database.reading() as session:
        user = (await session.scalars(select(User).where(col(User.is_platform_owner)))).one()
    owner = Actor(user.id, user.name, user.email, 0, PLATFORM_OWNER)
    with platform_scope():
        token = await ask_to_enter(
            services.committer, services.clock, owner, two_tenants.green.id, "Ticket 4711: nothing charges"
        )
    assert (await visitor("blue.localhost").get(f"/enter?token={token}")).status_code == 404
    browser = visitor()
    answer = await browser.get(f"/enter?token={token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await browser.get("/data/map")).status_code == 200
    assert (await visitor().get(f"/enter?token={token}")).status_code == 404


async def test_where_and_when_somebody_was_seen(services: Services, visitor: Visitor, clock: ManualClock) -> None:
    browser = visitor(peer="198.51.100.7")
    browser.headers["User-Agent"] = "Mozilla/5.0 Firefox/128.0"
    await sign_in(browser, "viewer@green.example")

    async def row() -> SignInSession:
        async with services.database.reading() as session:
            return (await session.scalars(select(SignInSession))).one()

    first = await row()
    assert (first.address, first.user_agent, first.last_seen_at) == (
        "198.51.100.7",
        "Mozilla/5.0 Firefox/128.0",
        clock.now(),
    )
    clock.forward(59)
    await browser.get("/data/map")
    assert (await row()).last_seen_at == first.last_seen_at
    clock.forward(1)
    await browser.get("/data/map")
    assert (await row()).last_seen_at == clock.now()


async def test_the_platforms_own_people_can_forget_too(services: Services, visitor: Visitor) -> None:
    host = Host("http://platform.localhost", "Voltdeck")
    await ask_reset(services.entrance, Door(None), "owner@example.com", host)
    path = (await last_link(services)).removeprefix("http://platform.localhost")
    assert (await visitor("green.localhost").get(path)).status_code == 404
    assert (await visitor("platform.localhost").get(path)).status_code == 200

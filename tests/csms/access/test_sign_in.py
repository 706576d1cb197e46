"""Signing in: bound to the hostname's tenant, silent about what was wrong, slow for guessers, and audited."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from structlog.testing import capture_logs

from csms.access import service as access
from csms.access.limiting import Limiter
from csms.access.throttle import SignInThrottle
from csms.access.tokens import hash_token
from csms.clock import ManualClock
from csms.errors import SignInError
from csms.work import Committer, Work
from models import AuditEntry, Role, SignInSession
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import TwoTenants
from tests.windows import count_by

PASSWORD = "correct horse battery"


class Door:
    """The sign-in form of a hostname."""

    def __init__(self, committer: Committer, database: Database, clock: ManualClock) -> None:
        self.committer, self.database, self.clock = committer, database, clock
        self.entrance = access.Entrance(committer, database, clock, b"key", hours=12)

    async def enter(
        self, tenant_id: int | None, email: str, password: str = PASSWORD, address: str = "203.0.113.9"
    ) -> str:
        step = await self.entrance.sign_in(access.Door(tenant_id, address), email, password)
        assert step.kind is access.StepKind.IN
        return step.token

    async def who(self, token: str, tenant_id: int | None) -> Any:
        async with self.database.reading() as session:
            return await access.actor_for_token(session, token, tenant_id, self.clock.now())

    async def audit(self, tenant_id: int) -> list[AuditEntry]:
        with tenant_scope(tenant_id):
            async with self.database.reading() as session:
                return list((await session.execute(select(AuditEntry).order_by(col(AuditEntry.id)))).scalars())


@pytest.fixture
async def door(committer: Committer, database: Database, clock: ManualClock, two_tenants: TwoTenants) -> Door:
    """Ann operates green, Otto owns the platform; neither belongs to blue."""
    password_hash = await access.hash_password(PASSWORD)

    async def unit(work: Work) -> None:
        people = {"password_hash": password_hash, "now": clock.now()}
        ann = await access.create_user(work.session(), email="Ann@Green.example", name="Ann", **people)
        with tenant_scope(two_tenants.green.id):
            await access.add_membership(work.session(), ann.id, Role.OPERATOR)
        otto = {"email": "otto@host.example", "name": "Otto", "is_platform_owner": True}
        await access.create_user(work.session(), **otto, **people)

    with platform_scope():
        await committer.run(unit)
    return Door(committer, database, clock)


async def test_the_right_password_opens_a_session_here_only(door: Door, two_tenants: TwoTenants) -> None:
    green, blue = two_tenants.green.id, two_tenants.blue.id
    token = await door.enter(green, " ann@GREEN.example ")
    actor = await door.who(token, green)
    assert (actor.name, actor.role, actor.tenant_id, actor.email) == ("Ann", "operator", green, "ann@green.example")
    assert await door.who(token, blue) is None
    assert await door.who(token, None) is None
    assert await door.who(token + "x", green) is None
    async with door.database.reading() as session:
        [row] = (await session.execute(select(SignInSession))).scalars()
    assert row.token_hash == hash_token(token) != token


async def test_every_refusal_reads_the_same(door: Door, two_tenants: TwoTenants) -> None:
    green, blue = two_tenants.green.id, two_tenants.blue.id
    texts = set()
    for tenant_id, email, password in [
        (green, "ann@green.example", "wrong"),
        (green, "nobody@green.example", PASSWORD),
        (blue, "ann@green.example", PASSWORD),
        (green, "otto@host.example", PASSWORD),
        (None, "ann@green.example", PASSWORD),
        (green, "ann@green.example", "x" * 5000),
    ]:
        with pytest.raises(SignInError) as refusal:
            await door.enter(tenant_id, email, password)
        texts.add(str(refusal.value))
    assert len(texts) == 1


async def test_an_unknown_person_costs_the_same_effort(
    door: Door, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    from csms.access import passwords

    asked: list[str] = []
    hasher = passwords._hasher
    monkeypatch.setattr(
        passwords,
        "_hasher",
        type(
            "Counting",
            (),
            {
                "verify": staticmethod(
                    lambda password, stored: asked.append(stored) or hasher.verify(password, stored)
                ),
                "hash": staticmethod(hasher.hash),
            },
        ),
    )
    for email in ("ann@green.example", "nobody@green.example"):
        with pytest.raises(SignInError):
            await door.enter(two_tenants.green.id, email, "wrong")
    assert len(asked) == 2
    assert all(stored.startswith("$argon2id$") for stored in asked)


async def test_guessing_is_slowed_down(door: Door, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch) -> None:
    count_by(door.clock, monkeypatch)
    door.entrance.throttle = SignInThrottle(Limiter(), "test", per_person=2, per_address=3)
    green = two_tenants.green.id
    for _ in range(2):
        with pytest.raises(SignInError, match="do not match"):
            await door.enter(green, "ann@green.example", "wrong")
    with pytest.raises(SignInError, match=r"Too many attempts. Try again in 15 min"):
        await door.enter(green, "ann@green.example")
    with pytest.raises(SignInError, match="do not match"):
        await door.enter(green, "bob@green.example", "wrong")
    with pytest.raises(SignInError, match="Too many attempts"):
        await door.enter(green, "eve@green.example", "wrong")
    door.clock.forward(900)
    assert await door.enter(green, "ann@green.example")


async def test_a_sign_in_ends_by_time_and_by_signing_out(door: Door, two_tenants: TwoTenants) -> None:
    green = two_tenants.green.id
    token = await door.enter(green, "ann@green.example")
    door.clock.forward(12 * 3600)
    assert await door.who(token, green) is None
    token = await door.enter(green, "ann@green.example")
    actor = await door.who(token, green)
    await access.sign_out(door.committer, door.clock, token, actor)
    assert await door.who(token, green) is None
    assert [entry.action for entry in await door.audit(green)] == ["sign_in", "sign_in", "sign_out"]


async def test_losing_the_role_ends_the_sign_in(door: Door, two_tenants: TwoTenants) -> None:
    from models import Membership

    token = await door.enter(two_tenants.green.id, "ann@green.example")

    async def unit(work: Work) -> None:
        await work.session().delete((await work.session().execute(select(Membership))).scalar_one())

    with tenant_scope(two_tenants.green.id):
        await door.committer.run(unit)
    assert await door.who(token, two_tenants.green.id) is None


async def test_failures_are_audited_where_the_tenant_is_known(door: Door, two_tenants: TwoTenants) -> None:
    for tenant_id in (two_tenants.green.id, None):
        with pytest.raises(SignInError):
            await door.enter(tenant_id, "eve@evil.example", "guess")
    [entry] = await door.audit(two_tenants.green.id)
    assert (entry.action, entry.actor, entry.user_id) == ("sign_in.failed", "eve@evil.example", None)
    assert entry.details == {"address": "203.0.113.9"}
    assert "guess" not in str(entry.model_dump())
    assert await door.audit(two_tenants.blue.id) == []


async def test_the_platform_owner_enters_the_platforms_own_pages(door: Door) -> None:
    with capture_logs() as told:
        token = await door.enter(None, "otto@host.example")
    assert ("sign_in", "otto@host.example") in [(line["event"], line.get("actor")) for line in told]
    actor = await door.who(token, None)
    assert (actor.role, actor.tenant_id) == (access.PLATFORM_OWNER, 0)
    await access.sign_out(door.committer, door.clock, token, actor)
    assert await door.who(token, None) is None

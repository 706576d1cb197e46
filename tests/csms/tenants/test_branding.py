"""A brand is drafted, published and rolled back for one tenant, by its Admins; the other tenant's never moves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Actor
from csms.access.service import create_user
from csms.clock import ManualClock
from csms.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from csms.tenants.brand_queries import draft_of, other_drafts, published_now, published_versions, stored_image
from csms.tenants.branding import Branding, StaleBrandError
from csms.tenants.directory import TenantDirectory
from csms.work import Committer, Work
from models import AuditEntry, BrandVersion, Role, Tenant
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import TwoTenants

PICTURE = f"{'a' * 32}.png"
Staff = dict[str, Actor]


def no_yellow(tokens: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in for the face, which knows what a brand may hold."""
    if tokens.get("accent") == "yellow":
        raise InvalidInputError("accent: must be a colour such as #1f8a5b")
    return {name: value for name, value in tokens.items() if name != "key"}


@pytest.fixture
async def directory(database: Database, two_tenants: TwoTenants) -> TenantDirectory:
    loaded = TenantDirectory(database)
    await loaded.load()
    return loaded


@pytest.fixture
def branding(committer: Committer, clock: ManualClock, directory: TenantDirectory) -> Branding:
    return Branding(committer, clock, directory, no_yellow)


@pytest.fixture
async def staff(committer: Committer, two_tenants: TwoTenants, clock: ManualClock) -> Staff:
    """ada and bo are Admins of green, eve one of blue, olga an Operator of green."""

    async def unit(work: Work) -> dict[str, int]:
        ids: dict[str, int] = {}
        for name in ("ada", "bo", "eve", "olga"):
            user = await create_user(
                work.session(), email=f"{name}@x.example", name=name, password_hash="x", now=clock.now()
            )
            assert user.id is not None
            ids[name] = user.id
        return ids

    with platform_scope():
        ids = await committer.run(unit)
    green, blue = two_tenants.green.id, two_tenants.blue.id
    roles = {"ada": (green, Role.ADMIN), "bo": (green, Role.ADMIN), "eve": (blue, Role.ADMIN)}
    roles["olga"] = (green, Role.OPERATOR)
    return {
        name: Actor(ids[name], name, f"{name}@x.example", tenant_id, role) for name, (tenant_id, role) in roles.items()
    }


async def brand_of(database: Database, tenant_id: int) -> dict[str, Any]:
    async with database.reading() as session:
        return (await session.execute(select(col(Tenant.brand)).where(col(Tenant.id) == tenant_id))).scalar_one()


async def test_publishing_is_seen_at_once_and_by_nobody_else(
    branding: Branding, staff: Staff, directory: TenantDirectory, database: Database, two_tenants: TwoTenants
) -> None:
    with tenant_scope(two_tenants.green.id):
        assert await branding.publish(staff["ada"], {"accent": "#123456", "key": "green"}, base=1) == 2
    green, blue = directory.by_id(two_tenants.green.id), directory.by_id(two_tenants.blue.id)
    assert green is not None
    assert blue is not None
    assert green.brand == {"accent": "#123456"} == await brand_of(database, green.id)
    assert blue.brand == {} == await brand_of(database, blue.id)
    with tenant_scope(blue.id):
        async with database.reading() as session:
            assert [version.number for version in await published_versions(session)] == [1]


async def test_the_history_begins_with_what_was_there(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    with tenant_scope(two_tenants.green.id):
        await branding.publish(staff["ada"], {"accent": "#111111"}, base=1)
        clock.forward(seconds=60)
        await branding.publish(staff["bo"], {"accent": "#222222"}, base=2)
        async with database.reading() as session:
            versions = await published_versions(session)
    assert [(one.number, one.tokens, one.author) for one in versions] == [
        (3, {"accent": "#222222"}, "bo@x.example"),
        (2, {"accent": "#111111"}, "ada@x.example"),
        (1, {}, "Voltdeck"),
    ]
    assert versions[0].published_at - versions[1].published_at == timedelta(seconds=60)


async def test_rolling_back_is_a_publication_of_its_own(
    branding: Branding, staff: Staff, database: Database, directory: TenantDirectory, two_tenants: TwoTenants
) -> None:
    green = two_tenants.green.id
    with tenant_scope(green):
        await branding.publish(staff["ada"], {"accent": "#111111"}, base=1)
        await branding.publish(staff["ada"], {"accent": "#222222"}, base=2)
        assert await branding.roll_back(staff["bo"], 2) == 4
        assert await branding.roll_back(staff["bo"], 1) == 5
        async with database.reading() as session:
            latest = await published_now(session)
        with pytest.raises(NotFoundError, match="Version 9"):
            await branding.roll_back(staff["bo"], 9)
        with pytest.raises(ConflictError, match="version 5 shows already"):
            await branding.roll_back(staff["bo"], 1)
    assert (latest.number, latest.tokens, latest.restores, latest.author) == (5, {}, 1, "bo@x.example")
    assert await brand_of(database, green) == {}


async def test_who_began_from_an_older_version_is_warned(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants
) -> None:
    with tenant_scope(two_tenants.green.id):
        await branding.save_draft(staff["ada"], {"accent": "#aaaaaa"}, base=1)
        await branding.publish(staff["bo"], {"accent": "#bbbbbb"}, base=1)
        with pytest.raises(StaleBrandError, match=r"bo@x\.example has published version 2") as raised:
            await branding.publish(staff["ada"], {"accent": "#aaaaaa"}, base=1)
        assert (raised.value.latest.number, raised.value.code) == (2, "brand.stale")
        async with database.reading() as session:
            assert (await published_now(session)).tokens == {"accent": "#bbbbbb"}
            assert await draft_of(session, staff["ada"].user_id) is not None
        assert await branding.publish(staff["ada"], {"accent": "#aaaaaa"}, base=1, over=True) == 3
        async with database.reading() as session:
            assert await draft_of(session, staff["ada"].user_id) is None


async def test_a_draft_is_one_persons_and_one_tenants(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants
) -> None:
    with tenant_scope(two_tenants.green.id):
        await branding.save_draft(staff["ada"], {"accent": "#111111"}, base=1)
        await branding.save_draft(staff["ada"], {"accent": "#222222"}, base=1)
        async with database.reading() as session:
            mine, his = await draft_of(session, staff["ada"].user_id), await draft_of(session, staff["bo"].user_id)
            others = await other_drafts(session, staff["bo"].user_id)
        await branding.discard_draft(staff["bo"])
        await branding.discard_draft(staff["ada"])
        async with database.reading() as session:
            assert await draft_of(session, staff["ada"].user_id) is None
    assert mine is not None
    assert mine.tokens == {"accent": "#222222"}
    assert his is None
    assert [draft.author for draft in others] == ["ada@x.example"]
    assert await brand_of(database, two_tenants.green.id) == {}
    with tenant_scope(two_tenants.blue.id):
        async with database.reading() as session:
            assert not await other_drafts(session, None)


async def test_an_operator_may_not(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants
) -> None:
    olga = staff["olga"]
    with tenant_scope(two_tenants.green.id):
        for attempt in (
            branding.save_draft(olga, {}, 1),
            branding.discard_draft(olga),
            branding.publish(olga, {"accent": "#111111"}, 1),
            branding.roll_back(olga, 1),
            branding.store_image(olga, PICTURE, b"x", 1, 1),
        ):
            with pytest.raises(PermissionDeniedError, match="change the brand"):
                await attempt
        async with database.reading() as session:
            assert not (await session.execute(select(BrandVersion))).all()


async def test_what_cannot_be_shown_is_not_stored(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants
) -> None:
    with tenant_scope(two_tenants.green.id):
        with pytest.raises(InvalidInputError, match="must be a colour"):
            await branding.publish(staff["ada"], {"accent": "yellow"}, base=1)
        with pytest.raises(InvalidInputError, match="must be a colour"):
            await branding.save_draft(staff["ada"], {"accent": "yellow"}, base=1)
        with pytest.raises(InvalidInputError, match="there is no picture"):
            await branding.publish(staff["ada"], {"logo_image": PICTURE}, base=1)
        with pytest.raises(ConflictError, match="Nothing was published"):
            await branding.publish(staff["ada"], {}, base=1)
    assert await brand_of(database, two_tenants.green.id) == {}


async def test_a_picture_belongs_to_its_tenant(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants
) -> None:
    with tenant_scope(two_tenants.green.id):
        await branding.store_image(staff["ada"], PICTURE, b"png", 40, 30)
        await branding.store_image(staff["bo"], PICTURE, b"png", 40, 30)
        assert await branding.publish(staff["ada"], {"logo_image": PICTURE}, base=1) == 2
    with tenant_scope(two_tenants.blue.id):
        async with database.reading() as session:
            assert await stored_image(session, PICTURE) is None
        with pytest.raises(InvalidInputError, match="there is no picture"):
            await branding.publish(staff["eve"], {"favicon_image": PICTURE}, base=1)


async def test_pictures_that_nothing_shows_are_swept_after_a_day(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    names = [f"{digit * 32}.png" for digit in "abcd"]
    with tenant_scope(two_tenants.green.id):
        for name in names[:3]:
            await branding.store_image(staff["ada"], name, b"png", 40, 30)
        await branding.publish(staff["ada"], {"logo_image": names[0]}, base=1)
        await branding.publish(staff["ada"], {"accent": "#111111"}, base=2)
        await branding.save_draft(staff["ada"], {"favicon_image": names[1]}, base=3)
        clock.forward(25 * 3600)
        await branding.store_image(staff["ada"], names[3], b"png", 40, 30)
        async with database.reading() as session:
            kept = [name for name in names if await stored_image(session, name)]
    assert kept == [names[0], names[1], names[3]]  # the history can still bring the first one back


async def test_every_change_is_in_the_record(
    branding: Branding, staff: Staff, database: Database, two_tenants: TwoTenants
) -> None:
    with tenant_scope(two_tenants.green.id):
        await branding.save_draft(staff["ada"], {"accent": "#111111"}, base=1)
        await branding.publish(staff["ada"], {"accent": "#111111", "logo_svg": "<svg/>"}, base=1)
        await branding.roll_back(staff["ada"], 1)
        async with database.reading() as session:
            entries = (await session.execute(select(AuditEntry).order_by(col(AuditEntry.id)))).scalars().all()
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("brand.draft_begun", "ada@x.example"),
        ("brand.published", "ada@x.example"),
        ("brand.rolled_back", "ada@x.example"),
    ]
    assert entries[1].details["before"] == {}
    assert entries[1].details["after"]["accent"] == "#111111"
    assert entries[1].details["after"]["logo_svg"].startswith("drawing ")
    assert entries[2].subject == "brand version 3, from 1"

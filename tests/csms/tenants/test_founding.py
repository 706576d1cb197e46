"""Founding a tenant: all in one commit, reachable at once, or nothing at all."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from csms.access.passwords import hash_password
from csms.access.policy import Actor
from csms.access.service import PLATFORM_OWNER, Door, Entrance
from csms.clock import ManualClock
from csms.config import Settings
from csms.errors import ConflictError, InvalidInputError, PermissionDeniedError, SignInError
from csms.tenants.choices import currencies, time_zones
from csms.tenants.directory import TenantDirectory
from csms.tenants.founding import FirstAdmin, Founded, NewTenant, first_password, found_tenant
from csms.tenants.hostnames import free_key
from csms.work import Committer
from models import AuditEntry, Membership, Role, Tenant
from models.db import Database
from models.scope import PLATFORM, platform_scope
from tests.tenancy import TwoTenants

OWNER = Actor(1, "Olivia", "owner@example.com", PLATFORM, PLATFORM_OWNER)
FORM = NewTenant("Rote Säule", "CHF", "Europe/Zurich", hostnames=(" Rot.Example. ",))
PASSWORD = "a quiet long river"


@pytest.fixture
def settings() -> Settings:
    return Settings(platform_host="platform.localhost", platform_domain="localhost", _env_file=None)


@pytest.fixture
async def directory(database: Database, two_tenants: TwoTenants) -> TenantDirectory:
    directory = TenantDirectory(database, "localhost")
    await directory.load()
    return directory


class Founding:
    def __init__(
        self,
        committer: Committer,
        directory: TenantDirectory,
        clock: ManualClock,
        settings: Settings,
        database: Database,
    ) -> None:
        self.parts = (committer, directory, clock, settings)
        self.committer, self.clock, self.database, self.directory = committer, clock, database, directory

    async def __call__(
        self, form: NewTenant = FORM, *, email: str = "Ada@Rot.example", name: str = "Ada", actor: Actor = OWNER
    ) -> Founded:
        return await found_tenant(*self.parts, actor, form, FirstAdmin(name, email, await hash_password(PASSWORD)))

    async def sign_in(self, tenant_id: int, email: str) -> str:
        entrance = Entrance(self.committer, self.database, self.clock, b"key", hours=1)
        return (await entrance.sign_in(Door(tenant_id), email, PASSWORD)).token


@pytest.fixture
def found(
    committer: Committer, directory: TenantDirectory, clock: ManualClock, settings: Settings, database: Database
) -> Founding:
    return Founding(committer, directory, clock, settings, database)


async def test_the_tenant_answers_at_once_and_its_admin_signs_in(found: Founding, two_tenants: TwoTenants) -> None:
    founded = await found()
    assert (founded.hostname, founded.key, founded.is_new_person) == ("rot.example", "rote-saule", True)
    tenant = found.directory.by_host("rot.example")
    assert tenant is not None
    assert tenant == found.directory.by_host("rote-saule.localhost"), "it has its slug beside"
    assert (tenant.main_host, tenant.currency, tenant.time_zone) == ("rot.example", "CHF", "Europe/Zurich")
    assert await found.sign_in(founded.tenant_id, "ada@rot.example")
    with pytest.raises(SignInError):
        await found.sign_in(two_tenants.green.id, "ada@rot.example")
    with platform_scope():
        async with found.database.reading() as session:
            entry = (await session.execute(select(AuditEntry).where(col(AuditEntry.action) == "tenant.created"))).one()
    assert (entry[0].actor, entry[0].tenant_id) == ("owner@example.com", founded.tenant_id)


async def test_somebody_with_an_account_keeps_it(found: Founding) -> None:
    first = await found()
    second = await found(replace(FORM, name="Blaue Säule", hostnames=()))
    assert (second.admin_id, second.is_new_person, second.hostname) == (first.admin_id, False, "blaue-saule.localhost")
    with platform_scope():
        async with found.database.reading() as session:
            roles = (await session.scalars(select(Membership.role).where(Membership.user_id == first.admin_id))).all()
    assert roles == [Role.ADMIN, Role.ADMIN]


async def test_a_hostname_below_the_platforms_domain_is_the_slug(found: Founding) -> None:
    founded = await found(replace(FORM, hostnames=("redrock.localhost",)))
    assert (founded.key, founded.hostname) == ("redrock", "redrock.localhost")


async def test_only_the_platforms_owner_founds(found: Founding, two_tenants: TwoTenants) -> None:
    for actor in (
        Actor(1, "A", "a@green.example", two_tenants.green.id, Role.ADMIN),
        Actor(1, "A", "a@green.example", two_tenants.green.id, PLATFORM_OWNER),
        Actor(None, "A", "a@x.example", PLATFORM, ""),
    ):
        with pytest.raises(PermissionDeniedError):
            await found(actor=actor)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Name:"),
        ({"name": "x" * 41}, "Name:"),
        ({"hostnames": ("",)}, "Hostname:"),
        ({"hostnames": ("http://x.example",)}, "Hostname:"),
        ({"hostnames": ("x.example/y",)}, "Hostname:"),
        ({"hostnames": ("-x.example",)}, "Hostname:"),
        ({"hostnames": ("a b",)}, "Hostname:"),
        ({"currency": "XXQ"}, "Currency:"),
        ({"time_zone": "Mars/Base"}, "Time zone:"),
        ({"language": "xx"}, "Language:"),
        ({"key": "www"}, "reserved"),
        ({"legal_text": "x" * 2001}, "Legal text:"),
        ({"postal_address": "x" * 501}, "Address:"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(found: Founding, changes: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        await found(replace(FORM, **changes))
    await _nothing_new(found)


async def test_an_admin_needs_a_name_and_an_address(found: Founding) -> None:
    with pytest.raises(InvalidInputError, match="Admin's name:"):
        await found(name=" ")
    with pytest.raises(InvalidInputError, match="is not an e-mail address"):
        await found(email="nobody")
    await _nothing_new(found)


async def _nothing_new(found: Founding) -> None:
    async with found.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(Tenant))).scalar_one() == 2


@pytest.mark.parametrize("hostname", ["green.localhost", "GREEN.localhost.", "platform.localhost"])
async def test_a_hostname_belongs_to_one(found: Founding, hostname: str) -> None:
    with pytest.raises(ConflictError, match="taken"):
        await found(replace(FORM, hostnames=(hostname,)))


@pytest.mark.parametrize("key", ["green", "Blue", "platform"])
async def test_a_slug_belongs_to_one(found: Founding, key: str) -> None:
    with pytest.raises((ConflictError, InvalidInputError), match=r"taken|reserved"):
        await found(replace(FORM, key=key, hostnames=()))


async def test_a_slug_is_not_free_when_its_hostname_is_somebodys(found: Founding) -> None:
    await found(replace(FORM, key="rock", hostnames=("violet.localhost",)))
    with pytest.raises(ConflictError, match="taken"):
        await found(replace(FORM, key="violet", hostnames=()))
    assert (await found(replace(FORM, name="Violet", hostnames=()))).key == "violet-2"


async def test_what_another_process_took_meanwhile(found: Founding, database: Database) -> None:
    elsewhere = TenantDirectory(database, "localhost")
    await elsewhere.load()
    await found(replace(FORM, key="quick", hostnames=()))
    found.parts = (found.parts[0], elsewhere, *found.parts[2:])
    with pytest.raises(ConflictError, match="just been taken"):
        await found(replace(FORM, key="quick", hostnames=()))


def test_keys_are_short_and_free() -> None:
    assert free_key("Grüne Energie GmbH", set()) == "grune-energie-gmbh"
    assert free_key("Green", {"green", "green-2"}) == "green-3"
    assert free_key("绿色", set()) == "tenant"
    assert free_key("Admin", set()) == "admin-2"


def test_what_can_be_chosen() -> None:
    assert {"EUR", "SGD", "CHF"} <= set(currencies())
    assert {"Europe/Berlin", "Asia/Singapore"} <= set(time_zones())


def test_passwords_to_be_told_are_long_and_clear() -> None:
    assert len(first_password()) == 19
    assert not set(first_password()) & set("il1o0")

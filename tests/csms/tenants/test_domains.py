"""Custom domains: claimed by anybody, proved by one, used while DNS is right, given up in sight."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Actor
from csms.access.service import add_membership, create_user
from csms.clock import ManualClock
from csms.config import Settings
from csms.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from csms.jobs.domains import DomainWatch
from csms.tenants import dns
from csms.tenants.directory import TenantDirectory
from csms.tenants.domain_state import KEPT_FOR, WARN_AFTER, DomainState, found_of, state_of
from csms.tenants.domains import NOT_SOONER, Domains
from csms.tenants.hostnames import check_custom_domain
from csms.work import Committer, Work
from models import AuditEntry, CustomDomain, OutboxEntry, Role
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.nameserver import NameServer
from tests.tenancy import SmallTenant, TwoTenants

HOST = "charge.green.example"


@pytest.fixture(scope="module")
def running() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture
def names(running: NameServer) -> NameServer:
    running.zone = {(f"{key}.app.example", "A"): ["127.0.0.1"] for key in ("green", "blue")}
    running.is_silent = False
    running.asked.clear()
    return running


@pytest.fixture
async def domains(
    committer: Committer,
    database: Database,
    clock: ManualClock,
    names: NameServer,
    two_tenants: TwoTenants,
    monkeypatch: pytest.MonkeyPatch,
) -> Domains:
    monkeypatch.setattr(dns, "PATIENCE_S", 1.0)  # a silent server is not waited for as long as in earnest
    settings = Settings(
        platform_host="admin.app.example",
        platform_domain="app.example",
        dns_server=names.address,
        secure_cookies=False,
        _env_file=None,
    )
    directory = TenantDirectory(database, "app.example")
    await directory.load()
    return Domains(committer, database, directory, clock, settings)


def admin_of(tenant: SmallTenant, role: str = Role.ADMIN) -> Actor:
    return Actor(None, "Ann", f"ann@{tenant.key}.example", tenant.id, role)


class Owner:
    """One tenant's Admin at work."""

    def __init__(self, domains: Domains, tenant: SmallTenant, names: NameServer) -> None:
        self.domains, self.tenant, self.names, self.actor = domains, tenant, names, admin_of(tenant)

    async def add(self, hostname: str = HOST) -> CustomDomain:
        with tenant_scope(self.tenant.id):
            return await self.domains.add(self.actor, hostname)

    async def check(self, row: CustomDomain) -> CustomDomain:
        self.domains.clock.forward(NOT_SOONER.total_seconds())  # type: ignore[attr-defined]
        with tenant_scope(self.tenant.id):
            return await self.domains.check(row.id or 0)

    def set_dns(self, row: CustomDomain) -> None:
        self.names.zone[row.hostname, "CNAME"] = [f"{self.tenant.key}.app.example"]
        self.names.zone[f"_voltdeck.{row.hostname}", "TXT"] = ["other", row.token]

    async def verified(self, hostname: str = HOST) -> CustomDomain:
        row = await self.add(hostname)
        self.set_dns(row)
        return await self.check(row)


@pytest.fixture
def green(domains: Domains, two_tenants: TwoTenants, names: NameServer) -> Owner:
    return Owner(domains, two_tenants.green, names)


@pytest.fixture
def blue(domains: Domains, two_tenants: TwoTenants, names: NameServer) -> Owner:
    return Owner(domains, two_tenants.blue, names)


def key_at(domains: Domains, host: str) -> str:
    tenant = domains.directory.by_host(host)
    return tenant.key if tenant else ""


async def actions(domains: Domains, tenant: SmallTenant) -> list[str]:
    with tenant_scope(tenant.id):
        async with domains.database.reading() as session:
            return list((await session.scalars(select(AuditEntry.action).order_by(col(AuditEntry.id)))).all())


async def letters(domains: Domains) -> list[tuple[int | None, str, str]]:
    with platform_scope():
        async with domains.database.reading() as session:
            rows = (await session.scalars(select(OutboxEntry).order_by(col(OutboxEntry.id)))).all()
    return [(row.tenant_id, row.payload["to"], row.payload["subject"]) for row in rows]


async def test_a_domain_answers_once_both_records_are_right(green: Owner, names: NameServer, domains: Domains) -> None:
    row = await green.add("Charge.Green.Example.")
    assert (row.hostname, state_of(row)) == (HOST, DomainState.WAITING)
    row = await green.check(row)
    assert (state_of(row), key_at(domains, HOST)) == (DomainState.WAITING, "")
    names.zone[HOST, "CNAME"] = ["elsewhere.example"]
    row = await green.check(row)
    assert (state_of(row), found_of(row).alias, found_of(row).leads_here) == (
        DomainState.WRONG,
        "elsewhere.example",
        False,
    )
    names.zone[HOST, "CNAME"] = ["green.app.example"]
    names.zone[f"_voltdeck.{HOST}", "TXT"] = ["voltdeck=somebody-elses"]
    row = await green.check(row)
    assert (state_of(row), found_of(row).leads_here, found_of(row).texts) == (
        DomainState.WRONG,
        True,
        ("voltdeck=somebody-elses",),
    )
    assert key_at(domains, HOST) == "", "leading here is no proof"
    green.set_dns(row)
    row = await green.check(row)
    assert (state_of(row), key_at(domains, HOST)) == (DomainState.VERIFIED, "green")
    assert await actions(domains, green.tenant) == ["domain.added", "domain.verified"]


async def test_at_the_top_of_a_domain_addresses_count(green: Owner, names: NameServer) -> None:
    row = await green.add("green.example")
    names.zone["_voltdeck.green.example", "TXT"] = [row.token]
    names.zone["green.example", "A"] = ["127.0.0.1", "192.0.2.7"]
    row = await green.check(row)
    assert (state_of(row), found_of(row).addresses) == (DomainState.WRONG, ("127.0.0.1", "192.0.2.7"))
    names.zone["green.example", "A"] = ["127.0.0.1"]
    assert state_of(await green.check(row)) is DomainState.VERIFIED


async def test_a_name_belongs_to_whoever_proves_it(green: Owner, blue: Owner, domains: Domains) -> None:
    squatter = await blue.add()
    row = await green.verified()
    assert (state_of(row), key_at(domains, HOST)) == (DomainState.VERIFIED, "green"), "a claim keeps nobody out"
    assert state_of(await blue.check(squatter)) is DomainState.WRONG, "green's records do not prove blue's claim"
    blue.set_dns(squatter)
    assert state_of(await blue.check(squatter)) is DomainState.TAKEN
    assert key_at(domains, HOST) == "green"
    with tenant_scope(green.tenant.id):
        await domains.remove(green.actor, row.id or 0)
    assert key_at(domains, HOST) == ""
    assert state_of(await blue.check(squatter)) is DomainState.VERIFIED
    assert key_at(domains, HOST) == "blue"


async def test_the_other_tenants_domain_does_not_exist(green: Owner, blue: Owner, domains: Domains) -> None:
    row = await green.verified()
    with tenant_scope(blue.tenant.id):
        assert await domains.all(blue.actor) == []
        for deed in (domains.check(row.id or 0), domains.check_certificate(row.id or 0)):
            with pytest.raises(NotFoundError):
                await deed
        with pytest.raises(NotFoundError):
            await domains.remove(blue.actor, row.id or 0)
        with pytest.raises(InvalidInputError):
            await domains.choose_main(blue.actor, HOST)
    assert key_at(domains, HOST) == "green"


async def test_only_admins_manage_domains(green: Owner, domains: Domains) -> None:
    row = await green.add()
    with tenant_scope(green.tenant.id):
        for role in (Role.OPERATOR, Role.VIEWER):
            actor = admin_of(green.tenant, role)
            for deed in (
                domains.add(actor, "x.example"),
                domains.remove(actor, row.id or 0),
                domains.all(actor),
                domains.choose_main(actor, "green.app.example"),
                domains.lead_to_main(actor, True),
            ):
                with pytest.raises(PermissionDeniedError):
                    await deed


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "https://x.example", "x.example/y", "192.0.2.1", "a b.example", "-x.example", "1.2.3",
     "app.example", "admin.app.example", "other.app.example"],
)  # fmt: skip
def test_what_is_no_domain_of_ones_own(text: str) -> None:
    with pytest.raises(InvalidInputError, match="Hostname:"):
        check_custom_domain(text, "app.example", "admin.app.example")


def test_letters_of_the_world_become_what_dns_knows() -> None:
    name = check_custom_domain("Laden.Grüne-Straße.example", "app.example", "x")
    assert name == "laden.xn--grne-strae-e4a45a.example"


async def test_each_name_is_listed_once_and_not_too_many(
    green: Owner, domains: Domains, monkeypatch: pytest.MonkeyPatch
) -> None:
    await green.add()
    with pytest.raises(ConflictError, match="in the list already"):
        await green.add()
    monkeypatch.setattr("csms.tenants.domains.MOST", 1)
    with pytest.raises(ConflictError, match="remove one first"):
        await green.add("second.green.example")


async def test_dns_taken_away_is_told_and_not_silently_dropped(
    green: Owner, domains: Domains, names: NameServer, clock: ManualClock, committer: Committer
) -> None:
    async def hire(work: Work) -> None:
        with tenant_scope(green.tenant.id):
            for role in (Role.ADMIN, Role.OPERATOR):
                user = await create_user(
                    work.session(), email=f"{role}@green.example", name="A", password_hash="", now=clock.now()
                )
                await add_membership(work.session(), user.id or 0, role)

    await committer.run(hire)
    row = await green.verified()
    with tenant_scope(green.tenant.id):
        await domains.choose_main(green.actor, HOST)
        await domains.lead_to_main(green.actor, True)
    tenant = domains.directory.by_id(green.tenant.id)
    assert tenant is not None
    assert (tenant.main_host, tenant.redirects) == (HOST, True)

    names.is_silent = True
    row = await green.check(row)
    assert (state_of(row), found_of(row).is_silent) == (DomainState.VERIFIED, True), "silence says nothing"
    names.is_silent = False
    del names.zone[f"_voltdeck.{HOST}", "TXT"]
    row = await green.check(row)
    assert (state_of(row), key_at(domains, HOST)) == (DomainState.LOST, "green"), "it answers for a while yet"
    main = domains.directory.by_id(green.tenant.id)
    assert main is not None
    assert main.main_host == "green.localhost", "but nobody is sent there"
    assert await letters(domains) == []
    clock.forward(WARN_AFTER.total_seconds())
    row = await green.check(row)
    row = await green.check(row)
    told = (green.tenant.id, "admin@green.example", f"{HOST} no longer leads to your dashboard")
    assert await letters(domains) == [told]

    green.set_dns(row)
    row = await green.check(row)
    assert (state_of(row), row.warned_at) == (DomainState.VERIFIED, None)
    main = domains.directory.by_id(green.tenant.id)
    assert main is not None
    assert main.main_host == HOST
    del names.zone[HOST, "CNAME"]
    row = await green.check(row)
    clock.forward(KEPT_FOR.total_seconds())
    row = await green.check(row)
    assert (state_of(row), key_at(domains, HOST)) == (DomainState.EXPIRED, "")
    assert (await letters(domains))[-1] == (green.tenant.id, "admin@green.example", f"{HOST} has stopped answering")
    green.set_dns(row)
    assert state_of(await green.check(row)) is DomainState.VERIFIED
    assert (await actions(domains, green.tenant))[-5:] == [
        "domain.lost",
        "domain.found_again",
        "domain.lost",
        "domain.expired",
        "domain.verified",
    ]
    assert key_at(domains, HOST) == "green"


async def test_removing_the_main_address_falls_back(green: Owner, domains: Domains) -> None:
    row = await green.verified()
    with tenant_scope(green.tenant.id):
        await domains.choose_main(green.actor, HOST)
        await domains.remove(green.actor, row.id or 0)
    tenant = domains.directory.by_id(green.tenant.id)
    assert tenant is not None
    assert (tenant.main_host, tenant.hosts) == ("green.localhost", ("green.app.example", "green.localhost"))
    assert await actions(domains, green.tenant) == [
        "domain.added",
        "domain.verified",
        "tenant.main_address",
        "domain.removed",
    ]


async def test_many_tabs_ask_dns_once(green: Owner, domains: Domains, names: NameServer) -> None:
    row = await green.check(await green.add())
    asked = len(names.asked)
    with tenant_scope(green.tenant.id):
        await domains.check(row.id or 0)
    assert len(names.asked) == asked


async def test_the_watch_checks_what_is_due_for_every_tenant(
    green: Owner, blue: Owner, domains: Domains, clock: ManualClock
) -> None:
    green.set_dns(await green.add())
    blue.set_dns(await blue.add("charge.blue.example"))
    assert await domains.check_due() == 2
    assert (key_at(domains, HOST), key_at(domains, "charge.blue.example")) == ("green", "blue")
    assert await domains.check_due() == 0
    clock.forward(timedelta(minutes=3).total_seconds())
    assert await domains.check_due() == 2
    watch = DomainWatch(domains)
    watch.start()
    await watch.stop()


async def test_other_processes_see_it(green: Owner, domains: Domains, database: Database) -> None:
    elsewhere = TenantDirectory(database, "app.example")
    await elsewhere.load()
    assert elsewhere.by_host(HOST) is None
    row = await green.verified()
    found = await elsewhere.look_again(HOST)
    assert found is not None
    assert found.key == "green"
    with tenant_scope(green.tenant.id):
        await domains.remove(green.actor, row.id or 0)
    await elsewhere.refresh()
    assert elsewhere.by_host(HOST) is None

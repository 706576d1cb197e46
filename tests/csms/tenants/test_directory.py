"""Hostname to tenant: case, port and dot aside; strangers are nobody."""

import pytest

from csms.clock import ManualClock
from csms.tenants.directory import TenantDirectory, bare_host, create_tenant
from csms.work import Committer
from models.db import Database
from models.scope import platform_scope
from tests.tenancy import TwoTenants


@pytest.mark.parametrize(
    "host", ["green.localhost", "GREEN.localhost:8080", "green.localhost.", "green.localhost.:80", " green.localhost "]
)
async def test_a_host_is_found_however_it_is_written(database: Database, two_tenants: TwoTenants, host: str) -> None:
    directory = TenantDirectory(database)
    await directory.load()
    found = directory.by_host(host)
    assert found is not None
    assert (found.id, found.key, found.currency) == (two_tenants.green.id, "green", "EUR")
    assert directory.by_id(two_tenants.blue.id) is not None
    assert [info.key for info in directory.all()] == ["green", "blue"]


@pytest.mark.parametrize("host", [None, "", "localhost", "evil.example", "green.localhost.evil.example", "[::1]:8080"])
async def test_strangers_are_nobody(database: Database, two_tenants: TwoTenants, host: str | None) -> None:
    directory = TenantDirectory(database)
    await directory.load()
    assert directory.by_host(host) is None
    assert directory.by_id(99) is None


def test_an_ipv6_host_loses_only_its_port() -> None:
    assert bare_host("[::1]:8080") == "[::1]"


async def test_a_new_tenant_answers_to_its_hosts(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    with platform_scope():
        await committer.run(
            lambda work: create_tenant(
                work.session(),
                key="red",
                name="Red",
                currency="USD",
                time_zone="America/New_York",
                hosts=["Red.example.", "charge.red.example"],
                now=clock.now(),
                brand={"accent": "#c00"},
            )
        )
    directory = TenantDirectory(database)
    await directory.load()
    red = directory.by_host("red.example")
    assert red is not None
    assert red.hosts == ("charge.red.example", "red.example")
    assert red.brand == {"accent": "#c00"}

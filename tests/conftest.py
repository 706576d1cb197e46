"""Fixtures for every test: both databases, a committer, a clock that obeys, and always two tenants."""

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from hypothesis import settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from csms.access import passwords
from csms.bus.bus import Bus
from csms.bus.events import Event
from csms.clock import ManualClock
from csms.work import Committer
from models.db import Database
from tests.compiling import compiled_once
from tests.databases import (
    FurnishedFile,
    PostgresServer,
    copy_of_template,
    furnished_template,
    migrated_template,
    postgres_or_skip,
    restorer_of,
)
from tests.restoring import Restorer
from tests.tenancy import TwoTenants

# The same examples in every run, so that a change fails by its own fault. HYPOTHESIS_PROFILE=explore looks for more.
# None fails for the time it takes, which is the machine's affair.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

pytest_plugins = ["tests.ordering"]


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Generator[None]:
    with compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def earnest_hasher() -> Generator[PasswordHash]:
    """Tests hash passwords with argon2id's least effort; this is the product's own, which takes its time."""
    earnest = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        least = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", PasswordHash((least,)))
        yield earnest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The certification cases a test stands for travel with its report (tests.certification.page)."""
    for item in items:
        item.user_properties += [("case", case) for mark in item.iter_markers("case") for case in mark.args]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    return migrated_template(tmp_path_factory.mktemp("sqlite") / "template.sqlite3")


@pytest.fixture(scope="session")
def furnished_sqlite(sqlite_template: Path) -> FurnishedFile:
    """A migrated SQLite file with the two tenants, to copy."""
    return furnished_template(sqlite_template, sqlite_template.with_name("furnished.sqlite3"))


@pytest.fixture(scope="session")
def postgres_server() -> Generator[PostgresServer]:
    """A migrated database of this run's own on the PostgreSQL that answers; dropped at the end."""
    server = postgres_or_skip()
    asyncio.run(server.create())
    yield server
    asyncio.run(server.drop())


@pytest.fixture(scope="session")
def restorer(postgres_server: PostgresServer) -> Generator[Restorer]:
    """Puts the run's PostgreSQL database back between tests."""
    with restorer_of(postgres_server) as running:
        yield running


@pytest.fixture
def own_postgres() -> Generator[PostgresServer]:
    """A migrated PostgreSQL database that no other test meets, for servers in processes of their own."""
    server = postgres_or_skip()
    asyncio.run(server.create())
    yield server
    asyncio.run(server.drop())


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a migrated database, empty or with the two tenants where the test has them: a SQLite file of its own, or
    the run's PostgreSQL database put back."""
    furnished = "two_tenants" in request.fixturenames
    if request.param == "sqlite":
        if furnished:
            return copy_of_template(request.getfixturevalue("furnished_sqlite").path, tmp_path)
        return copy_of_template(request.getfixturevalue("sqlite_template"), tmp_path)
    request.getfixturevalue("restorer").restore(furnished=furnished)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.url


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    """A migrated database; every test that asks for it runs on SQLite and on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """2026-01-01 00:00 UTC, until moved."""
    return ManualClock()


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def told(bus: Bus) -> list[Event]:
    """Every event published, in order."""
    events: list[Event] = []
    bus.subscribe(Event, events.append)
    return events


@pytest.fixture
async def committer(database: Database, bus: Bus) -> AsyncGenerator[Committer]:
    running = Committer(database, bus)
    running.start()
    yield running
    await running.stop()


@pytest.fixture
def two_tenants(request: pytest.FixtureRequest, database: Database) -> TwoTenants:
    """`two_tenants.green` and `.blue`: a location, two stations, a tariff and tokens each, in the database from the
    beginning."""
    return request.getfixturevalue("furnished_sqlite" if database.is_sqlite else "restorer").tenants

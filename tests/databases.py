"""Databases for tests: a migrated SQLite file to copy, and a PostgreSQL database that exists as long as the run."""

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from models.db import Database
from tests.restoring import Restorer
from tests.services import skip_or_fail
from tests.tenancy import TwoTenants, found_two_tenants

POSTGRES_VARIABLE = "VOLTDECK_TEST_POSTGRES_URL"
POSTGRES_DEFAULT = "postgresql+asyncpg://postgres:postgres@127.0.0.1:5432/postgres"
"""What deploy/dev/services.sh starts; a server that trusts its own machine does not mind the password."""


@dataclass(frozen=True)
class FurnishedFile:
    """A SQLite file with the two tenants in it."""

    path: Path
    tenants: TwoTenants


def migrated_template(path: Path) -> Path:
    """Migrate an empty SQLite file at `path`, once per run."""
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


def furnished_template(template: Path, path: Path) -> FurnishedFile:
    """A copy of the migrated file at `path`, with the two tenants in it."""
    shutil.copy(template, path)
    return FurnishedFile(path, asyncio.run(_found(f"sqlite+aiosqlite:///{path}")))


def copy_of_template(template: Path, folder: Path) -> str:
    """URL of a copy of the migrated file in `folder`."""
    target = folder / "test.sqlite3"
    shutil.copy(template, target)
    return f"sqlite+aiosqlite:///{target}"


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


async def _found(url: str) -> TwoTenants:
    database = Database(url)
    tenants = await found_two_tenants(database)
    await database.close()
    return tenants


class PostgresServer:
    """A running PostgreSQL on which we may create databases."""

    def __init__(self, maintenance: URL) -> None:
        self._maintenance = maintenance
        self.name = f"vd_test_{secrets.token_hex(6)}"
        role = maintenance.set(database=self.name, username=self.name, password=self.name)
        self.url = role.render_as_string(hide_password=False)
        """As a role of its own, which row-level security holds back as it does in production."""

    async def create(self) -> None:
        """Create and migrate this run's database."""
        await self.execute(f"CREATE ROLE {self.name} LOGIN PASSWORD '{self.name}' NOSUPERUSER NOBYPASSRLS")
        await self.execute(f"CREATE DATABASE {self.name} OWNER {self.name}")
        await _migrate(self.url)

    async def drop(self) -> None:
        """Drop it, whoever is still connected."""
        await self.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        await self.execute(f"DROP ROLE IF EXISTS {self.name}")

    async def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction."""
        engine = create_async_engine(self._maintenance, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        finally:
            await engine.dispose()


@contextlib.contextmanager
def restorer_of(server: PostgresServer) -> Generator[Restorer]:
    """Makes the server's database one to restore; it need not survive the machine, so commits wait for no disk."""
    asyncio.run(server.execute(f"ALTER DATABASE {server.name} SET synchronous_commit = off"))
    restorer = Restorer(server.url)
    yield restorer
    restorer.close()


def postgres_at() -> PostgresServer | None:
    """The server at $VOLTDECK_TEST_POSTGRES_URL or on this machine; None when none answers."""
    server = PostgresServer(make_url(os.environ.get(POSTGRES_VARIABLE, POSTGRES_DEFAULT)))
    try:
        asyncio.run(server.execute("SELECT 1"))
    except (OSError, DBAPIError, PostgresError):
        return None
    return server


def postgres_or_skip() -> PostgresServer:
    """The server that answers; skips without one, fails instead in CI."""
    server = postgres_at()
    if server is None:
        skip_or_fail(f"PostgreSQL does not answer; `make services` starts it, or set {POSTGRES_VARIABLE}")
    return server

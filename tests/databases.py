"""Databases for tests: a migrated SQLite file to copy, and a PostgreSQL database that exists as long as the run."""

import asyncio
import os
import secrets
import shutil
from pathlib import Path

import pytest
from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from models.base import metadata
from models.db import Database

POSTGRES_VARIABLE = "VOLTDECK_TEST_POSTGRES_URL"
POSTGRES_DEFAULT = "postgresql+asyncpg://postgres:postgres@127.0.0.1:5432/postgres"
"""What deploy/dev/services.sh starts; a server that trusts its own machine does not mind the password."""


def migrated_template(path: Path) -> Path:
    """Migrate an empty SQLite file at `path`, once per run."""
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


def copy_of_template(template: Path, folder: Path) -> str:
    """URL of a copy of the migrated file in `folder`."""
    target = folder / "test.sqlite3"
    shutil.copy(template, target)
    return f"sqlite+aiosqlite:///{target}"


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


class PostgresServer:
    """A running PostgreSQL on which we may create databases."""

    def __init__(self, maintenance: URL) -> None:
        self._maintenance = maintenance
        self.name = f"vd_test_{secrets.token_hex(6)}"
        self.url = maintenance.set(database=self.name).render_as_string(hide_password=False)

    async def create(self) -> None:
        """Create and migrate this run's database."""
        await self.execute(f"CREATE DATABASE {self.name}")
        await _migrate(self.url)

    async def drop(self) -> None:
        """Drop it, whoever is still connected."""
        await self.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    async def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction."""
        engine = create_async_engine(self._maintenance, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        finally:
            await engine.dispose()


async def empty(database: Database) -> None:
    """Take every row out of a PostgreSQL database and start its sequences again."""
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    async with database.writer.begin() as connection:
        await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))


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
        reason = f"PostgreSQL does not answer; `make services` starts it, or set {POSTGRES_VARIABLE}"
        if os.environ.get("VOLTDECK_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return server

"""Connections: one writer for the group commit, readers beside it. SQLite in WAL mode, or PostgreSQL."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from models.bulk import Rows, commit_rows_to_sqlite, execute_rows
from models.row_security import SETTING, begin_for_all, begin_in_scope, narrow_async
from models.scope import PLATFORM

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit is on disk before it is acknowledged, also when the power fails (DESIGN rule 1)
    "wal_autocheckpoint=8000",  # 32 MB: a page that many commits touch is carried over once
    "foreign_keys=ON",
    "cache_size=-64000",
)


def _dumps(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


class Database:
    """The database behind one URL.

    `writer` is only for csms.work: units of work share its transactions. Everything else reads with `reading()`.
    """

    def __init__(self, url: str) -> None:
        self.url = with_async_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.writer = self._engine(begin="BEGIN IMMEDIATE", pool_size=1)
        self.reader = self._engine(begin="BEGIN", pool_size=5)
        if not self.is_sqlite:
            begin_for_all(self.writer.sync_engine)
            begin_in_scope(self.reader.sync_engine)
        self._writing: AsyncConnection | None = None
        self._sessions = async_sessionmaker(self.reader, expire_on_commit=False)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session for queries; what is changed in it is thrown away."""
        async with self._sessions() as session:
            yield session

    async def writing(self) -> AsyncConnection:
        """The writer's one connection, for csms.work alone: it begins, commits and rolls back."""
        if self._writing is None:
            self._writing = await self.writer.connect()
        return self._writing

    async def drop_writing(self) -> None:
        """Forget the writer's connection with whatever it had begun; the next `writing()` opens another."""
        connection, self._writing = self._writing, None
        if connection is not None:
            with contextlib.suppress(DBAPIError):
                await connection.invalidate()
            await connection.close()

    async def commit(self, rows: Rows) -> None:
        """Write rows and commit, with what the writer's connection has begun or on their own."""
        connection = await self.writing()
        if self.is_sqlite and not connection.in_transaction():
            return await commit_rows_to_sqlite(connection, rows)
        if connection.in_transaction():
            # Rows of many tenants share a statement; each was checked when appended. Otherwise the connection's own
            # scope, the platform's, holds: no unit has narrowed it.
            await narrow_async(connection, PLATFORM)
        await execute_rows(connection, rows)
        await connection.commit()

    async def migrate(self) -> None:
        """Bring the schema to the newest revision. Safe to call from several processes at once on PostgreSQL."""
        async with self.writer.connect() as connection:
            await connection.run_sync(_upgrade)
            await connection.commit()

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.reader.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Return every connection."""
        await self.drop_writing()
        await self.writer.dispose()
        await self.reader.dispose()

    def _engine(self, begin: str, pool_size: int) -> AsyncEngine:
        options: dict[str, Any] = {"json_serializer": _dumps, "json_deserializer": orjson.loads, "pool_size": pool_size}
        if not self.is_sqlite:
            settings = {SETTING: str(PLATFORM)} if pool_size == 1 else {}
            return create_async_engine(
                self.url, pool_pre_ping=True, connect_args={"server_settings": settings}, **options
            )
        engine = create_async_engine(self.url, connect_args={"isolation_level": None, "timeout": 30}, **options)

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
            cursor = connection.cursor()
            for pragma in _PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            # The driver's own BEGIN is deferred and fails late when another process writes; the writer asks at once.
            connection.exec_driver_sql(begin)

        return engine


def with_async_driver(url: URL) -> URL:
    """`postgresql://…` and `sqlite://…` as people write them, with the driver that we use."""
    drivers = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
    return url.set(drivername=drivers.get(url.drivername, url.drivername))


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(827366)"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def wait_until_reachable(database: Database, attempts: int = 30, pause_s: float = 1.0) -> None:
    """Wait for a database that is still starting. Raises the last error after `attempts`."""
    for attempt in range(attempts):
        try:
            return await database.ping()
        except OSError:
            if attempt == attempts - 1:
                raise
            await asyncio.sleep(pause_s)

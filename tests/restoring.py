"""Puts a PostgreSQL database back to how a test starts, in a few milliseconds.

TRUNCATE gives every table and index a new file, which takes a hundred. A function in the database deletes the few rows
that a test left, and its plans are kept by a connection that lives as long as the run.
"""

import asyncio

import asyncpg
from sqlalchemy import Connection, text

from models.base import metadata
from models.db import Database
from models.row_security import SETTING
from models.scope import PLATFORM
from tests.tenancy import TwoTenants, found_two_tenants

_SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, 1), last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = 'public'
"""
_TABLES = [f'"{table.name}"' for table in metadata.sorted_tables]


class Restorer:
    """Restores the migrated database at `url`, which nobody else changes meanwhile."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self.tenants: TwoTenants = self._loop.run_until_complete(_prepare(url))
        plain = url.replace("+asyncpg", "", 1)
        self._connection = self._loop.run_until_complete(
            asyncpg.connect(plain, server_settings={SETTING: str(PLATFORM)})
        )

    def restore(self, *, furnished: bool) -> None:
        """Leave nothing in the tables; `furnished`: nothing but `tenants`."""
        self._loop.run_until_complete(self._connection.execute(f"SELECT restore({furnished})"))

    def close(self) -> None:
        """Let the connection go."""
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


async def _prepare(url: str) -> TwoTenants:
    """Found the tenants, keep them beside the tables, and write the function that brings them back."""
    database = Database(url)
    try:
        async with database.writer.begin() as connection:
            fresh = await connection.run_sync(_set_sequences)
        tenants = await found_two_tenants(database)
        async with database.writer.begin() as connection:
            await connection.run_sync(_write_function, fresh)
    finally:
        await database.close()
    return tenants


def _write_function(connection: Connection, fresh: str) -> None:
    connection.execute(text("CREATE SCHEMA furnished"))
    for table in _TABLES:
        connection.execute(text(f"CREATE TABLE furnished.{table} AS TABLE public.{table}"))
    kept = [table for table in _TABLES if connection.scalar(text(f"SELECT count(*) FROM furnished.{table}"))]
    delete = " ".join(f"DELETE FROM public.{table};" for table in reversed(_TABLES))
    insert = " ".join(f"INSERT INTO public.{table} TABLE furnished.{table};" for table in kept)
    body = f"BEGIN {delete} IF filled THEN {insert} {_set_sequences(connection)} ELSE {fresh} END IF; END"
    connection.exec_driver_sql(
        f"CREATE FUNCTION restore(filled boolean) RETURNS void LANGUAGE plpgsql AS $function${body}$function$"
    )


def _set_sequences(connection: Connection) -> str:
    """A statement that sets every sequence to where it stands now."""
    rows = connection.execute(text(_SEQUENCES)).all()
    calls = ", ".join(f"setval('{name}', {value}, {called})" for name, value, called in rows)
    return f"PERFORM {calls};"

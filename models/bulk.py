"""Many rows by few statements at little cost: each is compiled once, and a row becomes a tuple for the driver.

SQLAlchemy's own path works out every row's parameters anew, and speaks to SQLite's thread three times a statement; for
the hottest rows of the platform both cost more than the database does.
"""

import sqlite3
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, cast

from sqlalchemy import Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]
Rows = dict[Executable, list[Row]]
"""Rows by the insert or update that takes them; those of one statement have the same keys in the same order."""
Values = tuple[Any, ...]
_ROWS_PER_INSERT = (64, 32, 16, 8, 4, 2, 1)
_compiled: dict[tuple[int, str, tuple[str, ...]], "_Bulk"] = {}


async def execute_rows(connection: AsyncConnection, rows: Rows) -> None:
    """Write rows in the transaction that `connection` is in."""
    for statement, of_statement in rows.items():
        bulk = _bulk(statement, connection.dialect, of_statement[0])
        await connection.exec_driver_sql(bulk.sql, bulk.values(of_statement))


async def commit_rows_to_sqlite(connection: AsyncConnection, rows: Rows) -> None:
    """Write rows in a transaction of their own, by one visit to SQLite's thread. Raises DBAPIError, and keeps none."""
    dialect = connection.dialect
    bulks = [(_bulk(statement, dialect, of_statement[0]), of_statement) for statement, of_statement in rows.items()]
    jobs = [job for bulk, of_statement in bulks for job in bulk.jobs(bulk.values(of_statement))]
    driver = (await connection.get_raw_connection()).driver_connection
    # aiosqlite has no public way to do several things in one visit; tests/models/test_bulk.py would notice a change.
    await cast(Any, driver)._execute(_commit, cast(Any, driver)._conn, jobs)


class _Bulk:
    """A compiled statement. Holds on to the statement, so that its id stays its own."""

    def __init__(self, statement: Executable, dialect: Dialect, columns: tuple[str, ...]) -> None:
        self.statement = statement
        compiled = cast(Any, statement).compile(dialect=dialect, column_keys=list(columns))
        names: list[str] = list(compiled.positiontup)
        self.sql = str(compiled)
        self._one_row = f"VALUES ({', '.join('?' * len(names))})"
        constants = {name: compiled.params[name] for name in names if name not in columns}
        converters = {name: _converter(compiled.binds[name], dialect) for name in names}
        self._values_of = _tuple_maker(names, constants, converters)

    def values(self, rows: Sequence[Row]) -> list[Values]:
        """The rows as the driver wants them."""
        return [self._values_of(row) for row in rows]

    def jobs(self, values: list[Values]) -> list[tuple[str, Any, bool]]:
        """What SQLite is to execute: (SQL, parameters, whether they are many rows).

        Inserts take many rows in one statement: it gives up Python's lock once a statement, and getting that back from
        a busy event loop takes long. The numbers of rows are few, so that SQLite remembers the statements.
        """
        if self._one_row not in self.sql:
            return [(self.sql, values, True)]
        jobs: list[tuple[str, Any, bool]] = []
        place = 0
        for size in _ROWS_PER_INSERT:
            while len(values) - place >= size:
                several = self._one_row + (", " + self._one_row.removeprefix("VALUES ")) * (size - 1)
                parameters = tuple(chain.from_iterable(values[place : place + size]))
                jobs.append((self.sql.replace(self._one_row, several), parameters, False))
                place += size
        return jobs


def _tuple_maker(
    names: Sequence[str], constants: dict[str, Any], converters: dict[str, Callable[[Any], Any] | None]
) -> Callable[[Row], Values]:
    """A function from row to tuple, written out for these columns: a loop over twenty of them costs far more."""
    known: dict[str, Any] = {}
    parts: list[str] = []
    for place, name in enumerate(names):
        value, convert = f"row[{name!r}]", converters[name]
        if name in constants:
            value = f"c{place}"
            known[value] = constants[name]
        if convert is not None:
            known[f"f{place}"] = convert
            value = f"f{place}({value})"
        parts.append(value)
    return eval(f"lambda row: ({', '.join(parts)},)", known)  # noqa: S307 - names of our own columns, nothing from outside


def _bulk(statement: Executable, dialect: Dialect, row: Row) -> _Bulk:
    key = (id(statement), dialect.name, tuple(row))
    bulk = _compiled.get(key)
    if bulk is None:
        bulk = _compiled[key] = _Bulk(statement, dialect, key[2])
    return bulk


def _converter(bind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


def _commit(connection: sqlite3.Connection, jobs: list[tuple[str, Any, bool]]) -> None:
    sql = "BEGIN IMMEDIATE"
    try:
        connection.execute(sql)
        for sql, parameters, is_many in jobs:
            (connection.executemany if is_many else connection.execute)(sql, parameters)
        sql = "COMMIT"
        connection.execute(sql)
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise DBAPIError.instance(sql, None, error, sqlite3.Error) from error

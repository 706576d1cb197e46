"""Many rows by few statements at little cost: each is compiled once, and a row becomes a list for the driver.

SQLAlchemy's own path works out every row's parameters anew, and speaks to SQLite's thread three times a statement; for
the hottest rows of the platform both cost more than the database does.
"""

import re
import sqlite3
from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Boolean, Executable, Float
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]
Rows = dict[Executable, list[Row]]
"""Rows by the insert or update that takes them; those of one statement have the same keys in the same order."""
Values = list[Any]
_ROWS_PER_INSERT = (64, 32, 16, 8, 4, 2, 1)
_POSTGRES_ROW = re.compile(r"VALUES \((\$\d+::[A-Z ]+(?:, \$\d+::[A-Z ]+)*)\)")
_ON_CONFLICT = re.compile(r"ON CONFLICT \(([^)]*)\)")
_compiled: dict[tuple[int, str, tuple[str, ...]], "_Bulk"] = {}


async def execute_rows(connection: AsyncConnection, rows: Rows) -> None:
    """Write rows in the transaction that `connection` is in."""
    for statement, of_statement in rows.items():
        bulk = _bulk(statement, connection.dialect, of_statement[0])
        values = bulk.values(of_statement)
        if bulk.sql_of_columns is not None and bulk.are_distinct(of_statement):
            await connection.exec_driver_sql(bulk.sql_of_columns, tuple(zip(*values, strict=True)))
        else:
            await connection.exec_driver_sql(bulk.sql, [tuple(row) for row in values])


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
        self.sql_of_columns = _taking_columns(self.sql, len(names))
        """PostgreSQL: the insert that takes a list for each column, and all rows at once; None where it cannot."""
        target = _ON_CONFLICT.search(self.sql)
        self._key_of = None if target is None else itemgetter(*target[1].split(", "))
        self._one_row = f"VALUES ({', '.join('?' * len(names))})"
        self._sql_of_several: dict[int, str] = {}
        self._constants = {name: compiled.params[name] for name in names if name not in columns}
        self._values_of: Callable[[Row], Values] = _reader(names)
        converters = [(place, _converter(compiled.binds[name], dialect)) for place, name in enumerate(names)]
        self._converters = [(place, convert) for place, convert in converters if convert is not None]

    def are_distinct(self, rows: Sequence[Row]) -> bool:
        """Whether no two rows conflict with each other: within one statement PostgreSQL would refuse the second."""
        return self._key_of is None or len(set(map(self._key_of, rows))) == len(rows)

    def values(self, rows: Sequence[Row]) -> list[Values]:
        """The rows as the driver wants them: None as it is, everything else converted where its type asks for it."""
        constants, values_of, converters = self._constants, self._values_of, self._converters
        found: list[Values] = []
        for row in rows:
            values = values_of(row | constants if constants else row)
            for place, convert in converters:
                value = values[place]
                if value is not None:
                    values[place] = convert(value)
            found.append(values)
        return found

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
                parameters = list(chain.from_iterable(values[place : place + size]))
                jobs.append((self._sql_of(size), parameters, False))
                place += size
        return jobs

    def _sql_of(self, size: int) -> str:
        """The insert of so many rows."""
        sql = self._sql_of_several.get(size)
        if sql is None:
            several = self._one_row + (", " + self._one_row.removeprefix("VALUES ")) * (size - 1)
            sql = self._sql_of_several[size] = self.sql.replace(self._one_row, several)
        return sql


def _taking_columns(sql: str, parameters: int) -> str | None:
    found = _POSTGRES_ROW.search(sql)
    if found is None or len(found[1].split(", ")) != parameters:  # some stand elsewhere, such as after ON CONFLICT
        return None
    columns = ", ".join(f"{column}[]" for column in found[1].split(", "))
    return f"{sql[: found.start()]}SELECT * FROM unnest({columns}){sql[found.end() :]}"  # noqa: S608 - our own SQL


def _reader(names: list[str]) -> Callable[[Row], Values]:
    if len(names) == 1:
        return lambda row: [row[names[0]]]
    read: Callable[[Row], Values] = itemgetter(*names)
    return lambda row: list(read(row))


def _bulk(statement: Executable, dialect: Dialect, row: Row) -> _Bulk:
    key = (id(statement), dialect.name, tuple(row))
    bulk = _compiled.get(key)
    if bulk is None:
        bulk = _compiled[key] = _Bulk(statement, dialect, key[2])
    return bulk


def _converter(bind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(bind.type, Float | Boolean):  # drivers take Python's own
        return None
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

"""Many rows by one statement at little cost: it is compiled once, and each row becomes a tuple for the driver."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]
_compiled: dict[tuple[int, str, tuple[str, ...]], "_Bulk"] = {}


async def execute_rows(connection: AsyncConnection, statement: Executable, rows: Sequence[Row]) -> None:
    """Execute an insert or update that returns nothing for each of `rows`, which all have the same keys in one order.

    SQLAlchemy's own path works out every row's parameters anew, which costs as much as the database does.
    """
    dialect = connection.dialect
    key = (id(statement), dialect.name, tuple(rows[0]))
    bulk = _compiled.get(key)
    if bulk is None:
        bulk = _compiled[key] = _Bulk(statement, dialect, key[2])
    await connection.exec_driver_sql(bulk.sql, bulk.parameters(rows))


class _Bulk:
    """A compiled statement. Holds on to the statement, so that its id stays its own."""

    def __init__(self, statement: Executable, dialect: Dialect, columns: tuple[str, ...]) -> None:
        self.statement = statement
        compiled = cast(Any, statement).compile(dialect=dialect, column_keys=list(columns))
        names: list[str] = list(compiled.positiontup)
        self.sql = str(compiled)
        self._constants = {name: compiled.params[name] for name in names if name not in columns}
        self._pick = itemgetter(*names, names[0])  # one more than needed, for a tuple even of one name
        self._converters = [
            (place, converter)
            for place, name in enumerate(names)
            if (converter := _converter(compiled.binds[name], dialect)) is not None
        ]

    def parameters(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """The rows as the driver wants them."""
        if self._constants:
            rows = [self._constants | row for row in rows]
        return [self._values(row) for row in rows]

    def _values(self, row: Row) -> tuple[Any, ...]:
        values = list(self._pick(row))
        values.pop()
        for place, convert in self._converters:
            values[place] = convert(values[place])
        return tuple(values)


def _converter(bind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)

"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, Numeric, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Primary key of a table that may outgrow 32 bits."""

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON document; None is the database's NULL, not JSON's."""


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return value.astimezone(UTC)


def _text_of(value: datetime | None) -> str | None:
    value = _in_utc(value)
    return None if value is None else value.isoformat(" ", "microseconds")[:26]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept and returned in UTC; naive values are refused, for nobody knows what they mean.

    SQLite has no such type: there it is text that sorts, `2026-11-22 10:00:00.000000`.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(26) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return _text_of(value) if dialect.name == "sqlite" else _in_utc(value)

    # Documented as a method to override; the base class's own signature is typed as the wrapper it builds.
    def bind_processor(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, dialect: Dialect
    ) -> Callable[[Any], Any]:
        """The same as one plain function: every stored message brings three times."""
        return _text_of if dialect.name == "sqlite" else _in_utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """A decimal amount, exact on both databases: SQLite has no decimals, so it keeps the digits as text."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(40) if dialect.name == "sqlite" else Numeric(20, 6))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)

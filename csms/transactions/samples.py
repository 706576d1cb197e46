"""Where a transaction's meter values are found: by their moment, at its station and EVSE, within its span.

All of them lie at the EVSE of the transaction's row: see csms.transactions.metering and moving.
"""

from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, and_, false, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from csms.transactions.span import LAST, span_of
from models import MeterValue, Transaction
from models.types import UtcDateTime


class _Moment(FunctionElement[Any]):
    """A moment that is kept as text in a document, as a moment of the database."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_Moment)
def _as_it_is(element: _Moment, compiler: Any, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    return compiler.process(element.clauses, **options)


@compiles(_Moment, "postgresql")
def _as_timestamp(element: _Moment, compiler: Any, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    return f"({compiler.process(element.clauses, **options)}::timestamp AT TIME ZONE 'UTC')"


def _told(end: str) -> ColumnElement[Any]:
    return _Moment(cast(Any, col(Transaction.machine))[("samples", end)].as_string())


_SINCE = func.coalesce(_told("since"), col(Transaction.started_at))
_UNTIL = func.coalesce(_told("until"), col(Transaction.ended_at), literal(LAST, UtcDateTime()))
"""csms.transactions.span.span_of in SQL, but for the gap: whoever comes from the newest meets it last."""


def newest_sample(sample: Any = None, *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Id of the newest meter value of the transaction of a surrounding query; `where` is about `sample`, its alias.

    The order is the unique moment's own: read backwards, the first that is the transaction's is the one.
    """
    sample = aliased(MeterValue) if sample is None else sample
    return (
        select(sample.id)
        .where(
            sample.station_id == Transaction.station_id,
            sample.evse_number == Transaction.evse_number,
            sample.sampled_at >= _SINCE,
            sample.sampled_at <= _UNTIL,
            sample.transaction_id == Transaction.id,
            *where,
        )
        .order_by(sample.sampled_at.desc(), sample.context.desc())
        .limit(1)
        .correlate(Transaction)
        .scalar_subquery()
    )


def samples_of(row: Transaction) -> ColumnElement[bool]:
    """The condition that finds all meter values of a transaction."""
    ranges = span_of(row.machine, row.started_at, row.ended_at).ranges()
    return and_(
        col(MeterValue.station_id) == row.station_id,
        col(MeterValue.evse_number) == row.evse_number,
        col(MeterValue.transaction_id) == row.id,
        or_(false(), *(col(MeterValue.sampled_at).between(since, until) for since, until in ranges)),
    )

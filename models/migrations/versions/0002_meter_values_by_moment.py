"""Read meter values by their moment

A transaction's meter values are found at its station and EVSE, within the span of time that its `machine` remembers;
the index by transaction goes. What is there already is brought into that order: values that were stored under another
EVSE than their transaction's, and transactions whose values lie outside of their times, or that are still open.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MEASURED = (
    "transaction_energy_wh",
    "energy_wh",
    "energy_export_wh",
    "energy_interval_wh",
    "power_w",
    "power_offered_w",
    "current_a",
    "current_l1_a",
    "current_l2_a",
    "current_l3_a",
    "current_offered_a",
    "voltage_v",
    "voltage_l1_v",
    "voltage_l2_v",
    "voltage_l3_v",
    "soc_percent",
    "temperature_c",
    "frequency_hz",
    "other",
    "transaction_id",
    "seq_no",
)
transaction = sa.table(
    "transaction",
    sa.column("id", sa.Integer()),
    sa.column("evse_number", sa.Integer()),
    sa.column("is_open", sa.Boolean()),
    sa.column("started_at", models.types.UtcDateTime()),
    sa.column("ended_at", models.types.UtcDateTime()),
    sa.column("machine", models.types.Json),
)
meter_value = sa.table(
    "meter_value",
    sa.column("id", models.types.BigId),
    sa.column("station_id", sa.Integer()),
    sa.column("evse_number", sa.Integer()),
    sa.column("sampled_at", models.types.UtcDateTime()),
    sa.column("context", sa.String()),
    *(sa.column(name) for name in MEASURED),
)


def upgrade() -> None:
    _move_to_their_evse(op.get_bind())
    _remember_spans(op.get_bind())
    op.drop_index("ix_meter_value_transaction", table_name="meter_value")


def downgrade() -> None:
    op.create_index("ix_meter_value_transaction", "meter_value", ["transaction_id", "sampled_at"])


def _move_to_their_evse(bind: sa.Connection) -> None:
    value, owner = meter_value.c, transaction.c
    misplaced = (
        sa.select(value.id, value.station_id, value.sampled_at, value.context, owner.evse_number)
        .join_from(meter_value, transaction, owner.id == value.transaction_id)
        .where(value.evse_number != owner.evse_number)
        .order_by(value.id)
    )
    for number, station_id, sampled_at, context, evse_number in bind.execute(misplaced).all():
        there = sa.select(value.id).where(
            value.station_id == station_id,
            value.evse_number == evse_number,
            value.sampled_at == sampled_at,
            value.context == context,
        )
        twin = bind.scalar(there)
        if twin is None:
            bind.execute(sa.update(meter_value).where(value.id == number).values(evse_number=evse_number))
        else:
            _merge(bind, number, into=twin)


def _merge(bind: sa.Connection, number: int, into: int) -> None:
    """As when a station repeats a moment: the new measurements hold, the others stay."""
    other = meter_value.alias()
    merged: dict[str, Any] = {
        name: sa.func.coalesce(
            sa.select(other.c[name]).where(other.c.id == number).scalar_subquery(), meter_value.c[name]
        )
        for name in MEASURED
    }
    bind.execute(sa.update(meter_value).where(meter_value.c.id == into).values(merged))
    bind.execute(sa.delete(meter_value).where(meter_value.c.id == number))


def _remember_spans(bind: sa.Connection) -> None:
    value, owner = meter_value.c, transaction.c
    ends = (
        sa.select(
            value.transaction_id,
            sa.func.min(value.sampled_at).label("first"),
            sa.func.max(value.sampled_at).label("last"),
        )
        .where(value.transaction_id.is_not(None))
        .group_by(value.transaction_id)
        .subquery()
    )
    odd = (
        sa.select(owner.id, owner.machine, ends.c.first, ends.c.last)
        .join_from(transaction, ends, ends.c.transaction_id == owner.id, isouter=True)
        .where(sa.or_(owner.is_open, ends.c.first < owner.started_at, ends.c.last > owner.ended_at))
    )
    for number, machine, first, last in bind.execute(odd).all():
        samples = {"since": _text(first, "9999-01-01"), "until": _text(last, "0001-01-01")}
        bind.execute(
            sa.update(transaction).where(owner.id == number).values(machine={**(machine or {}), "samples": samples})
        )


def _text(at: datetime | None, without: str) -> str:
    return f"{without} 00:00:00.000000" if at is None else at.isoformat(" ", "microseconds")[:26]

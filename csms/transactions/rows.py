"""Statements of the hot path: one wide row per moment, merged with what an earlier frame said of the same moment."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, Table, bindparam, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from csms.stations.ref import StationRef
from csms.transactions.machine import State
from csms.transactions.meter import Moment
from csms.transactions.restore import STATE_COLUMNS, state_values
from models import MeterValue, Transaction


def _table(model: type[Any]) -> Table:
    return model.__table__


_METER, _TRANSACTION = _table(MeterValue), _table(Transaction)
_MEASURED = (
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


def _merging(statement: Any) -> Executable:
    merged = {name: func.coalesce(statement.excluded[name], _METER.c[name]) for name in _MEASURED}
    key = ["station_id", "evse_number", "sampled_at", "context"]
    return statement.on_conflict_do_update(index_elements=key, set_=merged)


_INSERT: dict[str, Any] = {"sqlite": sqlite.insert(_METER), "postgresql": postgresql.insert(_METER)}
MERGE_METER_VALUE = {dialect: _merging(insert) for dialect, insert in _INSERT.items()}
"""By dialect: insert a meter value; one of the same moment and context takes the new measurements, keeps the others."""

SET_STATE = (
    update(_TRANSACTION)
    .where(_TRANSACTION.c.id == bindparam("of_id"), _TRANSACTION.c.tenant_id == bindparam("of_tenant"))
    .values({name: bindparam(f"new_{name}") for name in STATE_COLUMNS})
    .where(_TRANSACTION.c.is_open)
)
"""Bring an open transaction's row up to its state, for news that no meter value carries. Never reopens one."""

SET_MACHINE = (
    update(_TRANSACTION)
    .where(_TRANSACTION.c.id == bindparam("of_id"), _TRANSACTION.c.tenant_id == bindparam("of_tenant"))
    .values(machine=bindparam("new_machine"))
)
"""Only what the state machine remembers."""


def merge_meter_values_of(dialect: str, where: ColumnElement[bool], evse_number: int) -> Executable:
    """Insert the meter values that meet `where` once more, at another EVSE; merged like any that come again."""
    columns = [column for column in _METER.c if column.name not in ("id", "evse_number")]
    moved = select(*columns, literal(evse_number)).where(where).order_by(_METER.c.id)
    return _merging(_INSERT[dialect].from_select([*(column.name for column in columns), "evse_number"], moved))


def state_row(ref: StationRef, transaction_id: int, state: State) -> dict[str, Any]:
    """Parameters of SET_STATE."""
    values = {f"new_{name}": value for name, value in state_values(state).items()}
    return {"of_id": transaction_id, "of_tenant": ref.tenant_id, **values}


def meter_row(
    ref: StationRef,
    evse_number: int,
    transaction_id: int | None,
    moment: Moment,
    received_at: datetime,
    transaction_energy_wh: int | None,
    seq_no: int | None,
) -> dict[str, Any]:
    """Parameters of MERGE_METER_VALUE."""
    return {
        "tenant_id": ref.tenant_id,
        "station_id": ref.id,
        "evse_number": evse_number,
        "transaction_id": transaction_id,
        "sampled_at": moment.sampled_at,
        "received_at": received_at,
        "context": moment.context,
        "seq_no": seq_no,
        "energy_wh": moment.energy_wh,
        "transaction_energy_wh": transaction_energy_wh,
        "energy_export_wh": moment.energy_export_wh,
        "energy_interval_wh": moment.energy_interval_wh,
        "power_w": moment.power_w,
        "power_offered_w": moment.power_offered_w,
        "current_a": moment.current_a,
        "current_l1_a": moment.current_l1_a,
        "current_l2_a": moment.current_l2_a,
        "current_l3_a": moment.current_l3_a,
        "current_offered_a": moment.current_offered_a,
        "voltage_v": moment.voltage_v,
        "voltage_l1_v": moment.voltage_l1_v,
        "voltage_l2_v": moment.voltage_l2_v,
        "voltage_l3_v": moment.voltage_l3_v,
        "soc_percent": moment.soc_percent,
        "temperature_c": moment.temperature_c,
        "frequency_hz": moment.frequency_hz,
        "other": moment.other,
    }

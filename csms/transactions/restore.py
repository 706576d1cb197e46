"""From a transaction's row and its newest meter value to the machine's state, and back: a restart loses nothing."""

from collections.abc import Sequence as Rows
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from csms.tariffs.pricing import Prices
from csms.transactions.energy import COUNTING, Drop, Progress
from csms.transactions.machine import State
from csms.transactions.running import Closed, Running
from csms.transactions.samples import newest_sample
from csms.transactions.sequence import Sequence
from csms.transactions.span import span_of
from models import MeterValue, TariffVersion, Transaction

Loaded = tuple[Transaction, Running]


def _query() -> Select[tuple[Transaction, MeterValue | None, dict[str, Any] | None]]:
    """Transactions with the newest meter value that moved their energy, and their prices."""
    sample: Any = aliased(MeterValue)
    counted = newest_sample(sample, sample.transaction_energy_wh.is_not(None), sample.context.in_(COUNTING))
    return cast(
        Any,
        select(Transaction, MeterValue, col(TariffVersion.prices))
        .select_from(Transaction)
        .outerjoin(MeterValue, col(MeterValue.id) == counted)
        .outerjoin(TariffVersion, col(TariffVersion.id) == col(Transaction.tariff_version_id)),
    )


async def load(session: AsyncSession, *where: Any, limit: int = 50) -> Rows[Loaded]:
    """Transactions of the tenant in scope that meet `where`, newest first, each with its state."""
    query = _query().where(*where).order_by(col(Transaction.id).desc()).limit(limit)
    rows: Rows[Any] = (await session.execute(query)).all()
    return [(row, _running(row, newest, prices)) for row, newest, prices in rows]


async def load_closed(session: AsyncSession, station_id: int, limit: int) -> list[tuple[str, Closed]]:
    """The transactions that started last at a station and have ended, newest first, by their ids on the wire."""
    columns = ("id", "ocpp_id", "evse_number", "started_at", "ended_at", "machine")
    query = (
        select(*(getattr(Transaction, name) for name in columns))
        .where(col(Transaction.station_id) == station_id, ~col(Transaction.is_open))
        .order_by(col(Transaction.started_at).desc())
        .limit(limit)
    )
    latest: Rows[Any] = (await session.execute(cast(Any, query))).all()
    return [
        (str(ocpp_id), Closed(number, evse_number, span_of(machine, started_at, ended_at), machine))
        for number, ocpp_id, evse_number, started_at, ended_at, machine in latest
    ]


def _running(row: Transaction, newest: MeterValue | None, prices: dict[str, Any] | None) -> Running:
    return Running(
        id=cast(int, row.id),
        ocpp_id=row.ocpp_id or str(row.id),
        evse_number=row.evse_number,
        state=state_of(row, newest),
        prices=None if prices is None else Prices.from_json(prices),
        currency=row.currency,
    )


def state_of(row: Transaction, newest: MeterValue | None) -> State:
    """The state of a transaction; `newest` is its latest meter value with an energy of its own."""
    memory = row.machine
    sequence = _sequence(row, newest, memory)
    return State(
        started_at=row.started_at,
        start_wh=row.start_energy_wh,
        is_open=row.is_open,
        charging_state=row.charging_state,
        state_at=datetime.fromisoformat(memory["state_at"]) if "state_at" in memory else None,
        ended_at=row.ended_at,
        end_wh=row.end_energy_wh,
        stop_reason=row.stop_reason,
        progress=_progress(row, newest),
        sequence=sequence,
        samples=span_of(memory, row.started_at, row.ended_at),
        remarks=tuple(row.remarks),
        signed_start=memory.get("signed_start", False),
    )


def _sequence(row: Transaction, newest: MeterValue | None, memory: dict[str, Any]) -> Sequence:
    seen = [number for number in (row.last_seq_no, newest.seq_no if newest else None) if number is not None]
    return Sequence(max(seen, default=None), tuple(memory.get("missing", ())))


def _progress(row: Transaction, newest: MeterValue | None) -> Progress:
    """As the row tells it, moved on by a meter value that is newer than what the row knows of."""
    known = _as_written(row, newest)
    if newest is None or (known.at is not None and (not row.is_open or newest.sampled_at <= known.at)):
        return known
    if not row.is_open:
        return replace(known, at=newest.sampled_at)
    return replace(
        known, energy_wh=newest.transaction_energy_wh or 0, register_wh=newest.energy_wh, at=newest.sampled_at
    )


def _as_written(row: Transaction, newest: MeterValue | None) -> Progress:
    """Where things stood when the row was written last; power and state of charge are only in meter values."""
    memory = row.machine
    return Progress(
        energy_wh=row.energy_wh,
        register_wh=memory.get("register_wh"),
        at=datetime.fromisoformat(memory["counted_at"]) if "counted_at" in memory else None,
        power_w=newest.power_w if newest else None,
        soc_percent=newest.soc_percent if newest else None,
        source=row.energy_source,
        estimated=row.energy_estimated,
        drop=Drop(*memory["drop"]) if "drop" in memory else None,
    )


STATE_COLUMNS = (
    "started_at",
    "start_energy_wh",
    "is_open",
    "charging_state",
    "ended_at",
    "end_energy_wh",
    "stop_reason",
    "last_seq_no",
    "energy_wh",
    "energy_source",
    "energy_estimated",
    "remarks",
    "machine",
)
"""The columns of the transaction's row that tell its state."""


def state_values(state: State) -> dict[str, Any]:
    """STATE_COLUMNS, as they stand in `state`."""
    progress = state.progress
    return {
        "started_at": state.started_at,
        "start_energy_wh": state.start_wh,
        "is_open": state.is_open,
        "charging_state": state.charging_state,
        "ended_at": state.ended_at,
        "end_energy_wh": state.end_wh,
        "stop_reason": state.stop_reason,
        "last_seq_no": state.sequence.last,
        "energy_wh": progress.energy_wh,
        "energy_source": progress.source,
        "energy_estimated": progress.estimated,
        "remarks": list(state.remarks),
        "machine": memory_of(state),
    }


def memory_of(state: State) -> dict[str, Any]:
    """What of `state` no other column of the transaction's row tells."""
    progress, drop = state.progress, state.progress.drop
    memory = {
        "state_at": state.state_at.isoformat() if state.state_at else None,
        "missing": list(state.sequence.missing) or None,
        "counted_at": progress.at.isoformat() if progress.at else None,
        "register_wh": progress.register_wh,
        "samples": state.samples.to_json(),
        "drop": [drop.register_wh, drop.energy_wh] if drop else None,
        "signed_start": state.signed_start or None,
    }
    return {key: value for key, value in memory.items() if value is not None}

"""Opens a transaction, once: a repeated start finds the one it opened before (E02, X16_01, DS_23, DS_29)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.service import Decision, decide
from csms.bus.events import TransactionStarted
from csms.cause import current_cause
from csms.stations.ref import StationRef
from csms.tariffs.service import tariff_for
from csms.transactions.continuity import continuity_remarks
from csms.transactions.machine import State, remarked
from csms.transactions.origin import Origin
from csms.transactions.reports import TokenRef
from csms.transactions.restore import Loaded, load, memory_of
from csms.transactions.running import Running
from csms.work import Work
from models import Transaction

NO_AUTHORIZATION = "NoAuthorization"


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of a transaction when it is first heard of. Numbers and times are within bounds."""

    start_key: str
    ocpp_id: str | None
    """None in 1.6: our own id becomes it."""
    evse_number: int
    connector_number: int
    token: TokenRef | None
    decision: Decision | None
    started_at: datetime
    received_at: datetime
    meter_wh: int | None = None
    charging_state: str = "EVConnected"
    origin: Origin | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """An open transaction, and the older ones it showed to be lost."""

    row: Transaction
    entry: Running
    superseded: list[Running]


async def judge(session: AsyncSession, ref: StationRef, token: TokenRef | None, now: datetime) -> Decision | None:
    """What we say of a token; one that stands for no authorization at all is accepted (C02)."""
    if token is None:
        return None
    if token.type == NO_AUTHORIZATION or not token.value:
        return Decision("Accepted")
    return await decide(session, token.value, now, type=token.type, station=ref)


async def find_by_key(session: AsyncSession, ref: StationRef, start_key: str) -> Loaded | None:
    """The transaction a start with this key opened."""
    found = await load(session, col(Transaction.station_id) == ref.id, col(Transaction.start_key) == start_key, limit=1)
    return found[0] if found else None


async def open_transaction(work: Work, ref: StationRef, opening: Opening) -> Opened:
    """Store the transaction, flag what it supersedes, and announce it; or find it, when another process was faster."""
    transaction_id = await _insert(work, ref, opening)
    superseded: list[Running] = []
    if transaction_id is not None:
        superseded = await flag_superseded(work.session(), ref, transaction_id, opening.evse_number)
    row, entry = cast(Loaded, await find_by_key(work.session(), ref, opening.start_key))
    if transaction_id is not None:
        row.ocpp_id = entry.ocpp_id
        await _look_back(work, ref, row, entry)
        work.announce(_started(ref, row, entry, opening))
    return Opened(row, entry, superseded)


async def _look_back(work: Work, ref: StationRef, row: Transaction, entry: Running) -> None:
    """Remark where the meter does not go on from the session before (DS_12)."""
    if entry.state.start_wh is None or not row.evse_number:
        return
    for remark in await continuity_remarks(work, ref, row, entry.state.start_wh):
        entry.state = remarked(entry.state, remark)
    row.remarks = list(entry.state.remarks)


async def _insert(work: Work, ref: StationRef, opening: Opening) -> int | None:
    insert = sqlite.insert if work.dialect == "sqlite" else postgresql.insert
    statement = (
        insert(Transaction)
        .values(await _values(work.session(), ref, opening))
        .on_conflict_do_nothing(index_elements=["station_id", "start_key"])
        .returning(col(Transaction.id))
    )
    return (await work.session().execute(statement)).scalar_one_or_none()


async def _values(session: AsyncSession, ref: StationRef, opening: Opening) -> dict[str, Any]:
    at = opening.started_at
    tariff = await tariff_for(session, ref, opening.evse_number, opening.connector_number, at)
    token, decision, origin = opening.token, opening.decision, opening.origin
    row = Transaction(
        tenant_id=ref.tenant_id,
        station_id=ref.id,
        location_id=ref.location_id,
        evse_number=opening.evse_number,
        connector_number=opening.connector_number,
        ocpp_id=opening.ocpp_id,
        start_key=opening.start_key,
        id_token=token.value[:255] if token else "",
        id_token_type=token.type[:20] if token else "",
        authorization_status=decision.status if decision else "",
        authorization_reason=decision.reason if decision else "",
        id_token_id=decision.id_token_id if decision else None,
        token_group=(decision.group or None) if decision else None,
        driver_id=decision.driver_id if decision else None,
        remote_start_id=origin.remote_start_id if origin else None,
        charging_state=opening.charging_state,
        started_at=at,
        start_received_at=opening.received_at,
        start_energy_wh=opening.meter_wh,
        currency=tariff.currency if tariff else "",
        tariff_version_id=tariff.tariff_version_id if tariff else None,
        remarks=[*opening.remarks, *unauthorized(decision)],
        machine=memory_of(State(at)),
    )
    return row.model_dump(exclude={"id"})


def unauthorized(decision: Decision | None) -> tuple[str, ...]:
    """The remark for energy that flowed, or will, without our consent."""
    return () if decision is None or decision.status == "Accepted" else ("unauthorized",)


async def flag_superseded(
    session: AsyncSession, ref: StationRef, transaction_id: int, evse_number: int
) -> list[Running]:
    """Remark on older transactions still open there. They stay open: a late stop still wins (X16_02, DS_24, DS_28)."""
    if not evse_number:
        return []
    older = await load(
        session,
        col(Transaction.station_id) == ref.id,
        col(Transaction.is_open),
        col(Transaction.evse_number) == evse_number,
        col(Transaction.id) < transaction_id,
    )
    for row, entry in older:
        entry.state = remarked(entry.state, "superseded")
        row.remarks = list(entry.state.remarks)
    return [entry for _, entry in older]


def _started(ref: StationRef, row: Transaction, entry: Running, opening: Opening) -> TransactionStarted:
    return TransactionStarted(
        tenant_id=ref.tenant_id,
        station_id=ref.id,
        at=row.started_at,
        cause_id=(opening.origin.cause_id if opening.origin else None) or current_cause(),
        transaction_id=entry.id,
        location_id=row.location_id,
        evse_number=row.evse_number,
        connector_number=row.connector_number,
        id_token=row.id_token,
        started_at=row.started_at,
        charging_state=row.charging_state,
        energy_wh=row.energy_wh,
        cost=entry.cost(entry.state, row.started_at),
        currency=row.currency,
        remote_start_id=row.remote_start_id,
    )

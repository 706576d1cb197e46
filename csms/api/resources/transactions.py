"""Charging sessions as OCPP sees them, and what their meters said."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Identity, Listed, LongText, Moment, RowId, Shape
from csms.authorization.keys import token_key
from csms.errors import NotFoundError
from csms.stations.managing import find_station
from csms.transactions.queries import TransactionDetail, TransactionRow, transaction_detail, transaction_rows
from csms.transactions.repairing import close_lost
from csms.transactions.samples import samples_of
from csms.work import Work
from models import ChargingStation, MeterValue, Transaction

router = new_router("transactions")
_ORDER = Ordering(
    col(Transaction.id),
    {
        "id": Key(col(Transaction.id), int),
        "startedAt": Key(col(Transaction.started_at), datetime),
        "energyWh": Key(col(Transaction.energy_wh), int),
    },
    "-startedAt",
)
_METER = Ordering(
    col(MeterValue.id),
    {"sampledAt": Key(col(MeterValue.sampled_at), datetime), "id": Key(col(MeterValue.id), int)},
    "sampledAt",
)
_MOVING = frozenset({"energyWh", "cost", "chargingState", "powerW", "socPercent", "sampledAt", "durationS", "remarks"})
_Token = Annotated[str, Query(alias="idToken", max_length=255, description="Started with this token.")]
_Active = Annotated[bool | None, Query(description="Running, or ended.")]


class TransactionShape(Shape):
    """A session. While it runs, energy and cost are those of the newest meter value."""

    volatile: ClassVar[frozenset[str]] = _MOVING

    id: int
    ocpp_id: str
    """The id on the wire."""
    station: str = Field(examples=["DE-BER-001"])
    location_id: int
    evse_number: int
    connector_number: int
    id_token: str
    authorization_status: str = Field(examples=["Accepted"])
    is_open: bool
    charging_state: str = Field(examples=["Charging"])
    started_at: Moment
    ended_at: Moment | None
    duration_s: int | None
    energy_wh: int = Field(examples=[12_345])
    cost: Decimal | None = Field(examples=["4.93"])
    currency: str
    stop_reason: str | None
    remarks: list[str]
    """What was odd: docs/transactions.md."""


class TransactionDetailShape(TransactionShape):
    """A session with what its meter said last."""

    start_energy_wh: int | None
    end_energy_wh: int | None
    energy_source: str
    energy_estimated: bool
    id_token_type: str
    stop_id_token: str | None
    driver: str | None
    remote_start_id: int | None
    tariff: str | None
    sampled_at: Moment | None
    power_w: float | None
    soc_percent: float | None


class MeterValueShape(Shape):
    """All that the meter said at one moment."""

    sampled_at: Moment
    context: str = Field(examples=["Sample.Periodic"])
    energy_wh: int | None
    transaction_energy_wh: int | None
    energy_export_wh: int | None
    energy_interval_wh: int | None
    power_w: float | None
    power_offered_w: float | None
    current_a: float | None
    current_l1_a: float | None
    current_l2_a: float | None
    current_l3_a: float | None
    current_offered_a: float | None
    voltage_v: float | None
    voltage_l1_v: float | None
    voltage_l2_v: float | None
    voltage_l3_v: float | None
    soc_percent: float | None
    temperature_c: float | None
    frequency_hz: float | None
    other: list[Any] | None
    """Samples without a column of their own, as the station sent them."""


class CloseBody(Body):
    """Why a session is given up."""

    reason: LongText = Field(min_length=1, examples=["The station was replaced"])


@router.get("/transactions", response_model=Listed[TransactionShape])
async def list_transactions(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    station: Annotated[str, Query(max_length=255, description="Identity of one station.")] = "",
    id_token: _Token = "",
    active: _Active = None,
    location_id: Annotated[int | None, Query(alias="locationId", ge=1, le=2**31 - 1)] = None,
    driver_id: Annotated[int | None, Query(alias="driverId", ge=1, le=2**31 - 1)] = None,
    since: Annotated[Moment | None, Query(description="Started at this moment or later.")] = None,
    until: Annotated[Moment | None, Query(description="Started before this moment.")] = None,
) -> Listed[TransactionShape]:
    """Sessions, newest first."""
    call.require(Permission.TRANSACTIONS_VIEW)
    conditions: list[Any] = []
    if station:
        this = select(col(ChargingStation.id)).where(col(ChargingStation.identity_key) == station.casefold())
        conditions.append(col(Transaction.station_id).in_(this))
    if location_id is not None:
        conditions.append(col(Transaction.location_id) == location_id)
    if driver_id is not None:
        conditions.append(col(Transaction.driver_id) == driver_id)
    if since is not None:
        conditions.append(col(Transaction.started_at) >= since)
    if until is not None:
        conditions.append(col(Transaction.started_at) < until)
    return await _listed(call, page, id_token, active, conditions)


@router.get("/stations/{identity}/transactions", response_model=Listed[TransactionShape])
async def list_transactions_of_station(
    call: SignedIn,
    identity: Identity,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    id_token: _Token = "",
    active: _Active = None,
) -> Listed[TransactionShape]:
    """Sessions at one station, newest first."""
    call.require(Permission.TRANSACTIONS_VIEW)
    async with call.reading() as session:
        station = await find_station(session, identity)
    return await _listed(call, page, id_token, active, [col(Transaction.station_id) == station.id])


@router.get("/transactions/{transaction_id}", response_model=TransactionDetailShape)
async def get_transaction(call: SignedIn, transaction_id: RowId) -> TransactionDetailShape:
    """One session."""
    call.require(Permission.TRANSACTIONS_VIEW)
    async with call.reading() as session:
        return _detail(await transaction_detail(session, transaction_id))


@router.get("/transactions/{transaction_id}/meter-values", response_model=Listed[MeterValueShape])
async def list_meter_values(
    call: SignedIn, transaction_id: RowId, page: Annotated[PageAsk, Depends(_METER.asked)]
) -> Listed[MeterValueShape]:
    """What the meter said during a session, oldest first."""
    call.require(Permission.TRANSACTIONS_VIEW)
    async with call.reading() as session:
        transaction = await _require(session, transaction_id)
        query = select(MeterValue).where(samples_of(transaction))
        return await _METER.page(session, query, page, lambda row: MeterValueShape.model_validate(row[0]))


@router.post("/transactions/{transaction_id}/close", response_model=TransactionDetailShape, responses={409: {}})
async def close_transaction(
    call: SignedIn, transaction_id: RowId, body: CloseBody, match: IfMatch
) -> TransactionDetailShape:
    """End a session whose end does not arrive, at the last that was heard of it. The station is not asked; a real end
    that comes later takes its place."""

    async def unit(work: Work) -> None:
        call.require(Permission.TRANSACTIONS_REPAIR)
        match.require(_detail(await transaction_detail(work.session(), transaction_id)))
        await close_lost(work, call.actor, transaction_id, body.reason, call.services.clock.now())

    await call.run(unit)
    async with call.reading() as session:
        return _detail(await transaction_detail(session, transaction_id))


async def _listed(
    call: Call, page: PageAsk, id_token: str, active: bool | None, conditions: list[Any]
) -> Listed[TransactionShape]:
    query = select(col(Transaction.id)).where(*conditions)
    if id_token:
        spelled = {id_token, id_token.upper(), id_token.lower(), token_key(id_token), token_key(id_token).upper()}
        query = query.where(col(Transaction.id_token).in_(spelled))
    if active is not None:
        query = query.where(col(Transaction.is_open) if active else ~col(Transaction.is_open))
    async with call.reading() as session:
        rows, following = await _ORDER.rows(session, query, page)
        found = await transaction_rows(session, [row[0] for row in rows])
    return Listed(data=[_shape(row) for row in found], next=following)


async def _require(session: AsyncSession, transaction_id: int) -> Transaction:
    transaction = await session.get(Transaction, transaction_id)
    if transaction is None:
        raise NotFoundError(f"There is no session {transaction_id}.")
    return transaction


def _shape(row: TransactionRow) -> TransactionShape:
    return TransactionShape.model_validate(_told(row))


def _told(row: TransactionRow) -> dict[str, Any]:
    return {**asdict(row), "station": row.station_identity}


def _detail(detail: TransactionDetail) -> TransactionDetailShape:
    told = {name: getattr(detail, name) for name in _OF_DETAIL}
    latest = detail.latest
    more = {"driver": detail.driver_name, "tariff": detail.tariff_name, "sampled_at": latest.sampled_at}
    more |= {"power_w": latest.power_w, "soc_percent": latest.soc_percent}
    return TransactionDetailShape.model_validate(_told(detail.row) | told | more)


_OF_DETAIL = (
    "start_energy_wh",
    "end_energy_wh",
    "energy_source",
    "energy_estimated",
    "id_token_type",
    "stop_id_token",
    "remote_start_id",
)

"""Stations that swap batteries (block S): what lies in which slot, and which batteries went in and out for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.ocpp.timestamps import parse_timestamp
from csms.stations.ref import StationRef
from csms.work import Work
from models import BatterySwap, SlotBattery, SwapState

Json = dict[str, Any]
_LARGEST = 2**63 - 1
_OPEN = (SwapState.REQUESTED, SwapState.PARTLY)


@dataclass(frozen=True, slots=True)
class SwapAsked:
    """A RequestBatterySwap and its answer (S02)."""

    request_id: int
    id_token: str
    id_token_type: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SwapNews:
    """A BatterySwap message. `batteries` as on the wire: evseId, serialNumber, soC and soH in percent."""

    request_id: int
    event: str
    id_token: str
    id_token_type: str
    batteries: Sequence[Json]


async def swap_asked(work: Work, ref: StationRef, asked: SwapAsked, at: datetime) -> None:
    """Record what the station said to a request for a swap; news that came before the answer stays."""
    row = await _swap(work, ref, asked.request_id, at)
    row.id_token, row.id_token_type = asked.id_token[:255], asked.id_token_type[:20]
    row.status, row.reason, row.asked_at, row.updated_at = asked.status, asked.reason, at, at
    if row.state == SwapState.REQUESTED and asked.status != "Accepted":
        row.state = SwapState.REJECTED


async def swap_told(work: Work, ref: StationRef, news: SwapNews, at: datetime) -> None:
    """Keep a BatterySwap (S01 to S04): the swap it belongs to by requestId, and what lies in the slots now."""
    row = await _swap(work, ref, news.request_id, at)
    row.id_token, row.id_token_type = news.id_token[:255], news.id_token_type[:20]
    row.updated_at = at
    if news.event == "BatteryIn":
        row.in_at, row.batteries_in = at, [*row.batteries_in, *news.batteries]
    elif news.event == "BatteryOut":
        row.out_at, row.batteries_out = at, [*row.batteries_out, *news.batteries]
    else:
        row.timed_out_at, row.batteries_left = at, [*row.batteries_left, *news.batteries]
    row.state = _state_of(row, news.event)
    for battery in news.batteries:
        await _place(work, ref, news, battery, at)


async def swaps(session: AsyncSession, station_id: int, limit: int = 50) -> Sequence[BatterySwap]:
    """Swaps of a station, the newest first."""
    query = select(BatterySwap).where(col(BatterySwap.station_id) == station_id)
    return (await session.execute(query.order_by(col(BatterySwap.id).desc()).limit(limit))).scalars().all()


async def batteries_inside(session: AsyncSession, station_id: int) -> Sequence[SlotBattery]:
    """What lies in the slots of a station now, by slot."""
    query = select(SlotBattery).where(col(SlotBattery.station_id) == station_id, col(SlotBattery.removed_at).is_(None))
    return (await session.execute(query.order_by(col(SlotBattery.evse_number)))).scalars().all()


async def battery_history(session: AsyncSession, serial_number: str) -> Sequence[SlotBattery]:
    """Every stay of a battery in a slot of the tenant's, the newest first."""
    query = select(SlotBattery).where(col(SlotBattery.serial_number) == serial_number)
    return (await session.execute(query.order_by(col(SlotBattery.id).desc()))).scalars().all()


async def _swap(work: Work, ref: StationRef, request_id: int, at: datetime) -> BatterySwap:
    """The newest swap with this number that is not over; a new one where there is none."""
    session, number = work.session(), _fitting(request_id)
    query = select(BatterySwap).where(col(BatterySwap.station_id) == ref.id, col(BatterySwap.request_id) == number)
    row = (await session.execute(query.order_by(col(BatterySwap.id).desc()).limit(1))).scalar_one_or_none()
    if row is None or row.state not in _OPEN:
        row = BatterySwap(station_id=ref.id, request_id=number, updated_at=at)
        session.add(row)
    return row


def _state_of(row: BatterySwap, event: str) -> SwapState:
    if event == "BatteryOutTimeout":
        return SwapState.TIMED_OUT
    return SwapState.DONE if row.in_at is not None and row.out_at is not None else SwapState.PARTLY


async def _place(work: Work, ref: StationRef, news: SwapNews, battery: Json, at: datetime) -> None:
    """A battery is in one slot at a time, and a slot holds one battery: what else we believed is over."""
    slot, serial = _fitting(battery["evseId"]), str(battery["serialNumber"])[:50]
    found = None
    for row in await batteries_inside(work.session(), ref.id):
        if (row.evse_number, row.serial_number) == (slot, serial):
            found = row
        elif row.serial_number == serial or row.evse_number == slot:
            row.removed_at, row.updated_at = at, at
    if found is None:
        found = SlotBattery(
            station_id=ref.id, evse_number=slot, serial_number=serial, soc_percent=0, soh_percent=0, updated_at=at
        )
        work.session().add(found)
    _tell(found, battery, at)
    if news.event == "BatteryIn":
        found.inserted_at, found.in_request_id = at, _fitting(news.request_id)
    elif news.event == "BatteryOut":
        found.removed_at, found.out_request_id = at, _fitting(news.request_id)


def _tell(row: SlotBattery, battery: Json, at: datetime) -> None:
    row.soc_percent, row.soh_percent, row.updated_at = float(battery["soC"]), float(battery["soH"]), at
    produced_at = parse_timestamp(battery.get("productionDate"))
    row.produced_at = produced_at or row.produced_at
    row.vendor_info = str(battery.get("vendorInfo") or row.vendor_info)[:500]


def _fitting(number: float) -> int:
    """The number, or the nearest one of 64 bits: JSON knows no bounds, and 3.0 is an integer there."""
    return max(-_LARGEST, min(_LARGEST, int(number)))

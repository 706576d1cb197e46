"""The frame log, for people who look for something and for those who take it elsewhere: search and export."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.errors import NotFoundError
from csms.ocpp.timestamps import format_timestamp
from models import ChargingStation, Frame, Transaction

_BATCH = 500
_AROUND = timedelta(minutes=2)
"""What belongs to a transaction besides what lies between its ends: the card before, the last meter values after."""


@dataclass(frozen=True, slots=True)
class FrameSearch:
    """Which frames: of one station, then whatever is given. Times are when frames came or went."""

    station_id: int
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    """Looked for in frame and answer."""
    action: str = ""


async def search_of_transaction(session: AsyncSession, transaction_id: int) -> FrameSearch:
    """The frames around a transaction of the tenant in scope, by its time span: the frame table has no index for it.

    Raises NotFoundError.
    """
    found = await session.get(Transaction, transaction_id)
    if found is None:
        raise NotFoundError(f"There is no session {transaction_id}.")
    since = min(found.started_at, found.start_received_at)
    ends = [at for at in (found.ended_at, found.end_received_at) if at is not None]
    return FrameSearch(found.station_id, since - _AROUND, max(ends) + _AROUND if ends else None)


async def frame_search(session: AsyncSession, identity: str, transaction_id: int | None = None) -> FrameSearch:
    """All frames of the station with this identity, or those around a transaction. Raises NotFoundError."""
    if transaction_id is not None:
        return await search_of_transaction(session, transaction_id)
    query = select(col(ChargingStation.id)).where(col(ChargingStation.identity_key) == identity.casefold())
    station_id = (await session.execute(query)).scalar_one_or_none()
    if station_id is None:
        raise NotFoundError(f"There is no station {identity!r}.")
    return FrameSearch(station_id)


async def find_frames(session: AsyncSession, search: FrameSearch) -> AsyncIterator[Frame]:
    """Frames of the tenant in scope, oldest first, a few hundred at a time however many there are."""
    after: tuple[datetime, int] | None = None
    while True:
        query = _query(search)
        if after is not None:
            at, frame_id = after
            query = query.where((col(Frame.at) > at) | ((col(Frame.at) == at) & (col(Frame.id) > frame_id)))
        frames = list((await session.execute(query.limit(_BATCH))).scalars())
        for frame in frames:
            yield frame
        if len(frames) < _BATCH:
            return
        after = (frames[-1].at, frames[-1].id or 0)
        session.expunge_all()


async def export_frames(session: AsyncSession, search: FrameSearch) -> AsyncIterator[str]:
    """The frames found as JSON lines: first whose they are, then one line each; the simulator replays them."""
    station = await session.get(ChargingStation, search.station_id)
    if station is None:
        raise NotFoundError(f"There is no station {search.station_id}.")
    yield _line(
        {"station": station.identity, "ocpp": station.ocpp_version, "vendor": station.vendor, "model": station.model}
    )
    async for frame in find_frames(session, search):
        yield _line(
            {
                "at": format_timestamp(frame.at),
                "from": "station" if frame.from_station else "csms",
                "action": frame.action,
                "frame": frame.text,
                "answer": frame.answer_text,
                "outcome": frame.outcome,
                "latency_ms": frame.latency_ms,
                "cause": frame.cause_id,
            }
        )


def _query(search: FrameSearch) -> Select[Frame]:
    query = select(Frame).where(col(Frame.station_id) == search.station_id)
    if search.since is not None:
        query = query.where(col(Frame.at) >= search.since)
    if search.until is not None:
        query = query.where(col(Frame.at) <= search.until)
    if search.action:
        query = query.where(col(Frame.action) == search.action)
    if search.text:
        found = col(Frame.text).icontains(search.text, autoescape=True)
        query = query.where(found | col(Frame.answer_text).icontains(search.text, autoescape=True))
    return query.order_by(col(Frame.at), col(Frame.id))


def _line(document: dict[str, Any]) -> str:
    return orjson.dumps(document).decode()

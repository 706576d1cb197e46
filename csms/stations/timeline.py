"""Reads of what befell stations and of the frames they exchanged: newest first, by keyset, however long the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import ChargingStation, Frame, Severity, StationEvent

PROBLEMS = (Severity.WARNING, Severity.PROBLEM)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An entry of a station's history, and the station it belongs to."""

    event: StationEvent
    station: str
    """Its identity."""
    name: str


async def events(
    session: AsyncSession,
    *,
    station_id: int | None = None,
    severities: Sequence[str] = (),
    lasting_only: bool = False,
    between: tuple[datetime, datetime] | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[EventRow]:
    """Entries of the history of one station, or of all. `lasting_only` leaves out what is resolved.

    `between` are the first and the last moment of interest; `before_id` is the last entry already seen, for the next
    page.
    """
    query = select(StationEvent, col(ChargingStation.identity), col(ChargingStation.name)).join(
        ChargingStation, col(ChargingStation.id) == col(StationEvent.station_id)
    )
    if station_id is not None:
        query = query.where(col(StationEvent.station_id) == station_id)
    if severities:
        query = query.where(col(StationEvent.severity).in_([str(severity) for severity in severities]))
    if lasting_only:
        query = query.where(col(StationEvent.resolved_at).is_(None))
        query = query.where(col(ChargingStation.decommissioned_at).is_(None))
    if between is not None:
        query = query.where(col(StationEvent.at).between(*between))
    if before_id is not None:
        query = query.where(await _earlier(session, StationEvent, before_id))
    query = query.order_by(col(StationEvent.at).desc(), col(StationEvent.id).desc()).limit(limit)
    return [EventRow(*row) for row in (await session.execute(query)).all()]


async def latest_problems(session: AsyncSession, limit: int = 10) -> list[EventRow]:
    """Warnings and problems of all stations that still last."""
    return await events(session, severities=PROBLEMS, lasting_only=True, limit=limit)


async def frames(
    session: AsyncSession,
    station_id: int,
    *,
    text: str = "",
    action: str = "",
    from_station: bool | None = None,
    between: tuple[datetime, datetime] | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[Frame]:
    """Raw frames of a station. `text` is looked for in frame and answer, `from_station` says who began.

    `between` are the first and the last moment of interest; `before_id` is the last frame already seen, for the next
    page.
    """
    query = select(Frame).where(col(Frame.station_id) == station_id)
    if text:
        found = col(Frame.text).icontains(text, autoescape=True)
        query = query.where(found | col(Frame.answer_text).icontains(text, autoescape=True))
    if action:
        query = query.where(col(Frame.action) == action)
    if from_station is not None:
        query = query.where(col(Frame.from_station).is_(from_station))
    if between is not None:
        query = query.where(col(Frame.at).between(*between))
    if before_id is not None:
        query = query.where(await _earlier(session, Frame, before_id))
    query = query.order_by(col(Frame.at).desc(), col(Frame.id).desc()).limit(limit)
    return list((await session.execute(query)).scalars())


async def frame_actions(session: AsyncSession, station_id: int, latest: int = 2000) -> list[str]:
    """Names of the messages among the station's latest frames, for a filter."""
    recent = (
        select(col(Frame.action))
        .where(col(Frame.station_id) == station_id, col(Frame.action) != "")
        .order_by(col(Frame.at).desc())
        .limit(latest)
        .subquery()
    )
    return list((await session.execute(select(recent.c.action).distinct().order_by(recent.c.action))).scalars())


async def _earlier(session: AsyncSession, model: Any, before_id: int) -> ColumnElement[bool]:
    """Rows that come after `before_id` in a list that runs backwards in time; all of them when it is gone."""
    at = (await session.execute(select(model.at).where(model.id == before_id))).scalar_one_or_none()
    if at is None:
        return col(model.id) < before_id
    return (col(model.at) < at) | ((col(model.at) == at) & (col(model.id) < before_id))

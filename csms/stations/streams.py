"""Keeps periodic event streams: who sends what how often, and the values (2.1, N11 to N15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.stations.ref import StationRef
from csms.work import Work
from models import EventStream, StreamValue


@dataclass(frozen=True, slots=True)
class StreamReport:
    """A stream as the station describes it."""

    stream_id: int
    monitor_id: int | None
    interval_s: int | None
    values_per_message: int | None


@dataclass(frozen=True, slots=True)
class StreamedValue:
    """One value and the station's time of it."""

    at: datetime
    value: str


async def open_stream(work: Work, ref: StationRef, report: StreamReport, at: datetime) -> None:
    """The station opens a stream (N11); one of the same number begins anew."""
    stream = await _stream(work.session(), ref, report.stream_id) or _new(ref, report.stream_id, at)
    stream.monitor_id = report.monitor_id
    stream.interval_s, stream.values_per_message = report.interval_s, report.values_per_message
    stream.opened_at, stream.closed_at = at, None
    work.session().add(stream)


async def close_stream(work: Work, ref: StationRef, stream_id: int, at: datetime) -> None:
    """The station closes a stream (N13); its values stay."""
    stream = await _stream(work.session(), ref, stream_id)
    if stream is not None:
        stream.closed_at = at


async def adjust_stream(work: Work, ref: StationRef, report: StreamReport) -> None:
    """The station took other parameters for a stream (N14); what was not named stays as it was."""
    stream = await _stream(work.session(), ref, report.stream_id)
    if stream is not None:
        stream.interval_s = stream.interval_s if report.interval_s is None else report.interval_s
        if report.values_per_message is not None:
            stream.values_per_message = report.values_per_message


async def replace_streams(work: Work, ref: StationRef, reports: Sequence[StreamReport], at: datetime) -> None:
    """The station listed its open streams (N12): these are open, and no others."""
    session = work.session()
    listed = {report.stream_id for report in reports}
    known = (await session.execute(select(EventStream).where(col(EventStream.station_id) == ref.id))).scalars().all()
    for stream in known:
        if stream.stream_id not in listed and stream.closed_at is None:
            stream.closed_at = at
    is_open = {stream.stream_id for stream in known if stream.closed_at is None}
    for report in reports:
        if report.stream_id in is_open:
            await adjust_stream(work, ref, report)
        else:
            await open_stream(work, ref, report, at)


async def take_values(
    work: Work, ref: StationRef, stream_id: int, values: Sequence[StreamedValue], pending: int, received_at: datetime
) -> None:
    """Keep what a stream brought; one that we never saw opened is kept all the same."""
    session = work.session()
    stream = await _stream(session, ref, stream_id)
    if stream is None:
        stream = _new(ref, stream_id, received_at)
        session.add(stream)
    stream.pending = pending
    if values:
        stream.last_at = max(value.at for value in values)
    await session.flush()
    for value in values:
        row = {"tenant_id": ref.tenant_id, "stream_row_id": stream.id, "at": value.at, "value": value.value}
        work.append(StreamValue, row)


async def streams_of(session: AsyncSession, station_id: int) -> Sequence[EventStream]:
    """The streams of a station, open ones first."""
    query = select(EventStream).where(col(EventStream.station_id) == station_id)
    order = (col(EventStream.closed_at).is_not(None), col(EventStream.stream_id))
    return (await session.execute(query.order_by(*order))).scalars().all()


async def _stream(session: AsyncSession, ref: StationRef, stream_id: int) -> EventStream | None:
    query = select(EventStream).where(col(EventStream.station_id) == ref.id, col(EventStream.stream_id) == stream_id)
    return (await session.execute(query)).scalar_one_or_none()


def _new(ref: StationRef, stream_id: int, at: datetime) -> EventStream:
    return EventStream(tenant_id=ref.tenant_id, station_id=ref.id, stream_id=stream_id, opened_at=at)

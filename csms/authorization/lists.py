"""Keeps what stations hold in their local authorization lists: told by what they answer (D01, D02)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.list_plan import ListEntry, ListPart
from csms.bus.events import LocalListChanged
from csms.cause import current_cause
from csms.work import Work
from models import LocalList, LocalListEntry

ACCEPTED, MISMATCH = "Accepted", "VersionMismatch"
_LARGEST = 2**31 - 1


class OwnedStation(Protocol):
    """A station and whose it is, as csms.stations.ref.StationRef tells it."""

    @property
    def id(self) -> int: ...

    @property
    def tenant_id(self) -> int: ...


async def note_version(work: Work, station: OwnedStation, version: int, at: datetime) -> None:
    """The station said which version it holds (GetLocalListVersion): 0 none or empty, -1 it knows no such lists."""
    session = work.session()
    row = await _row(session, station)
    if not -1 <= version <= _LARGEST:
        return
    if version <= 0:
        await _empty(session, station)
        row.is_certain = True
    elif version != row.version:
        row.is_certain = False  # somebody else's doing, or an answer of ours that was lost
    row.version, row.versioned_at = version, at
    announce_list(work, station.tenant_id, row, at)


async def note_sent(work: Work, station: OwnedStation, part: ListPart, status: str, at: datetime) -> None:
    """The station answered a SendLocalList; only Accepted changes what it holds."""
    session = work.session()
    row = await _row(session, station)
    row.last_status, row.last_sent_at = status[:20], at
    if status == ACCEPTED and -1 <= part.version <= _LARGEST:
        if part.is_full:
            await _empty(session, station)
            row.is_certain = True
        await _apply(session, station, part)
        row.version, row.versioned_at = part.version, at
    elif status == MISMATCH:
        row.is_certain = False
    announce_list(work, station.tenant_id, row, at)


async def known_list(session: AsyncSession, station_id: int) -> LocalList | None:
    """What is known of the station's list; None when nobody ever asked."""
    return (
        await session.execute(select(LocalList).where(col(LocalList.station_id) == station_id))
    ).scalar_one_or_none()


async def list_entries(session: AsyncSession, station_id: int) -> list[ListEntry]:
    """The entries the station is known to hold, in the order they came."""
    rows = await session.scalars(
        select(LocalListEntry).where(col(LocalListEntry.station_id) == station_id).order_by(col(LocalListEntry.id))
    )
    return [ListEntry(row.id_token, row.id_token_type, row.status, row.expires_at, row.group) for row in rows]


async def stations_holding(session: AsyncSession, id_token: str) -> list[int]:
    """Ids of the stations whose lists name this token."""
    query = select(col(LocalListEntry.station_id)).where(col(LocalListEntry.id_token) == id_token).distinct()
    return sorted((await session.scalars(query)).all())


async def list_row(session: AsyncSession, tenant_id: int, station_id: int) -> LocalList:
    """The row about the station's list, to be changed; a new one where there is none."""
    row = await known_list(session, station_id)
    if row is None:
        row = LocalList(tenant_id=tenant_id, station_id=station_id)
        session.add(row)
    return row


async def _row(session: AsyncSession, station: OwnedStation) -> LocalList:
    return await list_row(session, station.tenant_id, station.id)


async def _empty(session: AsyncSession, station: OwnedStation) -> None:
    await session.execute(delete(LocalListEntry).where(col(LocalListEntry.station_id) == station.id))


async def _apply(session: AsyncSession, station: OwnedStation, part: ListPart) -> None:
    """Later entries of a message win; what is named and has no information goes."""
    latest = {entry.key: entry for entry in part.entries}
    if not part.is_full and latest:
        await _remove(session, station, {entry.key for entry in part.entries})
    rows = [_values(station, entry) for entry in latest.values() if entry.status is not None]
    if rows:
        await session.execute(insert(LocalListEntry), rows)


async def _remove(session: AsyncSession, station: OwnedStation, keys: set[tuple[str, str]]) -> None:
    found = await session.execute(
        select(col(LocalListEntry.id), col(LocalListEntry.id_token), col(LocalListEntry.id_token_type)).where(
            col(LocalListEntry.station_id) == station.id
        )
    )
    ids = [entry_id for entry_id, id_token, kind in found.all() if (id_token.casefold(), kind) in keys]
    for start in range(0, len(ids), 500):  # a database takes only so many parameters
        await session.execute(delete(LocalListEntry).where(col(LocalListEntry.id).in_(ids[start : start + 500])))


def _values(station: OwnedStation, entry: ListEntry) -> dict[str, Any]:
    return {
        "tenant_id": station.tenant_id,
        "station_id": station.id,
        "id_token": entry.id_token[:255],
        "id_token_type": entry.id_token_type[:20],
        "status": (entry.status or "")[:20],
        "expires_at": entry.expires_at,
        "group": entry.group,
    }


def announce_list(work: Work, tenant_id: int, row: LocalList, at: datetime) -> None:
    """Tell that what is known of a station's list has changed."""
    work.announce(
        LocalListChanged(
            tenant_id=tenant_id,
            station_id=row.station_id,
            at=at,
            cause_id=current_cause(),
            version=row.version,
            status=row.last_status,
        )
    )


def held_by_key(entries: Sequence[ListEntry]) -> dict[tuple[str, str], ListEntry]:
    """Entries by what makes them speak of the same token."""
    return {entry.key: entry for entry in entries}

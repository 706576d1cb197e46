"""Which stations' local lists we keep in step with the tokens, and how each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, or_, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.lists import announce_list, list_row
from csms.authorization.revision import list_revision
from csms.errors import NotFoundError
from csms.work import Work
from models import ChargingStation, LocalList, LocalListEntry, Registration, StationVariable

NO_LISTS = -1
_MOST_NAMED = 500
_ENABLED = (("", "LocalAuthListEnabled"), ("LocalAuthListCtrlr", "Enabled"))


@dataclass(frozen=True, slots=True)
class ListState:
    """A station's list: what it holds, and whether that is what it should."""

    station_id: int
    identity: str
    name: str
    is_online: bool
    is_registered: bool
    is_enabled: bool
    """The station's own word: it is set to use a list."""
    choice: bool | None
    """What an operator decided; None: as the station is set."""
    version: int | None
    is_certain: bool
    """What we think that it holds is what it holds."""
    entries: int
    left_out: int
    revision: int
    """Of the tenant's tokens."""
    synced_revision: int | None
    synced_at: datetime | None
    tried_at: datetime | None
    error: str

    @property
    def is_kept(self) -> bool:
        """Whether we keep it in step."""
        return self.is_enabled if self.choice is None else self.choice

    @property
    def is_behind(self) -> bool:
        """Whether it is kept, and does not hold what it should."""
        is_other = self.version is not None and self.version > 0 and not self.is_certain
        return self.is_kept and (self.synced_revision != self.revision or is_other)

    @property
    def word(self) -> str:
        """off, unsupported, current, failed, offline or waiting."""
        if not self.is_kept:
            return "off"
        if self.version == NO_LISTS:
            return "unsupported"
        if not self.is_behind:
            return "current"
        if self.error and self.is_online:
            return "failed"
        return "waiting" if self.is_online else "offline"


async def list_states(session: AsyncSession, station_id: int | None = None) -> list[ListState]:
    """Every station of the tenant in scope that has a list, or one station; by identity."""
    query = stations_with_list().order_by(col(ChargingStation.identity_key))
    if station_id is not None:
        query = query.where(col(ChargingStation.id) == station_id)
    return await states_of(session, (await session.scalars(query)).all())


def stations_with_list() -> Any:
    """A select of the stations whose list is enabled, chosen or known, in no order."""
    decided = select(col(LocalList.station_id)).where(
        col(LocalList.is_kept).is_not(None) | col(LocalList.version).is_not(None)
    )
    this = col(ChargingStation.id)
    query = select(ChargingStation).where(col(ChargingStation.decommissioned_at).is_(None))
    return query.where(this.in_(decided) | this.in_(_enabled()))


async def states_of(session: AsyncSession, stations: Sequence[ChargingStation]) -> list[ListState]:
    """How the lists of these stations stand, in their order; also of those that have none."""
    if not stations:
        return []
    ids = [station.id for station in stations]
    revision = await list_revision(session)
    enabled = set((await session.scalars(_enabled(ids))).all())
    counted = select(col(LocalListEntry.station_id), func.count(col(LocalListEntry.id)))
    counted = counted.where(_among(LocalListEntry, ids)).group_by(col(LocalListEntry.station_id))
    entries = dict(cast(Any, (await session.execute(counted)).all()))
    known = (await session.scalars(select(LocalList).where(_among(LocalList, ids)))).all()
    rows = {row.station_id: row for row in known}
    return [_state(station, rows.get(station.id or 0), revision, enabled, entries) for station in stations]


def _enabled(ids: Sequence[int | None] | None = None) -> Any:
    """Stations, among these, that say they are set to use a list."""
    named = [
        (col(StationVariable.component) == component) & (col(StationVariable.variable) == variable)
        for component, variable in _ENABLED
    ]
    query = select(col(StationVariable.station_id)).where(
        or_(*named),
        col(StationVariable.attribute) == "Actual",
        func.lower(col(StationVariable.value)).in_(("true", "1")),
    )
    return query if ids is None else query.where(_among(StationVariable, ids))


def _among(model: Any, ids: Sequence[int | None]) -> Any:
    """Of one of these stations. A whole fleet is not named one by one: databases bound how much a statement binds."""
    return model.station_id.in_(ids) if len(ids) <= _MOST_NAMED else true()


def _state(
    station: ChargingStation, row: LocalList | None, revision: int, enabled: set[int], entries: dict[int, int]
) -> ListState:
    known, station_id = row or LocalList(station_id=0), cast(int, station.id)
    return ListState(
        station_id=station_id,
        identity=station.identity,
        name=station.name or station.identity,
        is_online=station.is_online,
        is_registered=station.registration == Registration.ACCEPTED,
        is_enabled=station_id in enabled,
        choice=known.is_kept,
        version=known.version,
        is_certain=known.is_certain,
        entries=entries.get(station_id, 0),
        left_out=known.left_out,
        revision=revision,
        synced_revision=known.synced_revision,
        synced_at=known.synced_at,
        tried_at=known.tried_at,
        error=known.sync_error,
    )


async def note_sync(
    work: Work, tenant_id: int, station_id: int, revision: int, left_out: int, error: str | None, at: datetime
) -> None:
    """How bringing a station's list up to `revision` went; `error` in words, None when it went well."""
    row = await list_row(work.session(), tenant_id, station_id)
    row.tried_at, row.sync_error = at, error or ""
    if error is None:
        row.synced_revision, row.synced_at, row.left_out = revision, at, left_out
    await work.session().flush()
    announce_list(work, tenant_id, row, at)


async def keep_list(work: Work, actor: Actor, station_id: int, choice: bool | None, at: datetime) -> None:
    """Keep a station's list in step, or leave it alone; None: as the station is set. Raises PermissionDeniedError,
    NotFoundError."""
    require(actor, Permission.STATIONS_CONFIGURE)
    session = work.session()
    query = select(col(ChargingStation.identity)).where(col(ChargingStation.id) == station_id)
    identity = await session.scalar(query)
    if identity is None:
        raise NotFoundError("There is no such station.")
    row = await list_row(session, actor.tenant_id, station_id)
    before, row.is_kept = row.is_kept, choice
    await session.flush()
    about = ({"keep_list": before}, {"keep_list": choice})
    audit.record_change(work, actor, "station.keep_list", f"station {identity}", *about, at=at)
    announce_list(work, actor.tenant_id, row, at)

"""Keeps the controls of distributed energy that stations have: set, reported, begun, superseded, cleared (block R)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.stations.ref import StationRef
from csms.work import Work
from models import DerControl, DerState

Json = dict[str, Any]
_MAX_ID = 36
_AT_ONCE = timedelta(seconds=10)
"""The first part of a report may be stamped before the answer to the request for it."""


@dataclass(frozen=True, slots=True)
class DerTold:
    """A control as it was set or reported. `settings` is its own object: {"curve": …}, {"enterService": …}."""

    control_id: str
    control_type: str
    is_default: bool | None = None
    """None where the report does not say (EnterService, Gradients)."""
    settings: Json = field(default_factory=dict[str, Any])
    is_superseded: bool = False


@dataclass(frozen=True, slots=True)
class DerMeant:
    """Which controls a request means: every field that is not None must fit."""

    is_default: bool | None = None
    control_type: str | None = None
    control_id: str | None = None

    def means(self, row: DerControl) -> bool:
        """Whether this control is one of them."""
        return all(
            (
                self.is_default in (None, row.is_default),
                self.control_type in (None, row.control_type),
                self.control_id in (None, row.control_id),
            )
        )


async def der_controls(session: AsyncSession, station_id: int) -> Sequence[DerControl]:
    """Every control of a station that was not cleared or rejected, by its id."""
    query = select(DerControl).where(col(DerControl.station_id) == station_id, col(DerControl.removed_at).is_(None))
    return (await session.execute(query.order_by(col(DerControl.control_id)))).scalars().all()


async def der_set(work: Work, ref: StationRef, told: DerTold, superseded: Sequence[str], at: datetime) -> None:
    """A SetDERControl was accepted (R04); the controls it names as superseded are no longer at work."""
    row = await _row(work, ref, told.control_id, at)
    _tell(row, told, at)
    row.state, row.reason, row.superseded_by, row.started_at, row.ended_at = DerState.INSTALLED, "", None, None, None
    await _supersede(work, ref, row, superseded, at)


async def der_refused(work: Work, ref: StationRef, told: DerTold, reason: str, at: datetime) -> None:
    """A SetDERControl was not accepted: what the station had before under this id stays."""
    row = await _row(work, ref, told.control_id, at)
    if row.id is None or row.removed_at is not None:
        _tell(row, told, at)
        row.state, row.removed_at, row.confirmed_at = DerState.REJECTED, at, None
        row.reason = reason


async def der_cleared(work: Work, ref: StationRef, meant: DerMeant, at: datetime) -> None:
    """A ClearDERControl was accepted, or there was nothing to clear, which comes to the same (R04)."""
    for row in await der_controls(work.session(), ref.id):
        if meant.means(row):
            row.state, row.updated_at, row.removed_at = DerState.CLEARED, at, at


async def der_reported(work: Work, ref: StationRef, controls: Sequence[DerTold], at: datetime) -> None:
    """One part of a ReportDERControl: the station has these."""
    for told in controls:
        row = await _row(work, ref, told.control_id, at)
        _tell(row, told, at)
        if told.is_superseded:
            row.state = DerState.SUPERSEDED
        elif row.state in (DerState.SUPERSEDED, DerState.CLEARED, DerState.REJECTED):
            row.state, row.superseded_by = DerState.INSTALLED, None
        row.removed_at = None


async def der_absent(work: Work, ref: StationRef, meant: DerMeant, asked_at: datetime, at: datetime) -> None:
    """A report is whole: what it should have told of and did not, the station does not have."""
    for row in await der_controls(work.session(), ref.id):
        if meant.means(row) and (row.confirmed_at is None or row.confirmed_at < asked_at - _AT_ONCE):
            row.state, row.updated_at, row.removed_at = DerState.CLEARED, at, at


@dataclass(frozen=True, slots=True)
class DerTurn:
    """A NotifyDERStartStop. `turned_at` is the station's time."""

    control_id: str
    started: bool
    superseded: Sequence[str]
    turned_at: datetime


async def der_turned(work: Work, ref: StationRef, turn: DerTurn, at: datetime) -> None:
    """A control began or stopped (R04); one that nobody recorded is kept with what little is known."""
    row = await _row(work, ref, turn.control_id, at)
    row.removed_at, row.updated_at, row.confirmed_at = None, at, at
    if turn.started:
        row.state, row.started_at, row.ended_at, row.superseded_by = DerState.ACTIVE, turn.turned_at, None, None
    else:
        row.state, row.ended_at = DerState.ENDED, turn.turned_at
    await _supersede(work, ref, row, turn.superseded, at)


async def _supersede(work: Work, ref: StationRef, by: DerControl, ids: Sequence[str], at: datetime) -> None:
    by.supersedes = [*by.supersedes, *(control_id for control_id in ids if control_id not in by.supersedes)]
    for control_id in ids:
        row = await _row(work, ref, control_id, at)
        row.state, row.superseded_by, row.updated_at, row.confirmed_at = DerState.SUPERSEDED, by.control_id, at, at
        row.removed_at = None


async def _row(work: Work, ref: StationRef, control_id: str, at: datetime) -> DerControl:
    """The control with this id, in use or not; a new one, without a database id yet, where there is none."""
    session, key = work.session(), control_id[:_MAX_ID]
    query = select(DerControl).where(col(DerControl.station_id) == ref.id, col(DerControl.control_id) == key)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        row = DerControl(station_id=ref.id, control_id=key, updated_at=at)
        session.add(row)
    return row


def _tell(row: DerControl, told: DerTold, at: datetime) -> None:
    row.control_type, row.settings = told.control_type[:24], told.settings
    if told.is_default is not None:
        row.is_default = told.is_default
    row.updated_at = row.confirmed_at = at
    row.removed_at = None

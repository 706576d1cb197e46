"""Keeps a station's composite schedules beside what we expect of it (K08, DS_51)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csms.bus.events import CompositeScheduleReceived
from csms.cause import current_cause
from csms.smart_charging.comparing import Comparison, compare, matches
from csms.smart_charging.composite import composite_schedule
from csms.smart_charging.installing import end_finished
from csms.smart_charging.profile import DAY_S, Period, seconds_of
from csms.smart_charging.store import fitting, load_installed
from csms.stations.ref import StationRef
from csms.work import Work
from models import CompositeSchedule

LONGEST_S = 8 * DAY_S
"""What is compared at most; a station may answer for a year."""


@dataclass(frozen=True, slots=True)
class ToldSchedule:
    """The schedule in a station's answer."""

    unit: str
    starts_at: datetime
    duration_s: int
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class ScheduleAnswer:
    """A station's answer to GetCompositeSchedule, and what was asked."""

    evse_number: int
    asked_unit: str | None
    asked_duration_s: int
    status: str
    answer: dict[str, Any]
    at: datetime
    told: ToldSchedule | None = None
    """None: it answered without a schedule."""


async def schedule_answered(work: Work, ref: StationRef, answer: ScheduleAnswer) -> None:
    """Keep an answer; where it has a schedule, with the difference from our own computation."""
    await end_finished(work, ref, answer.at)
    row = CompositeSchedule(
        station_id=ref.id,
        evse_number=fitting(answer.evse_number),
        asked_unit=answer.asked_unit,
        asked_duration_s=fitting(answer.asked_duration_s),
        answered_at=answer.at,
        status=answer.status,
        answer=answer.answer,
    )
    if answer.told is not None:
        pieces = await _compared(work, ref, answer.evse_number, answer.told)
        row.unit, row.starts_at = answer.told.unit, answer.told.starts_at
        row.duration_s = fitting(answer.told.duration_s)
        row.matches = matches(pieces)
        row.periods = [piece.as_json() for piece in pieces]
    work.session().add(row)
    _announce(work, ref, row, answer.at)


async def _compared(work: Work, ref: StationRef, evse_number: int, told: ToldSchedule) -> tuple[Comparison, ...]:
    installed = await load_installed(work.session(), ref.id)
    duration_s = min(told.duration_s, LONGEST_S)
    expected = composite_schedule(installed, evse_number, seconds_of(told.starts_at), duration_s, told.unit)
    return compare(expected, told.periods, duration_s)


def _announce(work: Work, ref: StationRef, row: CompositeSchedule, at: datetime) -> None:
    work.announce(
        CompositeScheduleReceived(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            evse_number=row.evse_number,
            matches=row.matches,
        )
    )

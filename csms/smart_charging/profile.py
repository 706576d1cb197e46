"""A charging profile as the calculations read it, from the JSON of 2.x; pure. What they do not need stays in the JSON.

Moments are whole seconds since 1970 in UTC, for OCPP counts its periods in seconds and any year fits; limits are
Decimals read from the digits on the wire, never from binary floats (8.1 A is 8.1 A).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from csms.ocpp.timestamps import parse_timestamp

Json = dict[str, Any]

MAX = "ChargingStationMaxProfile"
DEFAULT = "TxDefaultProfile"
TX = "TxProfile"
PRIORITY = "PriorityCharging"
"""In place of TxProfile and TxDefaultProfile while the transaction charges with priority (2.1)."""
EXTERNAL = "ChargingStationExternalConstraints"
OURS = "CSO"
"""Source of a profile that we set."""

DAY_S = 86_400
_RECURRENCES = {"Daily": DAY_S, "Weekly": 7 * DAY_S}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_NO_SOONER = datetime(1971, 1, 1, tzinfo=UTC)
_NO_LATER = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_s` seconds into the schedule on: at most `limit` (A or W; None is no limit) on `phases`."""

    start_s: int
    limit: Decimal | None
    phases: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Limits over time. `starts_at_s` None: relative to when charging begins; `duration_s` None: without end."""

    unit: str
    periods: tuple[Period, ...]
    starts_at_s: int | None = None
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One charging profile where it is installed."""

    profile_id: int
    evse_number: int
    stack_level: int
    purpose: str
    kind: str
    schedule: Schedule
    recurrence_s: int | None = None
    """Seconds from one occurrence to the next; None for what does not recur."""
    valid_from_s: int | None = None
    valid_to_s: int | None = None
    transaction_ocpp_id: str | None = None
    source: str = OURS


def read_profile(profile: Mapping[str, Any], evse_number: int, source: str = OURS) -> Profile:
    """Read the JSON of a 2.x charging profile. Of up to three schedules (ISO 15118) the first counts.

    Never raises for what the schema allows.
    """
    schedules = cast(list[Json], profile.get("chargingSchedule") or [{}])
    kind = str(profile.get("chargingProfileKind", ""))
    transaction = profile.get("transactionId")
    recurring = _RECURRENCES.get(str(profile.get("recurrencyKind")), DAY_S) if kind == "Recurring" else None
    return Profile(
        profile_id=int(profile.get("id", 0)),
        evse_number=evse_number,
        stack_level=int(profile.get("stackLevel", 0)),
        purpose=str(profile.get("chargingProfilePurpose", "")),
        kind=kind,
        schedule=read_schedule(schedules[0], relative=kind == "Relative"),
        recurrence_s=recurring,
        valid_from_s=_bound(profile.get("validFrom")),
        valid_to_s=_bound(profile.get("validTo")),
        transaction_ocpp_id=None if transaction is None else str(transaction),
        source=source,
    )


def read_schedule(schedule: Mapping[str, Any], *, relative: bool = False) -> Schedule:
    """Read the JSON of a charging schedule. The startSchedule of a Relative one means nothing and is ignored."""
    starts_at = None if relative else parse_timestamp(schedule.get("startSchedule"))
    duration = schedule.get("duration")
    return Schedule(
        unit=str(schedule.get("chargingRateUnit", "A")),
        periods=read_periods(schedule.get("chargingSchedulePeriod") or []),
        starts_at_s=None if starts_at is None else seconds_of(starts_at),
        duration_s=duration if isinstance(duration, int) else None,
    )


def read_periods(periods: list[Json]) -> tuple[Period, ...]:
    """Read the JSON of a schedule's periods, sorted. A negative limit means none (quirk 77: MicroOcpp says -1)."""
    read = (
        Period(int(period.get("startPeriod", 0)), _limit_of(period.get("limit")), _phases_of(period))
        for period in periods
    )
    return tuple(sorted(read, key=lambda period: period.start_s))


def decimal_of(value: object) -> Decimal | None:
    """The number as written, 8.1 for 8.1; None for what is none."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(repr(value))


def seconds_of(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return (moment - _EPOCH) // _SECOND


def is_readable(profile: object) -> bool:
    """Whether something is a profile that can be read at all: people may send what breaks the schema."""
    if not isinstance(profile, dict):
        return False
    try:
        read_profile(cast(Json, profile), 0)
    except (TypeError, ValueError, AttributeError, IndexError):
        return False
    return True


def _bound(text: object) -> int | None:
    """validFrom or validTo; libocpp reports 1970 and 2262 where there is none."""
    moment = parse_timestamp(text)
    return seconds_of(moment) if moment is not None and _NO_SOONER < moment < _NO_LATER else None


def _limit_of(value: object) -> Decimal | None:
    limit = decimal_of(value)
    return None if limit is None or limit < 0 else limit


def _phases_of(period: Json) -> int | None:
    phases = period.get("numberPhases")
    return phases if isinstance(phases, int) and 1 <= phases <= 3 else None

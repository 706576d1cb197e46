"""Builds charging profiles in the shape of 2.x (K01); pure. The dialects say them in other words where they must."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from csms.ocpp.timestamps import format_timestamp
from csms.smart_charging.composite import in_tenths
from csms.smart_charging.profile import Period

Json = dict[str, Any]
_BEFORE = timedelta(minutes=1)
"""A profile is valid from a little before it begins: clocks differ, and a gap would mean no limit at all (DS_52)."""


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """What a charging profile is to say. Limits in A a phase or W in all; times aware."""

    profile_id: int
    purpose: str
    unit: str
    periods: Sequence[Period]
    begins_at: datetime
    """Where an Absolute or Recurring schedule starts; a Relative one starts with charging."""
    kind: str = "Absolute"
    stack_level: int = 0
    duration_s: int | None = None
    """None: without end."""
    recurrence: str | None = None
    """Daily or Weekly, of a Recurring profile."""
    valid_to: datetime | None = None
    """None: as long as the duration says."""
    transaction_ocpp_id: str | None = None
    phase_to_use: int | None = None
    """Only where a period charges on one phase."""


def build_profile(plan: ProfilePlan) -> Json:
    """The charging profile as JSON of 2.x. Limits have one decimal, rounded down."""
    profile: Json = {
        "id": plan.profile_id,
        "stackLevel": plan.stack_level,
        "chargingProfilePurpose": plan.purpose,
        "chargingProfileKind": plan.kind,
        "recurrencyKind": plan.recurrence,
        "validFrom": None,
        "validTo": None,
        "chargingSchedule": [_schedule(plan)],
        "transactionId": plan.transaction_ocpp_id,
    }
    if plan.kind != "Relative":
        profile["validFrom"] = format_timestamp(plan.begins_at - _BEFORE)
    valid_to = _valid_to(plan)
    if valid_to is not None:
        profile["validTo"] = format_timestamp(valid_to)
    return {name: value for name, value in profile.items() if value is not None}


def limit_json(limit: Decimal) -> float:
    """A limit as JSON wants it: the float whose shortest form is these digits with one decimal (quirk 69)."""
    return float(in_tenths(limit))


def _schedule(plan: ProfilePlan) -> Json:
    schedule: Json = {"id": plan.profile_id}
    if plan.kind != "Relative":
        schedule["startSchedule"] = format_timestamp(plan.begins_at)
    if plan.duration_s is not None:
        schedule["duration"] = plan.duration_s
    schedule["chargingRateUnit"] = plan.unit
    schedule["chargingSchedulePeriod"] = [_period(period, plan.phase_to_use) for period in plan.periods]
    return schedule


def _period(period: Period, phase_to_use: int | None) -> Json:
    if period.limit is None:
        raise ValueError("a period without a limit cannot be sent")
    built: Json = {"startPeriod": period.start_s, "limit": limit_json(period.limit)}
    if period.phases is not None:
        built["numberPhases"] = period.phases
    if period.phases == 1 and phase_to_use is not None:
        built["phaseToUse"] = phase_to_use
    return built


def _valid_to(plan: ProfilePlan) -> datetime | None:
    if plan.valid_to is not None or plan.kind != "Absolute" or plan.duration_s is None:
        return plan.valid_to
    return plan.begins_at + timedelta(seconds=plan.duration_s)

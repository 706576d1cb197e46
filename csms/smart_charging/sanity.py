"""What is odd about a charging profile before it is sent (DS_52, X16_18); pure. Warnings: the operator decides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from csms.ocpp.timestamps import parse_timestamp
from csms.smart_charging.composite import in_tenths
from csms.smart_charging.limits import SAYS_NOTHING, StationLimits
from csms.smart_charging.profile import DEFAULT, EXTERNAL, MAX, TX, decimal_of
from csms.smart_charging.stacking import Placed

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProfileWarning:
    """One oddity: a code for programs, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when a profile is to be installed."""

    now: datetime
    evse_number: int
    limits: StationLimits = SAYS_NOTHING
    in_use: Sequence[Placed] = ()
    """What the station has already."""
    with_start: bool = False
    """The profile goes with a remote start, and so names no transaction."""


def warnings_about(profile: Mapping[str, Any], circumstances: Circumstances) -> list[ProfileWarning]:
    """Everything odd about a profile (JSON of 2.x) here and now. Never raises for what the schema allows."""
    schedules = cast(list[Json], profile.get("chargingSchedule") or [])
    found = [*_purpose(profile, circumstances), *_times(profile, schedules, circumstances.now)]
    for schedule in schedules:
        found += [*_periods(schedule), *_units(schedule, circumstances.limits)]
    return [*found, *_limits(profile, circumstances), *_company(profile, schedules, circumstances)]


def _purpose(profile: Mapping[str, Any], where: Circumstances) -> Iterator[ProfileWarning]:
    purpose, transaction = profile.get("chargingProfilePurpose"), profile.get("transactionId")
    if purpose == EXTERNAL:
        yield ProfileWarning("external_purpose", "External constraints come from others; stations reject them from us.")
    if purpose == TX and where.evse_number == 0:
        yield ProfileWarning("tx_on_station", "A TxProfile belongs to a session, so it needs an EVSE.")
    if purpose == TX and transaction is None and not where.with_start:
        yield ProfileWarning("tx_without_transaction", "No session is named, so many stations reject this TxProfile.")
    if transaction is not None and purpose != TX:
        yield ProfileWarning("transaction_without_tx", f"A session is named, but a {purpose} does not belong to one.")
    if transaction is not None and where.with_start:
        yield ProfileWarning("start_with_transaction", "The session is yet to begin, so the profile cannot name it.")
    if purpose == MAX and where.evse_number != 0:
        yield ProfileWarning("max_on_evse", "A maximum of the station is set for the whole station, not for an EVSE.")
    if purpose == MAX and profile.get("chargingProfileKind") == "Relative":
        yield ProfileWarning("max_relative", "A maximum of the station cannot be relative to the start of a session.")


def _times(profile: Mapping[str, Any], schedules: Sequence[Json], now: datetime) -> Iterator[ProfileWarning]:
    kind = profile.get("chargingProfileKind")
    starts = [schedule.get("startSchedule") for schedule in schedules]
    if kind == "Relative" and any(starts):
        yield ProfileWarning("relative_start", "A relative profile starts with the session; its start time is ignored.")
    if kind in ("Absolute", "Recurring") and not all(starts):
        yield ProfileWarning("no_start", f"This {kind} profile has no start time; stations start it when they like.")
    if (kind == "Recurring") != (profile.get("recurrencyKind") is not None):
        yield ProfileWarning("recurrence", "Recurring and daily or weekly go together; here one is without the other.")
    valid_from, valid_to = (parse_timestamp(profile.get(name)) for name in ("validFrom", "validTo"))
    if valid_from is not None and valid_from > now:
        yield ProfileWarning("gap", f"It is valid only from {valid_from:%d %b %H:%M} UTC; it limits nothing before.")
    if valid_to is not None and valid_to <= max(now, valid_from or now):
        yield ProfileWarning("never_valid", "Its validity has ended already, so it never limits anything.")


def _periods(schedule: Json) -> Iterator[ProfileWarning]:
    periods = cast(list[Json], schedule.get("chargingSchedulePeriod") or [])
    starts = [period.get("startPeriod", 0) for period in periods]
    if not starts or starts[0] != 0:
        yield ProfileWarning("first_period", "The first period must begin at 0; before it nothing is limited.")
    if any(later <= earlier for earlier, later in pairwise(starts)):
        yield ProfileWarning("period_order", "The periods are not in ascending order.")
    limits = [limit for period in periods if (limit := decimal_of(period.get("limit"))) is not None]
    if any(limit != in_tenths(limit) for limit in limits if limit >= 0):
        yield ProfileWarning("decimals", "A limit has more than one decimal; stations may reject or cut it.")
    if any(limit < 0 for limit in limits):
        yield ProfileWarning("negative", "A limit is below 0.")
    if any(limit == 0 for limit in limits):
        yield ProfileWarning("zero", "Some stations reject a limit of 0; pausing may need another way.")
    if any(period.get("phaseToUse") is not None and period.get("numberPhases") != 1 for period in periods):
        yield ProfileWarning("phase_to_use", "A phase can be chosen only where numberPhases is 1.")


def _units(schedule: Json, limits: StationLimits) -> Iterator[ProfileWarning]:
    unit = schedule.get("chargingRateUnit")
    if limits.units and unit not in limits.units:
        takes = " or ".join(sorted(limits.units))
        yield ProfileWarning("unit", f"The station takes limits in {takes}, not in {unit}; it may reject this.")
    count = len(schedule.get("chargingSchedulePeriod") or [])
    if limits.max_periods is not None and count > limits.max_periods:
        yield ProfileWarning("periods", f"It has {count} periods; the station takes {limits.max_periods}.")


def _limits(profile: Mapping[str, Any], where: Circumstances) -> Iterator[ProfileWarning]:
    level, highest = profile.get("stackLevel", 0), where.limits.max_stack_level
    if highest is not None and level > highest:
        yield ProfileWarning("stack_level", f"Stack level {level} is above the station's highest, {highest}.")
    elif highest and level == highest:
        yield ProfileWarning("top_level", f"Some stations reject the highest level they name, {highest}.")
    if level < 0:
        yield ProfileWarning("stack_level", "Stack levels begin at 0.")
    known = {placed.profile_id for placed in where.in_use}
    count = len(known | {profile.get("id")})
    if where.limits.max_profiles is not None and count > where.limits.max_profiles:
        yield ProfileWarning(
            "profiles", f"The station keeps {where.limits.max_profiles} profiles; this is no. {count}."
        )


def _company(profile: Mapping[str, Any], schedules: Sequence[Json], where: Circumstances) -> Iterator[ProfileWarning]:
    """What it does to the profiles that are there."""
    profile_id, purpose = profile.get("id", 0), profile.get("chargingProfilePurpose")
    same = next((placed for placed in where.in_use if placed.profile_id == profile_id), None)
    if same is not None and (same.purpose, same.evse_number) != (purpose, where.evse_number):
        yield ProfileWarning(
            "id_in_use", f"Id {profile_id} is a {same.purpose} on EVSE {same.evse_number} now; that goes."
        )
    if profile_id <= (where.limits.max_external_id or 0):
        yield ProfileWarning("id_range", f"Ids up to {where.limits.max_external_id or 0} are not ours to use here.")
    below = [p for p in where.in_use if p.purpose == purpose and p.stack_level < profile.get("stackLevel", 0)]
    if below and purpose in (DEFAULT, MAX) and _is_endless(profile, schedules, where.now):
        yield ProfileWarning("endless", "It never ends and lies on top, so those below it will never count again.")


def _is_endless(profile: Mapping[str, Any], schedules: Sequence[Json], now: datetime) -> bool:
    valid_to = parse_timestamp(profile.get("validTo"))
    if valid_to is not None and valid_to < now + timedelta(days=365):
        return False
    return profile.get("chargingProfileKind") != "Recurring" and all(s.get("duration") is None for s in schedules)

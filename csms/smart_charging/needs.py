"""What an EV asks for by ISO 15118, and the schedule it gets (K15 to K18); pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from csms.ocpp.timestamps import parse_timestamp
from csms.smart_charging.bidirectional import charge_power
from csms.smart_charging.composite import Allowed, Installed, allowed_at, composite_schedule, convert, in_tenths
from csms.smart_charging.limits import AMPERES, WATTS
from csms.smart_charging.profile import (
    DAY_S,
    Json,
    Period,
    Profile,
    Schedule,
    decimal_of,
    read_schedule,
    seconds_of,
)
from csms.smart_charging.timeline import period_at

_PHASES = {"AC_single_phase": 1, "AC_two_phase": 2, "AC_three_phase": 3}
_SLACK = Decimal("0.1")
MAX_TUPLES = 1024
"""What a charging schedule may hold at most, if the EV does not say less."""


@dataclass(frozen=True, slots=True)
class EvNeeds:
    """What an EV can take and by when."""

    is_dc: bool
    phases: int
    max_current: Decimal | None
    """A a phase (AC) or A (DC)."""
    max_power: Decimal | None
    """W; of DC, and of any EV of ISO 15118-20."""
    departs_at: datetime | None
    max_periods: int


def read_needs(message: Mapping[str, Any]) -> EvNeeds:
    """Read a NotifyEVChargingNeeds. Never raises for what the schema allows."""
    needs: Json = message.get("chargingNeeds") or {}
    transfer = str(needs.get("requestedEnergyTransfer", ""))
    dc: Json = needs.get("dcChargingParameters") or {}
    ac: Json = needs.get("acChargingParameters") or {}
    both: Json = needs.get("v2xChargingParameters") or {}
    tuples = message.get("maxScheduleTuples")
    return EvNeeds(
        is_dc=transfer.startswith("DC"),
        phases=_PHASES.get(transfer, 3),
        max_current=_positive(ac.get("evMaxCurrent") or dc.get("evMaxCurrent") or both.get("maxChargeCurrent")),
        max_power=_positive(dc.get("evMaxPower")) or _power(dc) or _positive(charge_power(message)),
        departs_at=parse_timestamp(needs.get("departureTime")),
        max_periods=tuples if isinstance(tuples, int) and 0 < tuples < MAX_TUPLES else MAX_TUPLES,
    )


@dataclass(frozen=True, slots=True)
class NeedsPlan:
    """The limits that answer an EV's needs."""

    unit: str
    periods: tuple[Period, ...]
    duration_s: int


def plan_for(
    needs: EvNeeds,
    installed: Installed,
    evse_number: int,
    now: datetime,
    unit: str,
    evse_max_power_w: int | None = None,
    max_periods: int | None = None,
) -> NeedsPlan:
    """As much as the EV can take and every limit allows, until it departs, or for a day where it does not say.

    `installed` without the profile that this plan will replace. Where nothing at all limits it, the EV gets what it
    asked for; a limit of which neither side knows anything is left to the station's hardware (W: 1 GW).
    """
    duration_s = _until(needs.departs_at, now)
    phases = None if needs.is_dc else needs.phases
    ceiling = _ceiling(needs, installed, unit, evse_max_power_w)
    stretches = composite_schedule(installed, evse_number, seconds_of(now), duration_s, unit)
    wanted = [Period(stretch.start_s, in_tenths(_at_most(stretch.allowed, ceiling)), phases) for stretch in stretches]
    most = min(needs.max_periods, max_periods or needs.max_periods)
    return NeedsPlan(unit, _few(_merged(wanted), most), duration_s)


def excess(
    schedule: Schedule, base_s: int, installed: Installed, evse_number: int
) -> tuple[int, Decimal, Decimal] | None:
    """Where an EV's schedule goes beyond what is allowed: (seconds from base, wanted, allowed), or None (K16)."""
    started = schedule.starts_at_s if schedule.starts_at_s is not None else base_s
    duration_s = min(schedule.duration_s if schedule.duration_s is not None else DAY_S, 7 * DAY_S)
    as_profile = Profile(0, evse_number, 0, "", "Absolute", _starting_at(schedule, started))
    stretches = composite_schedule(installed, evse_number, started, duration_s, schedule.unit)
    points = {stretch.start_s for stretch in stretches} | {period.start_s for period in schedule.periods}
    for offset_s in sorted(point for point in points if 0 <= point < duration_s):
        period = period_at(as_profile, started + offset_s, started)
        allowed = allowed_at(installed, evse_number, started + offset_s, schedule.unit, started).limit
        wanted = None if period is None else period.limit
        if wanted is not None and allowed is not None and wanted > allowed + _SLACK:
            return offset_s, wanted, allowed
    return None


def read_ev_schedule(schedule: Mapping[str, Any]) -> Schedule:
    """Read the chargingSchedule of a NotifyEVChargingSchedule; a setpoint (2.1) counts where there is no limit."""
    periods: list[Json] = schedule.get("chargingSchedulePeriod") or []
    bounded = [period | {"limit": period.get("limit", period.get("setpoint"))} for period in periods]
    return read_schedule({**schedule, "chargingSchedulePeriod": bounded})


def _starting_at(schedule: Schedule, started_s: int) -> Schedule:
    return Schedule(schedule.unit, schedule.periods, started_s, schedule.duration_s)


def _until(departs_at: datetime | None, now: datetime) -> int:
    if departs_at is None or departs_at <= now:
        return DAY_S
    return min(seconds_of(departs_at) - seconds_of(now), 7 * DAY_S) or 1


def _ceiling(needs: EvNeeds, installed: Installed, unit: str, evse_max_power_w: int | None) -> Decimal:
    """The most that EV and EVSE can do, in `unit`."""
    choices: list[Decimal] = []
    if needs.max_current is not None and not needs.is_dc:
        choices.append(convert(needs.max_current, needs.phases, AMPERES, unit, installed.nominal_v))
    if needs.max_power is not None and not needs.is_dc:
        choices.append(convert(needs.max_power, needs.phases, WATTS, unit, installed.nominal_v))
    if needs.is_dc:
        most = needs.max_power if unit == WATTS else needs.max_current
        choices += [] if most is None else [most]
    if evse_max_power_w and (unit == WATTS or not needs.is_dc):
        choices.append(convert(Decimal(evse_max_power_w), 3, WATTS, unit, installed.nominal_v))
    return min(choices, default=Decimal(1_000_000_000))


def _at_most(allowed: Allowed, ceiling: Decimal) -> Decimal:
    return ceiling if allowed.limit is None else min(allowed.limit, ceiling)


def _merged(periods: Sequence[Period]) -> list[Period]:
    kept: list[Period] = []
    for period in periods:
        if not kept or (kept[-1].limit, kept[-1].phases) != (period.limit, period.phases):
            kept.append(period)
    return kept


def _few(periods: list[Period], most: int) -> tuple[Period, ...]:
    """Not more than the EV and the station take: the last one has the least of all that would follow."""
    if len(periods) <= most:
        return tuple(periods)
    rest = periods[most - 1 :]
    least = min(period.limit for period in rest if period.limit is not None)
    return (*periods[: most - 1], Period(rest[0].start_s, least, rest[0].phases))


def _power(dc: Json) -> Decimal | None:
    current, voltage = _positive(dc.get("evMaxCurrent")), _positive(dc.get("evMaxVoltage"))
    return None if current is None or voltage is None else current * voltage


def _positive(value: object) -> Decimal | None:
    number = decimal_of(value)
    return number if number is not None and number > 0 else None

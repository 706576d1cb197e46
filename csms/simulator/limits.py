"""The simple part of smart charging: a limit over time, from either version's charging profile."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csms.ocpp.timestamps import parse_timestamp
from csms.simulator.plan import NOMINAL_VOLTAGE_V, EvsePlan


@dataclass(frozen=True, slots=True)
class ChargingLimit:
    """A step curve of watts, by seconds since `starts_at`; without effect outside its duration."""

    starts_at: datetime
    steps: tuple[tuple[int, float], ...]
    duration_s: int | None = None

    def at(self, moment: datetime) -> float | None:
        """The limit in W, None where it says nothing."""
        elapsed_s = (moment - self.starts_at).total_seconds()
        if elapsed_s < 0 or (self.duration_s is not None and elapsed_s >= self.duration_s):
            return None
        return next((watts for start_s, watts in reversed(self.steps) if start_s <= elapsed_s), None)


def limit_from(schedule: dict[str, Any], evse: EvsePlan, now: datetime) -> ChargingLimit:
    """Read a `chargingSchedule`, 1.6 or 2.x alike; one without a start counts from now."""
    starts_at = parse_timestamp(schedule.get("startSchedule")) or now
    in_amperes = schedule["chargingRateUnit"] == "A"
    steps = tuple(
        (int(period["startPeriod"]), _watts(period, evse) if in_amperes else float(period["limit"]))
        for period in sorted(schedule["chargingSchedulePeriod"], key=lambda period: period["startPeriod"])
    )
    return ChargingLimit(starts_at, steps, schedule.get("duration"))


def _watts(period: dict[str, Any], evse: EvsePlan) -> float:
    phases = min(int(period.get("numberPhases", evse.phases)), evse.phases)
    return float(period["limit"]) * NOMINAL_VOLTAGE_V * phases

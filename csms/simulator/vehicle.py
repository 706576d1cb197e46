"""An electric vehicle as a charger sees it: a battery that takes what it likes, and less and less near full."""

import random
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from csms.simulator.plan import NOMINAL_VOLTAGE_V, EvsePlan

AC_EFFICIENCY = 0.91
DC_EFFICIENCY = 0.96
_AC_TAPER_FROM = 96.0
_DC_CURVE = ((0.0, 0.72), (8.0, 1.0), (48.0, 0.97), (62.0, 0.74), (80.0, 0.46), (92.0, 0.2), (100.0, 0.06))
"""Share of the peak DC power by state of charge, as a long-range car of the mid 2020s draws it."""


@dataclass(slots=True)
class Vehicle:
    """One car. `target_percent` is the limit its driver has set; there it stops asking for power."""

    battery_wh: int = 62_000
    ac_phases: int = 3
    ac_max_a: float = 16.0
    dc_max_w: int = 135_000
    battery_v: float = 400.0
    soc_percent: float = 40.0
    target_percent: float = 100.0

    @property
    def is_full(self) -> bool:
        """Whether it wants no more."""
        return self.soc_percent >= self.target_percent

    def wants_w(self, evse: EvsePlan, *, dc: bool) -> float:
        """Power it would draw from this EVSE now, in W."""
        if self.is_full:
            return 0.0
        return self._wants_dc_w(evse) if dc else self._wants_ac_w(evse)

    def take(self, energy_wh: float, *, dc: bool) -> None:
        """Store what came through the cable, less the losses."""
        stored_wh = energy_wh * (DC_EFFICIENCY if dc else AC_EFFICIENCY)
        self.soc_percent = min(self.target_percent, self.soc_percent + 100 * stored_wh / self.battery_wh)

    def phases_on(self, evse: EvsePlan) -> int:
        """How many phases carry current on an AC connector."""
        return min(self.ac_phases, evse.phases)

    def _wants_ac_w(self, evse: EvsePlan) -> float:
        current_a = min(self.ac_max_a, evse.max_power_w / (evse.phases * NOMINAL_VOLTAGE_V))
        left = max(0.0, 100.0 - self.soc_percent) / (100.0 - _AC_TAPER_FROM)
        return current_a * NOMINAL_VOLTAGE_V * self.phases_on(evse) * min(1.0, 0.12 + 0.88 * left)

    def _wants_dc_w(self, evse: EvsePlan) -> float:
        return min(float(evse.max_power_w), self.dc_max_w * _on_curve(self.soc_percent))

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return asdict(self)


def _on_curve(soc_percent: float) -> float:
    for (low, share_low), (high, share_high) in pairwise(_DC_CURVE):
        if soc_percent <= high:
            return share_low + (share_high - share_low) * (soc_percent - low) / (high - low)
    return _DC_CURVE[-1][1]


_FLEET: tuple[tuple[int, int, float, int, float], ...] = (
    # battery Wh, AC phases, AC amperes, peak DC W, pack V: city car, compacts, family cars, 800 V tourer
    (37_000, 1, 32.0, 50_000, 350.0),
    (52_000, 3, 32.0, 85_000, 380.0),
    (58_000, 3, 16.0, 120_000, 390.0),
    (77_000, 3, 16.0, 135_000, 400.0),
    (82_000, 3, 16.0, 220_000, 395.0),
    (93_000, 3, 32.0, 268_000, 790.0),
)


def arriving_vehicle(rng: random.Random, evse: EvsePlan, *, dc: bool, charge_s: float) -> Vehicle:
    """A car off the street whose battery will take about `charge_s` seconds here before it is content."""
    battery_wh, phases, ac_max_a, dc_max_w, battery_v = rng.choice(_FLEET[1:] if dc else _FLEET)
    target = rng.choice((80.0, 80.0, 90.0, 100.0, 100.0))
    vehicle = Vehicle(battery_wh, phases, ac_max_a, dc_max_w, battery_v, target_percent=target)
    vehicle.soc_percent = target / 2
    expected_wh = vehicle.wants_w(evse, dc=dc) * (0.75 if dc else 0.95) * charge_s / 3600
    need_percent = 100 * expected_wh * (DC_EFFICIENCY if dc else AC_EFFICIENCY) / battery_wh
    vehicle.soc_percent = round(max(rng.uniform(6, 18), target - need_percent), 1)
    return vehicle

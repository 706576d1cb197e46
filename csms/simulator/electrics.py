"""The power side of an EVSE: how power follows demand, and what its meter would read."""

import random
from dataclasses import dataclass

from csms.simulator.plan import NOMINAL_VOLTAGE_V, EvsePlan
from csms.simulator.register import MeterRegister
from csms.simulator.vehicle import Vehicle

_RAMP_S = {True: 25.0, False: 9.0}
"""Seconds from nothing to full power: a DC charger and its car agree slowly, an AC car ramps fast."""
_WARMING_S = 600.0
_HOTTEST_K = 21.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter says at one moment. AC has one voltage and current per phase in use, DC one of each."""

    energy_wh: int
    power_w: float
    voltages_v: tuple[float, ...]
    currents_a: tuple[float, ...]
    temperature_c: float
    offered_a: float
    soc_percent: float | None


class PowerPath:
    """Contactor, converter and meter of one EVSE."""

    __slots__ = ("_ambient_c", "_dc", "_noise", "_plan", "_volts", "_warmth", "power_w", "register")

    def __init__(self, plan: EvsePlan, *, dc: bool, rng: random.Random, register: MeterRegister) -> None:
        self._plan = plan
        self._dc = dc
        self._noise = rng
        self._volts = [NOMINAL_VOLTAGE_V + rng.uniform(-2, 3) for _ in range(plan.phases)]
        self._ambient_c = rng.uniform(14, 24)
        self._warmth = 0.0
        self.power_w = 0.0
        self.register = register

    def flow(self, seconds: float, vehicle: Vehicle, limit_w: float | None = None) -> float:
        """Let `seconds` pass with the contactor closed; returns the energy delivered in Wh.

        Power moves towards what the vehicle wants (at most `limit_w`); the register counts its integral.
        """
        before_w = self.power_w
        wanted_w = vehicle.wants_w(self._plan, dc=self._dc)
        self.power_w = self._towards(wanted_w if limit_w is None else min(wanted_w, limit_w), seconds)
        energy_wh = (before_w + self.power_w) / 2 * seconds / 3600
        self.register.add(energy_wh)
        vehicle.take(energy_wh, dc=self._dc)
        self._warm(seconds)
        return energy_wh

    def cut(self) -> None:
        """Open the contactor: power is gone at once."""
        self.power_w = 0.0

    def rest(self, seconds: float) -> None:
        """Let `seconds` pass with the contactor open."""
        self._warm(seconds)

    def read(self, vehicle: Vehicle | None) -> Reading:
        """The meter's values now. Power equals the sum of volts times amperes."""
        if self._dc:
            return self._read_dc(vehicle)
        phases = vehicle.phases_on(self._plan) if vehicle else self._plan.phases
        self._volts = [self._wander(volts) for volts in self._volts]
        voltages = tuple(round(volts - self.power_w / 20_000, 1) for volts in self._volts[:phases])
        currents = tuple(round(self.power_w / phases / volts, 2) for volts in voltages)
        return self._reading(voltages, currents, self._plan.max_power_w / self._plan.phases / NOMINAL_VOLTAGE_V, None)

    def _read_dc(self, vehicle: Vehicle | None) -> Reading:
        if vehicle is None:
            return self._reading((0.0,), (0.0,), 0.0, None)
        volts = round(vehicle.battery_v * (0.88 + 0.0014 * vehicle.soc_percent) + self._noise.uniform(-0.6, 0.6), 1)
        offered_a = self._plan.max_power_w / volts
        return self._reading((volts,), (round(self.power_w / volts, 2),), offered_a, vehicle.soc_percent)

    def _reading(
        self, voltages: tuple[float, ...], currents: tuple[float, ...], offered_a: float, soc: float | None
    ) -> Reading:
        power_w = sum(volts * amperes for volts, amperes in zip(voltages, currents, strict=True))
        return Reading(
            energy_wh=self.register.energy_wh,
            power_w=round(power_w, 1),
            voltages_v=voltages,
            currents_a=currents,
            temperature_c=round(self._ambient_c + _HOTTEST_K * self._warmth + self._noise.uniform(-0.2, 0.2), 1),
            offered_a=round(offered_a, 1),
            soc_percent=None if soc is None else float(int(soc)),
        )

    def _towards(self, wanted_w: float, seconds: float) -> float:
        most = self._plan.max_power_w / _RAMP_S[self._dc] * seconds
        change = max(-most * 4, min(most, wanted_w - self.power_w))
        wobble = 1 + self._noise.uniform(-0.004, 0.004)
        return max(0.0, min(self._plan.max_power_w, (self.power_w + change) * wobble))

    def _wander(self, volts: float) -> float:
        return volts + 0.1 * (NOMINAL_VOLTAGE_V + 1 - volts) + self._noise.uniform(-0.5, 0.5)

    def _warm(self, seconds: float) -> None:
        load = self.power_w / self._plan.max_power_w
        self._warmth += (load - self._warmth) * min(1.0, seconds / _WARMING_S)

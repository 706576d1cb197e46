"""Energy is the integral of power; power ramps up, holds, tapers and ends; the register never goes back."""

import random

import pytest

from csms.simulator.electrics import PowerPath
from csms.simulator.plan import EvsePlan
from csms.simulator.register import MeterRegister
from csms.simulator.vehicle import Vehicle, arriving_vehicle

AC = EvsePlan(22_000)
DC = EvsePlan(150_000)


def path_for(evse: EvsePlan, *, dc: bool) -> PowerPath:
    return PowerPath(evse, dc=dc, rng=random.Random(7), register=MeterRegister(1_000))


def curve(evse: EvsePlan, vehicle: Vehicle, *, dc: bool, seconds: int, step: float = 5.0) -> list[float]:
    """Power after every step."""
    path = path_for(evse, dc=dc)
    return [path.flow(step, vehicle) and path.power_w for _ in range(int(seconds / step))]


@pytest.mark.parametrize("dc", [False, True])
def test_energy_is_the_integral_of_power(dc: bool) -> None:
    path, vehicle = path_for(DC if dc else AC, dc=dc), Vehicle(soc_percent=30)
    integral_wh, before_w = 0.0, 0.0
    for _ in range(400):
        path.flow(3.0, vehicle)
        integral_wh += (before_w + path.power_w) / 2 * 3 / 3600
        before_w = path.power_w
    assert path.register.exact_wh - 1_000 == pytest.approx(integral_wh)
    assert path.register.energy_wh == int(path.register.exact_wh)


def test_battery_gains_less_than_the_meter_counts() -> None:
    path, vehicle = path_for(AC, dc=False), Vehicle(battery_wh=60_000, soc_percent=40)
    delivered_wh = sum(path.flow(5.0, vehicle) for _ in range(720))
    stored_wh = (vehicle.soc_percent - 40) / 100 * 60_000
    assert stored_wh == pytest.approx(delivered_wh * 0.91)


def test_dc_ramps_up_and_tapers_near_full() -> None:
    powers = curve(
        DC, Vehicle(battery_wh=77_000, dc_max_w=135_000, soc_percent=30, target_percent=100), dc=True, seconds=4_000
    )
    peak = max(powers)
    assert powers[0] < peak / 3
    assert peak == pytest.approx(135_000, rel=0.03)
    last = [power for power in powers if power > 0][-1]
    assert last < 0.15 * peak


def test_ac_holds_constant_power_then_tapers() -> None:
    powers = curve(
        AC, Vehicle(battery_wh=30_000, ac_max_a=16, soc_percent=60, target_percent=100), dc=False, seconds=6_000
    )
    plateau = powers[20:200]
    assert max(plateau) - min(plateau) < 0.02 * max(plateau)
    assert max(plateau) == pytest.approx(11_040, rel=0.02)
    assert [power for power in powers if power > 0][-1] < 0.5 * max(plateau)


def test_full_vehicle_takes_nothing() -> None:
    path, vehicle = path_for(AC, dc=False), Vehicle(soc_percent=80, target_percent=80)
    assert path.flow(5.0, vehicle) == 0
    assert path.register.energy_wh == 1_000


@pytest.mark.parametrize(("phases", "amperes", "expected_w"), [(1, 32.0, 7_360), (3, 16.0, 11_040), (3, 32.0, 22_000)])
def test_ac_power_follows_the_phases_of_the_car(phases: int, amperes: float, expected_w: float) -> None:
    vehicle = Vehicle(ac_phases=phases, ac_max_a=amperes)
    assert vehicle.wants_w(AC, dc=False) == pytest.approx(expected_w, rel=0.01)


def test_limit_holds_power_down() -> None:
    path, vehicle = path_for(AC, dc=False), Vehicle()
    for _ in range(20):
        path.flow(5.0, vehicle, limit_w=4_000)
    assert path.power_w == pytest.approx(4_000, rel=0.01)


@pytest.mark.parametrize(("dc", "values"), [(False, 3), (True, 1)])
def test_power_is_volts_times_amperes(dc: bool, values: int) -> None:
    path, vehicle = path_for(DC if dc else AC, dc=dc), Vehicle()
    for _ in range(20):
        path.flow(5.0, vehicle)
    reading = path.read(vehicle)
    assert len(reading.currents_a) == len(reading.voltages_v) == values
    product = sum(volts * amperes for volts, amperes in zip(reading.voltages_v, reading.currents_a, strict=True))
    assert reading.power_w == pytest.approx(product, abs=0.1)
    assert reading.power_w == pytest.approx(path.power_w, rel=0.01)


def test_cabinet_warms_up_under_load() -> None:
    path, vehicle = path_for(AC, dc=False), Vehicle(ac_max_a=32, soc_percent=5)
    cold = path.read(vehicle).temperature_c
    for _ in range(360):
        path.flow(5.0, vehicle)
    assert cold + 5 < path.read(vehicle).temperature_c < cold + 25


def test_register_refuses_to_go_back() -> None:
    with pytest.raises(ValueError, match="cannot count"):
        MeterRegister(10).add(-1)


def test_register_loses_nothing_to_rounding() -> None:
    register = MeterRegister()
    for _ in range(1_000):
        register.add(0.4)
    assert register.energy_wh in (399, 400)
    assert register.exact_wh == pytest.approx(400)


def test_arriving_car_is_content_in_about_its_time() -> None:
    for seed in range(20):
        vehicle = arriving_vehicle(random.Random(seed), AC, dc=False, charge_s=1_800)
        path = path_for(AC, dc=False)
        seconds = 0
        while not vehicle.is_full and seconds < 7_200:
            path.flow(5.0, vehicle)
            seconds += 5
        assert 1_000 < seconds < 3_600, seed

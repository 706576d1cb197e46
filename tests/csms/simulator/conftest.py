"""A central system, a manual clock and stations to drive by hand."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from csms.clock import ManualClock
from csms.simulator.plan import StationPlan
from csms.simulator.station import SimulatedStation
from tests.csms.simulator.central import Central, central_system

BuildStation = Callable[..., SimulatedStation]


@pytest.fixture
async def central(clock: ManualClock) -> AsyncGenerator[Central]:
    async with central_system(clock) as running:
        yield running


@pytest.fixture
async def build(central: Central, clock: ManualClock) -> AsyncGenerator[BuildStation]:
    """Builds a station from plan fields; `stored` is an earlier station's memory."""
    built: list[SimulatedStation] = []

    def make(stored: dict[str, Any] | None = None, **plan: Any) -> SimulatedStation:
        station = SimulatedStation(StationPlan(**({"identity": "ST-1"} | plan)), central.url, clock, stored)
        built.append(station)
        return station

    yield make
    for station in built:
        await station.stop()


@pytest.fixture
async def station_16(build: BuildStation) -> SimulatedStation:
    """A booted 1.6 station with one AC socket."""
    station = build(ocpp_version="1.6")
    await station.boot()
    return station


@pytest.fixture
async def station_201(build: BuildStation) -> SimulatedStation:
    """A booted 2.0.1 station with one AC socket."""
    station = build(ocpp_version="2.0.1")
    await station.boot()
    return station

"""A meter reading as the sampled values of either version, reduced to the measurands the station is set to send."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from csms.simulator.electrics import Reading


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. Energy is Wh and power W: chargers of both versions count so by default."""

    measurand: str
    value: float
    unit: str
    phase: str | None = None
    location: str = "Outlet"


def samples_of(reading: Reading, measurands: Collection[str]) -> list[Sample]:
    """The samples asked for, in the order of a typical charger."""
    return [sample for sample in _all(reading) if sample.measurand in measurands]


def _all(reading: Reading) -> Iterator[Sample]:
    yield Sample("Energy.Active.Import.Register", reading.energy_wh, "Wh")
    yield Sample("Power.Active.Import", reading.power_w, "W")
    if len(reading.currents_a) == 1:
        yield Sample("Current.Import", reading.currents_a[0], "A")
        yield Sample("Voltage", reading.voltages_v[0], "V")
    else:
        for number, amperes in enumerate(reading.currents_a, start=1):
            yield Sample("Current.Import", amperes, "A", f"L{number}")
        for number, volts in enumerate(reading.voltages_v, start=1):
            yield Sample("Voltage", volts, "V", f"L{number}-N")
    yield Sample("Current.Offered", reading.offered_a, "A")
    if reading.soc_percent is not None:
        yield Sample("SoC", reading.soc_percent, "Percent", location="EV")
    yield Sample("Temperature", reading.temperature_c, "Celsius", location="Body")


def sampled_values_16(samples: list[Sample], context: str) -> list[dict[str, Any]]:
    """1.6: values are text, the phase and the place beside them."""
    return [
        {
            "value": _number_text(sample.value),
            "context": context,
            "measurand": sample.measurand,
            "unit": sample.unit,
            "location": sample.location,
        }
        | ({"phase": sample.phase} if sample.phase else {})
        for sample in samples
    ]


def sampled_values_201(samples: list[Sample], context: str) -> list[dict[str, Any]]:
    """2.x: values are numbers, the unit an object."""
    return [
        {
            "value": sample.value,
            "context": context,
            "measurand": sample.measurand,
            "unitOfMeasure": {"unit": sample.unit},
            "location": sample.location,
        }
        | ({"phase": sample.phase} if sample.phase else {})
        for sample in samples
    ]


def _number_text(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)

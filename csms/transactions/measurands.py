"""Which column a sample belongs to, by measurand, phase and unit, and its number in that unit (DS_03, DS_05)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

DEFAULT_MEASURAND = "Energy.Active.Import.Register"
MAX_WH = 10**15
"""Beyond any meter's register: a text such as 1e999999 is no reading, and no database holds it."""
MAX_NUMBER = 1e12


@dataclass(frozen=True, slots=True)
class Target:
    """Where a sample goes: number × factor + offset, into `column`."""

    column: str
    factor: float = 1
    offset: float = 0
    is_energy: bool = False
    phase: str = ""
    """Set for one phase of a quantity that has a column for the sum only: added up when no sum was sent."""
    is_substitute: bool = False
    """Used only when nothing better fills the column (net energy, quirk 57)."""


_COLUMNS = {
    "energy.active.import.register": "energy_wh",
    "energy.active.export.register": "energy_export_wh",
    "energy.active.import.interval": "energy_interval_wh",
    "energy.active.net": "energy_wh",
    "power.active.import": "power_w",
    "power.offered": "power_offered_w",
    "current.import": "current_a",
    "current.offered": "current_offered_a",
    "voltage": "voltage_v",
    "soc": "soc_percent",
    "temperature": "temperature_c",
    "frequency": "frequency_hz",
}
_PHASED = {
    (f"{quantity}_{unit}", phase): f"{quantity}_{phase.lower()}_{unit}"
    for quantity, unit in (("current", "a"), ("voltage", "v"))
    for phase in ("L1", "L2", "L3")
}
_SUMMED = {"energy_wh", "energy_export_wh", "energy_interval_wh", "power_w"}
_FROM_ZERO_CELSIUS_IN_KELVIN = -273.15
_FAHRENHEIT = (5 / 9, -160 / 9)
_UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "wh": {"": (1, 0), "wh": (1, 0), "kwh": (1000, 0)},
    "w": {"": (1, 0), "w": (1, 0), "kw": (1000, 0), "watt": (1, 0)},
    "a": {"": (1, 0), "a": (1, 0), "amp": (1, 0), "ampere": (1, 0), "ma": (0.001, 0)},
    "v": {"": (1, 0), "v": (1, 0), "volt": (1, 0), "kv": (1000, 0), "mv": (0.001, 0)},
    "percent": {"": (1, 0), "percent": (1, 0), "%": (1, 0)},
    "hz": {"": (1, 0), "hz": (1, 0), "hertz": (1, 0)},
    "c": {
        "": (1, 0),
        "celsius": (1, 0),
        "celcius": (1, 0),  # 1.6 spells it both ways
        "c": (1, 0),
        "fahrenheit": _FAHRENHEIT,
        "f": _FAHRENHEIT,
        "k": (1, _FROM_ZERO_CELSIUS_IN_KELVIN),
        "kelvin": (1, _FROM_ZERO_CELSIUS_IN_KELVIN),
    },
}


@lru_cache(maxsize=2048)
def target_of(measurand: str | None, phase: str | None, unit: str | None) -> Target | None:
    """Where such a sample goes; None for what has no column. Texts are as sent, None where left out."""
    name = (measurand or DEFAULT_MEASURAND).strip().lower()
    column = _COLUMNS.get(name)
    if column is None:
        return None
    scale = _UNITS[column.rsplit("_", 1)[1]].get((unit or "").strip().lower())
    if scale is None:
        return None
    factor, offset = scale
    is_energy = column.endswith("_wh")
    if not phase:
        return Target(column, factor, offset, is_energy, is_substitute=name == "energy.active.net")
    return _phase_target(column, phase.strip().upper().removesuffix("-N"), factor, is_energy)


def _phase_target(column: str, phase: str, factor: float, is_energy: bool) -> Target | None:
    own_column = _PHASED.get((column, phase))
    if own_column:
        return Target(own_column, factor)
    if column in _SUMMED and phase in ("L1", "L2", "L3"):
        return Target(column, factor, is_energy=is_energy, phase=phase)
    return None  # neutral, or from line to line


def number_of(target: Target, value: object, multiplier: int) -> int | float | None:
    """`value` (text or number) in the column's unit; None when it is no such number."""
    if target.is_energy:
        return _energy_of(target, value, multiplier)
    try:
        number = float(value)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    except (ValueError, OverflowError):
        decimal = _decimal_of(value)
        if decimal is None:
            return None
        number = float(decimal)
    if multiplier:
        number = float(f"1e{multiplier}") * number
    number = number * target.factor + target.offset
    return number if -MAX_NUMBER < number < MAX_NUMBER else None  # also refuses NaN


def _energy_of(target: Target, value: object, multiplier: int) -> int | None:
    if target.factor == 1 and not multiplier:
        try:
            exact = int(value) if type(value) is str else value
        except ValueError:
            exact = None
        if type(exact) is int:
            return exact if -MAX_WH < exact < MAX_WH else None
    decimal = _decimal_of(value)
    if decimal is None or decimal.adjusted() + multiplier > 15:
        return None
    scaled = decimal.scaleb(multiplier) * Decimal(target.factor)
    return int(scaled.to_integral_value(ROUND_HALF_UP)) if abs(scaled) < MAX_WH else None


def _decimal_of(value: object) -> Decimal | None:
    """Exact; a decimal comma is read too. repr() of a float is the shortest text that means it."""
    if type(value) not in (str, int, float):
        return None
    text = value.strip() if isinstance(value, str) else repr(value)
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        decimal = Decimal(text)
    except (InvalidOperation, ValueError):
        return None
    return decimal if decimal.is_finite() else None

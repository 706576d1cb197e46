"""What a station can take in charging profiles, by its own word (X16_18, DS_54, DS_64); pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

AMPERES, WATTS = "A", "W"
_AMPERE_WORDS = ("a", "amp", "amps", "ampere", "amperes", "current")
_WATT_WORDS = ("w", "watt", "watts", "power")
_UNITS: dict[str, str] = {**dict.fromkeys(_AMPERE_WORDS, AMPERES), **dict.fromkeys(_WATT_WORDS, WATTS)}


@dataclass(frozen=True, slots=True)
class StationLimits:
    """None, or no units: the station does not say."""

    max_stack_level: int | None = None
    max_periods: int | None = None
    max_profiles: int | None = None
    units: frozenset[str] = frozenset()
    max_external_id: int | None = None
    """Ids up to this one belong to external constraints (2.1); ours are above."""


SAYS_NOTHING = StationLimits()


class Variable(Protocol):
    """A variable or configuration key as stored."""

    @property
    def component(self) -> str: ...
    @property
    def variable(self) -> str: ...
    @property
    def value(self) -> str | None: ...


def limits_from(variables: Iterable[Variable]) -> StationLimits:
    """Read the limits from configuration keys (1.6) and SmartChargingCtrlr (2.x); what is no number says nothing."""
    said = {
        name: variable.value
        for variable in variables
        if variable.value is not None and (name := _names.get((variable.component, variable.variable)))
    }
    return StationLimits(
        max_stack_level=_number(said.get("stack_level")),
        max_periods=_number(said.get("periods")),
        max_profiles=_number(said.get("profiles")),
        units=units_in(said.get("units", "")),
        max_external_id=_number(said.get("external_id")),
    )


_names = {
    ("", "ChargeProfileMaxStackLevel"): "stack_level",
    ("", "ChargingScheduleMaxPeriods"): "periods",
    ("", "MaxChargingProfilesInstalled"): "profiles",
    ("", "ChargingScheduleAllowedChargingRateUnit"): "units",
    ("SmartChargingCtrlr", "ProfileStackLevel"): "stack_level",
    ("SmartChargingCtrlr", "PeriodsPerSchedule"): "periods",
    ("SmartChargingCtrlr", "Entries"): "profiles",
    ("SmartChargingCtrlr", "RateUnit"): "units",
    ("SmartChargingCtrlr", "MaxExternalConstraintsId"): "external_id",
}
VARIABLES = frozenset(variable for _, variable in _names)
"""Names of the variables and keys that tell of the limits."""


def units_in(text: str) -> frozenset[str]:
    """The units a station names: Current means A, Power means W, and some write A, W or whole words (quirk 27)."""
    words = text.replace(";", ",").replace(" ", ",").split(",")
    return frozenset(unit for word in words if (unit := _UNITS.get(word.strip().casefold())) is not None)


def choose_unit(limits: StationLimits, current_type: str = "AC") -> str:
    """The unit to send: A for AC and W for DC, unless the station takes only the other (DS_54)."""
    natural = WATTS if current_type == "DC" else AMPERES
    if not limits.units or natural in limits.units:
        return natural
    return next(iter(limits.units))


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text.strip())
    except ValueError:
        return None

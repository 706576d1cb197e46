"""Meter values as stations send them, 1.6 and 2.x alike, read into one wide row per moment (DS_01 to DS_09).

This is the hottest code of the house: table look-ups, no Decimal unless the text asks for it, and it never raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from csms.ocpp.timestamps import parse_timestamp
from csms.transactions.bounds import believable
from csms.transactions.measurands import Target, number_of, target_of

PERIODIC = "Sample.Periodic"
MAX_CONTEXT = 24


@dataclass(slots=True)
class Moment:
    """Everything one meter said at one moment, in one context: the measured columns of models.MeterValue."""

    sampled_at: datetime
    context: str = PERIODIC
    energy_wh: int | None = None
    energy_export_wh: int | None = None
    energy_interval_wh: int | None = None
    power_w: float | None = None
    power_offered_w: float | None = None
    current_a: float | None = None
    current_l1_a: float | None = None
    current_l2_a: float | None = None
    current_l3_a: float | None = None
    current_offered_a: float | None = None
    voltage_v: float | None = None
    voltage_l1_v: float | None = None
    voltage_l2_v: float | None = None
    voltage_l3_v: float | None = None
    soc_percent: float | None = None
    temperature_c: float | None = None
    frequency_hz: float | None = None
    other: list[Any] | None = None
    """Samples without a column, as sent: signed data, single phases of power, what could not be read."""


_Waiting = tuple[Moment, Target, int | float, Any]
_Sample = Mapping[str, Any]


def read_meter_values(meter_values: object, received_at: datetime) -> list[Moment]:
    """Read the list a MeterValues, StopTransaction or TransactionEvent carries; one Moment per timestamp and context.

    A moment without a believable time counts as `received_at`. What has no column or cannot be read is kept in `other`.
    """
    moments: dict[tuple[datetime, str], Moment] = {}
    waiting: list[_Waiting] = []
    for value in _as_list(meter_values):
        if isinstance(value, dict):
            entry = cast(dict[str, Any], value)
            sampled_at = believable(parse_timestamp(entry.get("timestamp")), received_at)
            _read(_as_list(entry.get("sampledValue")), sampled_at, moments, waiting)
    if waiting:
        _settle(waiting)
    return list(moments.values())


def _as_list(value: object) -> list[Any]:
    if isinstance(value, list):
        return cast(list[Any], value)
    return [value] if isinstance(value, dict) else []  # some send a lone sample without its list


def _read(
    samples: list[Any], sampled_at: datetime, moments: dict[tuple[datetime, str], Moment], waiting: list[_Waiting]
) -> None:
    """Put the samples of one time into the moments of their contexts; mostly all are of one."""
    latest: str | None = None
    moment = None
    for sample in samples:
        try:
            context = sample.get("context") or PERIODIC
            if moment is None or context != latest:
                moment, latest = _moment(sampled_at, context, moments), context
        except (AttributeError, TypeError):  # not an object, or its context no text
            _keep(moments.setdefault((sampled_at, PERIODIC), Moment(sampled_at)), sample)
            continue
        try:
            if not _place(sample, moment, waiting):
                _keep(moment, sample)
        except (AttributeError, TypeError, ValueError, ArithmeticError):
            _keep(moment, sample)


def _moment(sampled_at: datetime, context: str, moments: dict[tuple[datetime, str], Moment]) -> Moment:
    moment = moments.get((sampled_at, context))
    if moment is None:
        moment = moments[sampled_at, context] = Moment(sampled_at, str(context)[:MAX_CONTEXT])
    return moment


def _place(sample: _Sample, moment: Moment, waiting: list[_Waiting]) -> bool:
    """Put a sample into its column, or let it wait for better ones; False when it has no place."""
    get = sample.get
    unit_of_measure = get("unitOfMeasure")
    if unit_of_measure is None:
        unit, multiplier = get("unit"), 0
    else:
        unit, multiplier = unit_of_measure.get("unit"), int(unit_of_measure.get("multiplier") or 0)
    target = target_of(get("measurand"), get("phase"), unit)
    if target is None or get("format") == "SignedData" or not -20 < multiplier < 20:
        return False
    number = number_of(target, get("value"), multiplier)
    if number is None:
        return False
    if target.phase or target.is_substitute or (get("location", "Outlet") != "Outlet" and target.column in _AT_OUTLET):
        waiting.append((moment, target, number, sample))
        return True
    column = target.column
    if getattr(moment, column) is not None:
        return False  # said twice: the first holds, the other is kept
    setattr(moment, column, number)
    # A signature stays attached to what it signs: the sample is kept whole as well (DS_08).
    return "signedMeterValue" not in sample


_AT_OUTLET = {"energy_wh", "energy_export_wh", "energy_interval_wh", "power_w", "current_a", "voltage_v"}
"""What an EVSE delivers: measured at its inlet or in the vehicle only where nobody measured at the outlet."""


def _settle(waiting: list[_Waiting]) -> None:
    """Second choices take columns still empty; phases add up where no sum was sent (DS_05)."""
    sums: dict[tuple[int, str], tuple[Moment, dict[str, int | float]]] = {}
    for moment, target, number, sample in waiting:
        if target.phase:
            _, phases = sums.setdefault((id(moment), target.column), (moment, {}))
            phases.setdefault(target.phase, number)
            _keep(moment, sample)
        elif getattr(moment, target.column) is None:
            setattr(moment, target.column, number)
        else:
            _keep(moment, sample)
    for (_, column), (moment, phases) in sums.items():
        if getattr(moment, column) is None:
            setattr(moment, column, sum(phases.values()))


def _keep(moment: Moment, sample: Any) -> None:
    if moment.other is None:
        moment.other = []
    moment.other.append(sample)

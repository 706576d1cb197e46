"""What ISO 15118-20 adds to the profile for an EV: setpoints, discharging, dynamic control (K18, K19, Q03); pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from csms.ocpp.timestamps import format_timestamp
from csms.smart_charging.building import limit_json
from csms.smart_charging.limits import WATTS
from csms.smart_charging.profile import decimal_of

Json = dict[str, Any]
PULL_EVERY_S = 300
"""How often a station under dynamic control asks for new values, so that limits set meanwhile reach the EV."""
_PHASES = ("", "_L2", "_L3")


def speaks_15118_20(message: Mapping[str, Any]) -> bool:
    """Whether a NotifyEVChargingNeeds comes from an EV of ISO 15118-20: only those name a control mode."""
    return _needs(message).get("controlMode") is not None


def controlled(profile: Json, message: Mapping[str, Any], now: datetime, *, may_discharge: bool) -> Json:
    """The profile with setpoints at its limits, as the EV's control mode wants it; as it is for an older EV.

    Under scheduled control the periods are the EV's to plan with; under dynamic control only the first one counts,
    and the station fetches new values. Nothing is discharged by itself, but within dischargeLimit it may be asked.
    """
    if not speaks_15118_20(message):
        return profile
    schedule = cast(list[Json], profile["chargingSchedule"])[0]
    least = _discharge(message, schedule["chargingRateUnit"]) if may_discharge else None
    periods = [_with_setpoint(period, least) for period in cast(list[Json], schedule["chargingSchedulePeriod"])]
    if _needs(message).get("controlMode") != "DynamicControl":
        return profile | {"chargingSchedule": [schedule | {"chargingSchedulePeriod": periods}]}
    timeless = {name: value for name, value in schedule.items() if name not in ("startSchedule", "duration")}
    lasting = {name: value for name, value in profile.items() if name != "validTo"}
    return lasting | {
        "chargingProfileKind": "Dynamic",
        "dynUpdateInterval": PULL_EVERY_S,
        "dynUpdateTime": format_timestamp(now),
        "chargingSchedule": [timeless | {"chargingSchedulePeriod": periods[:1]}],
    }


def charge_power(message: Mapping[str, Any]) -> Decimal | None:
    """The most W that an EV of ISO 15118-20 takes, over all phases; None where it does not say."""
    return _sum(message, "maxChargePower")


def _with_setpoint(period: Json, least: float | None) -> Json:
    added: Json = {"setpoint": period["limit"], "operationMode": "CentralSetpoint"}
    if least is not None:
        added["dischargeLimit"] = least
    return period | added


def _discharge(message: Mapping[str, Any], unit: str) -> float | None:
    """The most it gives back, below 0, in the unit of the profile."""
    most = _sum(message, "maxDischargePower")
    if unit != WATTS:
        most = decimal_of(_parameters(message).get("maxDischargeCurrent"))
    return None if most is None else -limit_json(abs(most))


def _sum(message: Mapping[str, Any], name: str) -> Decimal | None:
    parameters = _parameters(message)
    found = [value for phase in _PHASES if (value := decimal_of(parameters.get(f"{name}{phase}"))) is not None]
    return sum(found, Decimal(0)) if found else None


def _needs(message: Mapping[str, Any]) -> Json:
    return cast(Json, message.get("chargingNeeds") or {})


def _parameters(message: Mapping[str, Any]) -> Json:
    return cast(Json, _needs(message).get("v2xChargingParameters") or {})

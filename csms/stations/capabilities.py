"""What a station can do, worked out from its variables or configuration keys: pure (DS_60 to DS_65)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from csms.stations.steering import doubtful_settings
from csms.stations.values import list_in, number_in, rate_units_in, truth_in

PROFILES_16 = (
    "Core",
    "FirmwareManagement",
    "LocalAuthListManagement",
    "Reservation",
    "SmartCharging",
    "RemoteTrigger",
)
CORE_CONTROLLERS = (
    "OCPPCommCtrlr",
    "TxCtrlr",
    "DeviceDataCtrlr",
    "ClockCtrlr",
    "SecurityCtrlr",
    "SampledDataCtrlr",
    "AlignedDataCtrlr",
    "AuthCtrlr",
)
"""What every 2.x station must have (DS_63)."""

_FEATURES = {
    "SmartChargingCtrlr": "SmartCharging",
    "ISO15118Ctrlr": "ISO15118",
    "MonitoringCtrlr": "Monitoring",
    "LocalAuthListCtrlr": "LocalAuthList",
    "TariffCostCtrlr": "TariffCost",
    "DisplayMessageCtrlr": "DisplayMessage",
    "ReservationCtrlr": "Reservation",
    "PaymentCtrlr": "Payment",
    "WebPaymentsCtrlr": "WebPayments",
    "V2XChargingCtrlr": "V2X",
    "ACDERCtrlr": "DER",
    "DCDERCtrlr": "DER",
    "BatterySwapCtrlr": "BatterySwap",
}
_LIMITS_16 = frozenset(
    {
        "getconfigurationmaxkeys",
        "localauthlistmaxlength",
        "sendlocallistmaxlength",
        "chargeprofilemaxstacklevel",
        "chargingschedulemaxperiods",
        "maxchargingprofilesinstalled",
        "certificatesignedmaxchainsize",
        "certificatestoremaxlength",
        "numberofconnectors",
    }
)
_LIMITS_2X = frozenset(
    {
        "itemspermessage",
        "bytespermessage",
        "valuesize",
        "configurationvaluesize",
        "reportingvaluesize",
        "entries",
        "periodsperschedule",
        "profilestacklevel",
        "certificateentries",
        "maxcertificatechainsize",
        "maxexternalconstraintsid",
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One variable with its actual value."""

    component: str
    variable: str
    value: str | None
    variable_instance: str = ""
    evse_number: int = 0
    connector_number: int = 0


def capabilities_of(version: str, readings: Sequence[Reading], components: Iterable[str] = ()) -> dict[str, Any]:
    """The capabilities of a station as JSON. `components` are the names of all, also those without a reading here.

    profiles: what it says it can do; None where it says nothing that makes sense, which forbids nothing (quirk 28).
    """
    found = _capabilities_16(readings) if version == "1.6" else _capabilities_2x(readings, set(components))
    return found | {"warnings": doubtful_settings(_steering(version, readings))}


def _capabilities_16(readings: Sequence[Reading]) -> dict[str, Any]:
    values = {reading.variable.casefold(): reading.value for reading in readings if not reading.component}
    said = {word.casefold() for word in list_in(values.get("supportedfeatureprofiles"))}
    profiles = [profile for profile in PROFILES_16 if profile.casefold() in said]
    count = number_in(values.get("numberofconnectors"))
    return {
        "profiles": profiles or None,
        "connector_count": count,
        "evses": {str(number): [1] for number in range(1, min(count or 0, 100) + 1)},
        "limits": {
            reading.variable: number
            for reading in readings
            if reading.variable.casefold() in _LIMITS_16 and (number := number_in(reading.value)) is not None
        },
        "charging_rate_units": rate_units_in(values.get("chargingscheduleallowedchargingrateunit")),
        "missing": [],
    }


def _capabilities_2x(readings: Sequence[Reading], components: set[str]) -> dict[str, Any]:
    components = components | {reading.component for reading in readings}
    evses = _evses(readings)
    return {
        "profiles": _features(readings, components) or None,
        "connector_count": sum(len(connectors) for connectors in evses.values()) or None,
        "evses": evses,
        "limits": {
            _address(reading): number
            for reading in readings
            if reading.variable.casefold() in _LIMITS_2X and (number := number_in(reading.value)) is not None
        },
        "charging_rate_units": _rate_units(readings),
        "missing": [name for name in CORE_CONTROLLERS if name not in components] if components else [],
    }


def _features(readings: Sequence[Reading], components: set[str]) -> list[str]:
    """Controllers that do not say that they are off; Available and Enabled are often missing (quirk 65)."""
    off = {
        reading.component
        for reading in readings
        if reading.variable in ("Available", "Enabled") and truth_in(reading.value) is False
    }
    found = {feature for component, feature in _FEATURES.items() if component in components - off}
    return sorted(found | ({"Core"} if "OCPPCommCtrlr" in components else set[str]()))


def _evses(readings: Sequence[Reading]) -> dict[str, list[int]]:
    evses: dict[str, set[int]] = {}
    for reading in readings:
        if reading.evse_number > 0 and reading.component in ("EVSE", "Connector"):
            connectors = evses.setdefault(str(reading.evse_number), set())
            if reading.connector_number > 0:
                connectors.add(reading.connector_number)
    return {evse: sorted(connectors) for evse, connectors in sorted(evses.items(), key=lambda item: int(item[0]))}


def _rate_units(readings: Sequence[Reading]) -> list[str]:
    for reading in readings:
        if reading.variable.casefold() == "rateunit":
            return rate_units_in(reading.value)
    return []


def _address(reading: Reading) -> str:
    instance = f"[{reading.variable_instance}]" if reading.variable_instance else ""
    return f"{reading.component}.{reading.variable}{instance}"


def _steering(version: str, readings: Sequence[Reading]) -> dict[str, str]:
    return {
        reading.variable if version == "1.6" else _address(reading): reading.value
        for reading in readings
        if reading.value is not None
    }

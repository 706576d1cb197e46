"""The device model of a simulated OCPP 2.0.1 station: components and their variables."""

from typing import TYPE_CHECKING, Any

from csms.simulator.keys16 import MEASURANDS
from csms.simulator.settings import Setting, Settings

if TYPE_CHECKING:
    from csms.simulator.core import StationCore
    from csms.simulator.evse import Evse

_MEASURANDS = tuple(measurand for measurand in MEASURANDS if measurand != "Temperature")
"""2.x has no measurand for it; temperature is a variable of a component there."""


def device_model_of(station: "StationCore") -> Settings:
    """Every variable this station has; those of an EVSE name it by number and read it live."""
    live = [setting for evse in station.evses for setting in _of_evse(station, evse)]
    return Settings((*_controllers(station), *_sampled_data(station), *_nameplate(station), *live))


def _integer(component: str, name: str, value: int, minimum: int = 0, maximum: int = 86_400, **more: Any) -> Setting:
    return Setting(name, str(value), component=component, kind="integer", minimum=minimum, maximum=maximum, **more)


def _flag(component: str, name: str, value: bool, **more: Any) -> Setting:
    return Setting(name, str(value).lower(), component=component, kind="boolean", **more)


def _fixed(component: str, name: str, value: object, kind: str = "string", **more: Any) -> Setting:
    return Setting(name, str(value), component=component, kind=kind, read_only=True, **more)


def _controllers(station: "StationCore") -> list[Setting]:
    behaviour, password = station.plan.behaviour, station.plan.password
    starts = "EVConnected" if behaviour.starts_on_plug else "Authorized"
    return [
        _integer("OCPPCommCtrlr", "HeartbeatInterval", 300, 1, unit="s"),
        _integer("OCPPCommCtrlr", "MessageTimeout", 30, 5, 600, unit="s", instance="Default"),
        _integer("OCPPCommCtrlr", "MessageAttempts", 3, 1, 20, instance="TransactionEvent"),
        _integer("OCPPCommCtrlr", "MessageAttemptInterval", 10, 1, unit="s", instance="TransactionEvent"),
        _integer("OCPPCommCtrlr", "WebSocketPingInterval", 0, 0, 3_600, unit="s", reboot=True),
        _integer("OCPPCommCtrlr", "RetryBackOffWaitMinimum", 2, 1, 3_600, unit="s"),
        _fixed("OCPPCommCtrlr", "NetworkConfigurationPriority", "1", "SequenceList"),
        _fixed("OCPPCommCtrlr", "FileTransferProtocols", "HTTPS", "MemberList"),
        _flag("AuthCtrlr", "AuthorizeRemoteStart", True),
        _flag("AuthCtrlr", "LocalAuthorizeOffline", True),
        _flag("AuthCtrlr", "LocalPreAuthorize", False),
        _flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled", behaviour.accepts_unknown_offline),
        _flag("AuthCacheCtrlr", "Enabled", True),
        _fixed("TxCtrlr", "TxStartPoint", starts, "MemberList"),
        _fixed("TxCtrlr", "TxStopPoint", "Authorized,EVConnected", "MemberList"),
        _integer("TxCtrlr", "EVConnectionTimeOut", 60, 5, unit="s"),
        _flag("TxCtrlr", "StopTxOnInvalidId", True),
        _flag("TxCtrlr", "StopTxOnEVSideDisconnect", True, read_only=True),
        _fixed("DeviceDataCtrlr", "ItemsPerMessage", 50, "integer", instance="GetVariables"),
        _fixed("DeviceDataCtrlr", "ItemsPerMessage", 50, "integer", instance="SetVariables"),
        _fixed("SecurityCtrlr", "SecurityProfile", 1 if password else 0, "integer"),
        Setting("BasicAuthPassword", password or "", component="SecurityCtrlr", write_only=True, reboot=True),
        _fixed("SecurityCtrlr", "OrganizationName", station.plan.vendor),
        _flag("SmartChargingCtrlr", "Enabled", True, read_only=True),
        _fixed("SmartChargingCtrlr", "RateUnit", "A,W", "MemberList"),
        _fixed("SmartChargingCtrlr", "PeriodsPerSchedule", 24, "integer"),
        _fixed("ClockCtrlr", "TimeSource", "Heartbeat", "SequenceList"),
        Setting("TimeZone", station.plan.time_zone, component="ClockCtrlr"),
    ]


def _sampled_data(station: "StationCore") -> list[Setting]:
    sampled = ["Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage"]
    sampled += ["SoC"] if station.plan.is_dc else []
    component = "SampledDataCtrlr"
    lists = {
        "TxStartedMeasurands": "Energy.Active.Import.Register",
        "TxUpdatedMeasurands": ",".join(sampled),
        "TxEndedMeasurands": "Energy.Active.Import.Register",
    }
    return [
        _flag(component, "Enabled", True),
        _integer(component, "TxUpdatedInterval", station.plan.sample_interval_s, unit="s"),
        *(
            Setting(name, value, component=component, kind="MemberList", choices=_MEASURANDS)
            for name, value in lists.items()
        ),
    ]


def _nameplate(station: "StationCore") -> list[Setting]:
    plan = station.plan
    return [
        _fixed("ChargingStation", "VendorName", plan.vendor),
        _fixed("ChargingStation", "Model", plan.model),
        _fixed("ChargingStation", "SerialNumber", plan.serial_number),
        _fixed("ChargingStation", "SupplyPhases", 3, "integer"),
        _flag("ChargingStation", "Available", True, read_only=True),
        _fixed(
            "ChargingStation",
            "AvailabilityState",
            "",
            "OptionList",
            read=lambda: "Available" if station.is_operative else "Unavailable",
        ),
        _flag(
            "ChargingStation",
            "Problem",
            False,
            read_only=True,
            read=lambda: str(any(evse.fault for evse in station.evses)).lower(),
        ),
        _fixed("Controller", "FirmwareVersion", plan.firmware_version),
        _integer("LightingCtrlr", "Intensity", 80, 0, 100, unit="Percent"),
        Setting("Language", "en", component="DisplayDevice", kind="OptionList", choices=("de", "en", "fr", "zh")),
        Setting("APN", "iot.example", component="LocalModem", reboot=True),
    ]


def _of_evse(station: "StationCore", evse: "Evse") -> list[Setting]:
    def status() -> str:
        return station.face.status_of(evse, 1)

    number = evse.number
    return [
        _flag("EVSE", "Available", True, read_only=True, evse_number=number),
        _fixed("EVSE", "AvailabilityState", "", "OptionList", evse_number=number, read=status),
        _fixed("EVSE", "SupplyPhases", evse.plan.phases, "integer", evse_number=number),
        _fixed(
            "EVSE",
            "Power",
            "",
            "decimal",
            evse_number=number,
            unit="W",
            maximum=evse.plan.max_power_w,
            read=lambda: str(round(evse.path.power_w)),
        ),
        _fixed(
            "PowerContactor",
            "Temperature",
            "",
            "decimal",
            evse_number=number,
            unit="Celsius",
            read=lambda: str(evse.read().temperature_c),
        ),
        _fixed("Connector", "ConnectorType", _type_of(evse), "string", evse_number=number),
        _flag(
            "ElectricalFeed",
            "Problem",
            False,
            read_only=True,
            evse_number=number,
            read=lambda: str(evse.fault is not None).lower(),
        ),
    ]


_TYPES = {"IEC_62196_T2": "sType2", "IEC_62196_T2_COMBO": "cCCS2", "CHADEMO": "cG105"}


def _type_of(evse: "Evse") -> str:
    return _TYPES.get(evse.plan.connectors[0].standard, "Unknown")

"""The configuration keys of a simulated OCPP 1.6 station."""

from csms.simulator.plan import StationPlan
from csms.simulator.settings import Setting, Settings

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Current.Offered",
    "Voltage",
    "SoC",
    "Temperature",
)


def configuration_of(plan: StationPlan) -> Settings:
    """Keys with the defaults this model leaves the factory with."""
    return Settings((*_core(plan), *_metering(plan), *_profiles(plan), *_vendor()))


def _integer(name: str, value: int, minimum: int = 0, maximum: int = 86_400, *, reboot: bool = False) -> Setting:
    return Setting(name, str(value), kind="integer", minimum=minimum, maximum=maximum, reboot=reboot)


def _flag(name: str, value: bool) -> Setting:
    return Setting(name, str(value).lower(), kind="boolean")


def _fixed(name: str, value: object) -> Setting:
    return Setting(name, str(value), read_only=True)


def _core(plan: StationPlan) -> list[Setting]:
    return [
        _flag("AllowOfflineTxForUnknownId", plan.behaviour.accepts_unknown_offline),
        _flag("AuthorizationCacheEnabled", True),
        _flag("AuthorizeRemoteTxRequests", True),
        _integer("ConnectionTimeOut", 60, 5),
        _fixed("ConnectorPhaseRotation", "NotApplicable" if plan.is_dc else "0.RST"),
        _fixed("GetConfigurationMaxKeys", 50),
        _integer("HeartbeatInterval", 300, 1),
        _integer("LightIntensity", 80, 0, 100),
        _flag("LocalAuthorizeOffline", True),
        _flag("LocalPreAuthorize", False),
        _fixed("NumberOfConnectors", len(plan.evses)),
        _integer("ResetRetries", 1, 0, 10),
        _flag("StopTransactionOnEVSideDisconnect", True),
        _flag("StopTransactionOnInvalidId", True),
        _integer("TransactionMessageAttempts", 3, 1, 20),
        _integer("TransactionMessageRetryInterval", 10, 1),
        _flag("UnlockConnectorOnEVSideDisconnect", True),
        _integer("WebSocketPingInterval", 0, 0, 3_600, reboot=True),
        Setting("AuthorizationKey", plan.password or "", write_only=True, reboot=True),
        _fixed("SecurityProfile", 1 if plan.password else 0),
    ]


def _metering(plan: StationPlan) -> list[Setting]:
    sampled = ["Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage"]
    sampled += ["SoC", "Temperature"] if plan.is_dc else []
    return [
        _integer("ClockAlignedDataInterval", 0),
        _integer("MeterValueSampleInterval", plan.sample_interval_s),
        Setting("MeterValuesSampledData", ",".join(sampled), kind="MemberList", choices=MEASURANDS),
        _fixed("MeterValuesSampledDataMaxLength", len(MEASURANDS)),
        Setting("StopTxnSampledData", "Energy.Active.Import.Register", kind="MemberList", choices=MEASURANDS),
    ]


def _profiles(plan: StationPlan) -> list[Setting]:
    return [
        _fixed("SupportedFeatureProfiles", "Core,RemoteTrigger,SmartCharging"),
        _fixed("ChargeProfileMaxStackLevel", 8),
        _fixed("ChargingScheduleAllowedChargingRateUnit", "Current,Power"),
        _fixed("ChargingScheduleMaxPeriods", 24),
        _fixed("MaxChargingProfilesInstalled", 8 * len(plan.evses)),
    ]


def _vendor() -> list[Setting]:
    return [
        Setting("OperatorHotline", "+49 30 5550 1234"),
        Setting("DisplayLanguage", "en", choices=("de", "en", "fr", "zh")),
        Setting("ModemApn", "iot.example", reboot=True),
    ]

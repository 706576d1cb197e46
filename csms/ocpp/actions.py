"""What the schemas do not say about a request: who may send it (TR_46, TR_47), whether it is answered (TR_53)."""

from csms.ocpp.version import OcppVersion

_FROM_STATION_16 = frozenset(
    [
        "Authorize",
        "BootNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "LogStatusNotification",
        "MeterValues",
        "SecurityEventNotification",
        "SignCertificate",
        "SignedFirmwareStatusNotification",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
    ]
)
_FROM_STATION_201 = frozenset(
    [
        "Authorize",
        "BootNotification",
        "ClearedChargingLimit",
        "FirmwareStatusNotification",
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "Heartbeat",
        "LogStatusNotification",
        "MeterValues",
        "NotifyChargingLimit",
        "NotifyCustomerInformation",
        "NotifyDisplayMessages",
        "NotifyEVChargingNeeds",
        "NotifyEVChargingSchedule",
        "NotifyEvent",
        "NotifyMonitoringReport",
        "NotifyReport",
        "PublishFirmwareStatusNotification",
        "ReportChargingProfiles",
        "ReservationStatusUpdate",
        "SecurityEventNotification",
        "SignCertificate",
        "StatusNotification",
        "TransactionEvent",
    ]
)
_FROM_STATION_21 = _FROM_STATION_201 | frozenset(
    [
        "BatterySwap",
        "ClosePeriodicEventStream",
        "GetCertificateChainStatus",
        "NotifyDERAlarm",
        "NotifyDERStartStop",
        "NotifyPeriodicEventStream",
        "NotifyPriorityCharging",
        "NotifySettlement",
        "OpenPeriodicEventStream",
        "PullDynamicScheduleUpdate",
        "ReportDERControl",
        "VatNumberValidation",
    ]
)

FROM_STATION = {
    OcppVersion.V16: _FROM_STATION_16,
    OcppVersion.V201: _FROM_STATION_201,
    OcppVersion.V21: _FROM_STATION_21,
}
"""Requests only a charging station sends; what is neither here nor in FROM_BOTH comes from the central system."""

FROM_BOTH = frozenset({"DataTransfer"})

UNANSWERED = frozenset({"NotifyPeriodicEventStream"})
"""Requests of 2.1 that travel as SEND: nobody answers them."""

DATED = frozenset(
    [
        "StartTransaction",
        "StopTransaction",
        "MeterValues",
        "TransactionEvent",
        "NotifyEvent",
        "NotifyReport",
        "NotifyMonitoringReport",
        "SecurityEventNotification",
    ]
)
"""Requests that say when they happened: the same id and text is the same message, however late it comes again."""

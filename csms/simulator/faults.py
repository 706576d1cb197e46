"""What can break, in the words of both protocol versions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. `error_code` is 1.6's; component and variable are where 2.x reports it."""

    name: str
    error_code: str
    vendor_code: str
    text: str
    component: str
    variable: str
    stop_reason: str = "Other"


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "ground", "GroundFailure", "E-0104", "Residual current detected", "ElectricalFeed", "Problem", "GroundFault"
        ),
        Fault("temperature", "HighTemperature", "E-0231", "Cabinet temperature above limit", "FanControl", "Problem"),
        Fault(
            "lock",
            "ConnectorLockFailure",
            "E-0312",
            "Plug lock did not engage",
            "ConnectorPlugRetentionLock",
            "Problem",
        ),
        Fault("contactor", "PowerSwitchFailure", "E-0120", "Contactor feedback missing", "ElectricalFeed", "Problem"),
        Fault("meter", "PowerMeterFailure", "E-0410", "Energy meter does not answer", "FiscalMetering", "Problem"),
        Fault(
            "overcurrent",
            "OverCurrentFailure",
            "E-0107",
            "Overcurrent on L2",
            "ElectricalFeed",
            "Problem",
            "OvercurrentFault",
        ),
        Fault(
            "emergency",
            "OtherError",
            "E-0001",
            "Emergency stop pressed",
            "EmergencyStopSensor",
            "Active",
            "EmergencyStop",
        ),
    )
}
"""Every fault a simulated station can have, by its short name."""

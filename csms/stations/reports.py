"""What stations report, in our nouns: the gateway's dialects make these from 1.6 and 2.x alike."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class BootReport:
    """A BootNotification (B01). `info` is the whole payload."""

    vendor: str
    model: str
    serial_number: str = ""
    firmware_version: str = ""
    reason: str = ""
    info: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A StatusNotification (G01). `evse_number` 0 is the station as a whole; `at` is the station's own time, if any."""

    evse_number: int
    connector_number: int
    status: str
    received_at: datetime
    error_code: str = ""
    vendor_error_code: str = ""
    info: str = ""
    at: datetime | None = None
    vendor_id: str = ""


@dataclass(frozen=True, slots=True)
class VariableReport:
    """One attribute of one variable (B07, B06), or one 1.6 configuration key with component "".

    `mutability` and `characteristics` are None where the report does not speak of them; what is known then stays.
    """

    variable: str
    value: str | None
    component: str = ""
    component_instance: str = ""
    evse_number: int = 0
    connector_number: int = 0
    variable_instance: str = ""
    attribute: str = "Actual"
    mutability: str | None = None
    characteristics: dict[str, Any] | None = None
    is_persistent: bool = False
    is_constant: bool = False


@dataclass(frozen=True, slots=True)
class MonitorReport:
    """A monitor a station keeps (N02, N04). `severity` 0 is the gravest, 9 the least."""

    monitor_id: int
    component: str
    variable: str
    type: str
    value: float
    severity: int
    component_instance: str = ""
    evse_number: int = 0
    connector_number: int = 0
    variable_instance: str = ""
    is_transaction: bool = False
    details: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class EventReport:
    """Something for the station's history. `kind` is dotted; `severity` as models.Severity."""

    kind: str
    severity: str
    text: str
    at: datetime
    evse_number: int = 0
    connector_number: int = 0
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    source: str = ""
    """What an alert is about; the word of its end names the same."""

"""Reads a status for what is wrong with it: pure, so that the same status always tells the same trouble."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from csms.stations.reports import StatusReport
from models import Severity

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""A station's time before this comes from a clock that was never set (field quirk 60)."""

_WHOLE_STATION = frozenset({"Available", "Unavailable", "Faulted"})
_ERROR_CODES = frozenset(
    {
        "ConnectorLockFailure",
        "EVCommunicationError",
        "GroundFailure",
        "HighTemperature",
        "InternalError",
        "LocalListConflict",
        "OtherError",
        "OverCurrentFailure",
        "OverVoltage",
        "PowerMeterFailure",
        "PowerSwitchFailure",
        "ReaderFailure",
        "ResetFailure",
        "UnderVoltage",
        "WeakSignal",
    }
)
"""1.6 ChargePointErrorCode, NoError apart."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an operator should know of a status."""

    kind: str
    severity: str
    text: str


def tidy(report: StatusReport) -> StatusReport:
    """The report with its texts repaired: NoError and "null" mean nothing, unknown codes become OtherError (DS_43)."""
    error_code = "" if report.error_code in ("", "NoError") else report.error_code
    info = "" if report.info == "null" else report.info
    if error_code and error_code not in _ERROR_CODES:
        error_code, info = "OtherError", f"{error_code}: {info}" if info else error_code
    whole = report.evse_number == 0
    return replace(
        report,
        connector_number=0 if whole else max(report.connector_number, 1),
        error_code=error_code,
        vendor_error_code="" if report.vendor_error_code == "null" else report.vendor_error_code,
        info=info,
        vendor_id="" if report.vendor_id == "null" else report.vendor_id,
    )


def status_time(report: StatusReport) -> datetime:
    """When the status began: the station's time, unless its clock is unset or ahead of ours."""
    if report.at is None or report.at < EARLIEST:
        return report.received_at
    return min(report.at, report.received_at)


def trouble_of(report: StatusReport) -> Trouble | None:
    """What is wrong in a tidied report, if anything: a fault is a problem, an error beside another status a warning."""
    noun = "station" if report.evse_number == 0 else "connector"
    where = "Station" if report.evse_number == 0 else _connector_words(report)
    if report.status == "Faulted":
        return Trouble(f"{noun}.faulted", Severity.PROBLEM, f"{where} is out of order{_because(report)}")
    if report.error_code:
        return Trouble(f"{noun}.warning", Severity.WARNING, f"{where} reports an error{_because(report)}")
    if report.evse_number == 0 and report.status not in _WHOLE_STATION:
        text = f"Station as a whole reports {report.status}, which only a connector can be"
        return Trouble("station.warning", Severity.WARNING, text)
    return None


def _connector_words(report: StatusReport) -> str:
    if report.connector_number == 1:
        return f"Connector {report.evse_number}"
    return f"Connector {report.evse_number}-{report.connector_number}"


def _because(report: StatusReport) -> str:
    words = [report.error_code, report.vendor_error_code and f"vendor code {report.vendor_error_code}", report.info]
    said = ", ".join(word for word in words if word)
    return f": {said}" if said else ""

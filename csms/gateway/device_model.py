"""OCPP 2.x device model and events, read into our nouns. Stations leave out much of it, and nothing raises for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from csms.gateway.wire import moment_of
from csms.stations.history import ALERT
from csms.stations.service import EventReport, MonitorReport, StatusReport, VariableReport
from csms.stations.values import truth_in
from models import Severity

Json = dict[str, Any]
_MAX_TEXT = 500


def variables_in(report_data: list[Json]) -> list[VariableReport]:
    """Every attribute of every variable in a NotifyReport; a variable without any counts as one without value."""
    return [
        _variable(
            entry,
            attribute=attribute.get("type", "Actual"),
            value=attribute.get("value"),
            mutability=attribute.get("mutability", "ReadWrite"),
            characteristics=entry.get("variableCharacteristics") or {},
            is_persistent=bool(attribute.get("persistent")),
            is_constant=bool(attribute.get("constant")),
        )
        for entry in report_data
        for attribute in cast(list[Json], entry.get("variableAttribute") or [{}])
    ]


def variables_read(results: list[Json]) -> list[VariableReport]:
    """What the answer to GetVariables taught us: the results that have a value."""
    return [
        _variable(result, attribute=result.get("attributeType", "Actual"), value=result.get("attributeValue"))
        for result in results
        if result.get("attributeStatus") == "Accepted"
    ]


def variables_written(asked: list[Json], results: list[Json], status: str = "Accepted") -> list[VariableReport]:
    """What the answer to SetVariables taught us: the values asked for whose result has this status."""
    accepted = [_address(result) for result in results if result.get("attributeStatus") == status]
    return [
        _variable(item, attribute=item.get("attributeType", "Actual"), value=item["attributeValue"])
        for item in asked
        if _address(item) in accepted
    ]


def monitors_in(reported: list[Json]) -> list[MonitorReport]:
    """Every monitor of every variable in a NotifyMonitoringReport (N02)."""
    return [
        _monitor(entry, monitor)
        for entry in reported
        for monitor in cast(list[Json], entry.get("variableMonitoring") or [])
    ]


def monitors_set(asked: list[Json], results: list[Json]) -> list[MonitorReport]:
    """Monitors that the answer to SetVariableMonitoring says are set now, each result with what was asked (N04)."""
    found: list[MonitorReport] = []
    left = list(asked)
    for result in results:
        item = next((item for item in left if _monitored(item) == _monitored(result)), None)
        if item is not None:
            left.remove(item)
            if result.get("status") == "Accepted" and isinstance(result.get("id"), int):
                found.append(_monitor(item, item | {"id": result["id"]}))
    return found


_SAID_OF_A_MONITOR = ("id", "transaction", "value", "type", "severity", "component", "variable", "customData")


def _monitor(entry: Json, monitor: Json) -> MonitorReport:
    component, variable = entry["component"], entry["variable"]
    evse: Json = component.get("evse") or {}
    return MonitorReport(
        monitor_id=monitor["id"],
        component=component["name"],
        variable=variable["name"],
        type=monitor["type"],
        value=float(monitor["value"]),
        severity=monitor["severity"],
        component_instance=component.get("instance", ""),
        evse_number=evse.get("id", 0),
        connector_number=evse.get("connectorId", 0),
        variable_instance=variable.get("instance", ""),
        is_transaction=bool(monitor.get("transaction")),
        details={name: value for name, value in monitor.items() if name not in _SAID_OF_A_MONITOR},
    )


def _monitored(item: Json) -> tuple[Json, Json, Any, Any]:
    return item["component"], item["variable"], item.get("type"), item.get("severity")


def status_in_event(event: Json, received_at: datetime) -> StatusReport | None:
    """The status of a connector where the event tells of one: the same fact as a StatusNotification (DS_44)."""
    component, variable = event["component"], event["variable"]
    evse: Json = component.get("evse") or {}
    if (component["name"], variable["name"]) != ("Connector", "AvailabilityState"):
        return None
    if not evse.get("id") or not event["actualValue"]:
        return None
    return StatusReport(
        evse_number=evse["id"],
        connector_number=evse.get("connectorId", 1),
        status=event["actualValue"],
        received_at=received_at,
        at=moment_of(event["timestamp"], received_at),
    )


@dataclass(frozen=True, slots=True)
class Story:
    """An event as an entry of the history, and whether it begins or ends an alert."""

    entry: EventReport
    is_alert: bool
    is_over: bool
    monitor_id: int | None


def story_of(event: Json, received_at: datetime) -> Story:
    """What an event tells (N07, N08).

    An alert is what its monitor calls alerting, and a Problem that has become true (G05); it is over when the station
    says cleared, or the Problem is none any more.
    """
    evse: Json = event["component"].get("evse") or {}
    problem = _problem_in(event)
    is_over = bool(event.get("cleared")) or problem is False
    is_alert = not is_over and (problem is True or event.get("trigger") == "Alerting")
    entry = EventReport(
        kind=ALERT if is_alert else "device.event",
        severity=(Severity.PROBLEM if problem else Severity.WARNING) if is_alert else Severity.INFO,
        text=_told(event),
        at=moment_of(event["timestamp"], received_at),
        evse_number=evse.get("id", 0),
        connector_number=evse.get("connectorId", 0),
        details=event,
        source=_source_of(event),
    )
    return Story(entry, is_alert, is_over, event.get("variableMonitoringId"))


def severity_for(monitor_severity: int) -> Severity:
    """How much an alert matters to an operator, by its monitor's severity (0 Danger … 9 Debug)."""
    if monitor_severity <= _GRAVE:
        return Severity.PROBLEM
    return Severity.WARNING if monitor_severity <= _NOTABLE else Severity.INFO


_GRAVE, _NOTABLE = 4, 6


def _problem_in(event: Json) -> bool | None:
    return truth_in(event.get("actualValue")) if event["variable"]["name"] == "Problem" else None


def _source_of(event: Json) -> str:
    """What an event is about, the same for the alert and for the word of its end."""
    component, variable = event["component"], event["variable"]
    evse: Json = component.get("evse") or {}
    names = (component["name"], component.get("instance", ""), variable["name"], variable.get("instance", ""))
    place = f"{evse.get('id', 0)}.{evse.get('connectorId', 0)}"
    monitor = "" if _problem_in(event) is not None else str(event.get("variableMonitoringId") or "")
    return "|".join((*names, place, monitor))


def _told(event: Json) -> str:
    words = f"{event['component']['name']} {event['variable']['name']}: {event['actualValue']}".rstrip(": ")
    extra = ", ".join(str(event[name]) for name in ("techCode", "techInfo") if event.get(name))
    words = f"{words} ({extra})" if extra else words
    return (f"{words}, cleared" if event.get("cleared") else words)[:_MAX_TEXT]


def _variable(
    entry: Json,
    *,
    attribute: str,
    value: str | None,
    mutability: str | None = None,
    characteristics: Json | None = None,
    is_persistent: bool = False,
    is_constant: bool = False,
) -> VariableReport:
    component, variable = entry["component"], entry["variable"]
    evse: Json = component.get("evse") or {}
    return VariableReport(
        variable=variable["name"],
        value=value,
        component=component["name"],
        component_instance=component.get("instance", ""),
        evse_number=evse.get("id", 0),
        connector_number=evse.get("connectorId", 0),
        variable_instance=variable.get("instance", ""),
        attribute=attribute,
        mutability=mutability,
        characteristics=characteristics,
        is_persistent=is_persistent,
        is_constant=is_constant,
    )


def _address(item: Json) -> tuple[Json, Json, str]:
    return item["component"], item["variable"], item.get("attributeType", "Actual")

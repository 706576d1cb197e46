"""OCPP 2.x device model and events, read into our nouns. Stations leave out much of it, and nothing raises for it."""

from datetime import datetime
from typing import Any, cast

from csms.gateway.wire import moment_of
from csms.stations.service import EventReport, StatusReport, VariableReport
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


def variables_written(asked: list[Json], results: list[Json]) -> list[VariableReport]:
    """What the answer to SetVariables taught us: the values asked for whose result is Accepted."""
    accepted = [_address(result) for result in results if result.get("attributeStatus") == "Accepted"]
    return [
        _variable(item, attribute=item.get("attributeType", "Actual"), value=item["attributeValue"])
        for item in asked
        if _address(item) in accepted
    ]


def status_in_event(event: Json, received_at: datetime) -> StatusReport | None:
    """The status of a connector where the event tells of one: the same fact as a StatusNotification (DS_44)."""
    component, variable = event["component"], event["variable"]
    evse: Json = component.get("evse") or {}
    if (component["name"], variable["name"]) != ("Connector", "AvailabilityState") or not evse.get("id"):
        return None
    return StatusReport(
        evse_number=evse["id"],
        connector_number=evse.get("connectorId", 1),
        status=event["actualValue"],
        received_at=received_at,
        at=moment_of(event["timestamp"], received_at),
    )


def story_of(event: Json, received_at: datetime) -> EventReport:
    """The event as an entry of the station's history."""
    evse: Json = event["component"].get("evse") or {}
    alert = event.get("trigger") == "Alerting" and not event.get("cleared")
    return EventReport(
        kind="device.alert" if alert else "device.event",
        severity=Severity.WARNING if alert else Severity.INFO,
        text=_told(event),
        at=moment_of(event["timestamp"], received_at),
        evse_number=evse.get("id", 0),
        connector_number=evse.get("connectorId", 0),
        details=event,
    )


def _told(event: Json) -> str:
    words = f"{event['component']['name']} {event['variable']['name']}: {event['actualValue']}"
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
    )


def _address(item: Json) -> tuple[Json, Json, str]:
    return item["component"], item["variable"], item.get("attributeType", "Actual")

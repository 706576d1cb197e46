"""How a simulated station answers for its device model in OCPP 2.0.1: read, written and reported (B05 to B08)."""

from typing import TYPE_CHECKING, Any

from csms.ocpp.timestamps import format_timestamp
from csms.simulator.outbox import Message
from csms.simulator.settings import Change, Setting

if TYPE_CHECKING:
    from csms.simulator.core import StationCore
    from csms.simulator.v201 import V201

_ROWS_PER_REPORT = 12
_CHANGES = {
    Change.ACCEPTED: "Accepted",
    Change.REJECTED: "Rejected",
    Change.READ_ONLY: "Rejected",
    Change.REBOOT_REQUIRED: "RebootRequired",
}
_SUMMARY = {"AvailabilityState", "Available", "Problem"}


class DeviceModel201:
    """GetVariables, SetVariables and GetBaseReport."""

    def __init__(self, station: "StationCore", face: "V201") -> None:
        self._station = station
        self._face = face

    def get_variables(self, request: dict[str, Any]) -> dict[str, Any]:
        """B06: each value, or why not."""
        return {"getVariableResult": [self._got(asked) for asked in request["getVariableData"]]}

    def _got(self, asked: dict[str, Any]) -> dict[str, Any]:
        setting, status = self._look_up(asked)
        result = {"attributeStatus": status, "component": asked["component"], "variable": asked["variable"]}
        if setting is None or status != "Accepted":
            return result
        if setting.write_only:
            return result | {"attributeStatus": "Rejected"}
        return result | {"attributeType": "Actual", "attributeValue": setting.current}

    def set_variables(self, request: dict[str, Any]) -> dict[str, Any]:
        """B05: what became of each change."""
        return {"setVariableResult": [self._set(asked) for asked in request["setVariableData"]]}

    def _set(self, asked: dict[str, Any]) -> dict[str, Any]:
        setting, status = self._look_up(asked)
        result = {"component": asked["component"], "variable": asked["variable"], "attributeStatus": status}
        if setting is None or status != "Accepted":
            return result
        change = self._face.variables.change(setting, asked["attributeValue"])
        if change is Change.READ_ONLY:
            result["attributeStatusInfo"] = {"reasonCode": "ReadOnly"}
        return result | {"attributeStatus": _CHANGES[change]}

    def _look_up(self, asked: dict[str, Any]) -> tuple[Setting | None, str]:
        component, variable = asked["component"], asked["variable"]
        if not self._face.variables.knows_component(component["name"]):
            return None, "UnknownComponent"
        evse_number = component.get("evse", {}).get("id", 0)
        setting = self._face.variables.find(
            variable["name"], component["name"], evse_number, variable.get("instance", "")
        )
        if setting is None:
            return None, "UnknownVariable"
        if asked.get("attributeType", "Actual") != "Actual":
            return setting, "NotSupportedAttributeType"
        return setting, "Accepted"

    def get_base_report(self, request: dict[str, Any]) -> dict[str, Any]:
        """B07: accepted, and told in parts by NotifyReport."""
        rows = [_report_row(setting) for setting in self._face.variables if _belongs(setting, request["reportBase"])]
        parts = [rows[at : at + _ROWS_PER_REPORT] for at in range(0, len(rows), _ROWS_PER_REPORT)]
        for seq_no, part in enumerate(parts):
            report = {
                "requestId": request["requestId"],
                "generatedAt": format_timestamp(self._station.now),
                "seqNo": seq_no,
                "tbc": seq_no < len(parts) - 1,
                "reportData": part,
            }
            self._station.say(Message("NotifyReport", report))
        return {"status": "Accepted"}


def _belongs(setting: Setting, base: str) -> bool:
    if base == "ConfigurationInventory":
        return not setting.read_only
    return base == "FullInventory" or setting.name in _SUMMARY


def _report_row(setting: Setting) -> dict[str, Any]:
    component: dict[str, Any] = {"name": setting.component}
    if setting.evse_number:
        component["evse"] = {"id": setting.evse_number}
    variable = {"name": setting.name} | ({"instance": setting.instance} if setting.instance else {})
    return {
        "component": component,
        "variable": variable,
        "variableAttribute": [_attribute(setting)],
        "variableCharacteristics": _characteristics(setting),
    }


def _attribute(setting: Setting) -> dict[str, Any]:
    if setting.write_only:
        return {"type": "Actual", "mutability": "WriteOnly"}
    mutability = "ReadOnly" if setting.read_only else "ReadWrite"
    return {"type": "Actual", "value": setting.current, "mutability": mutability}


def _characteristics(setting: Setting) -> dict[str, Any]:
    optional = {
        "unit": setting.unit,
        "minLimit": setting.minimum,
        "maxLimit": setting.maximum,
        "valuesList": ",".join(setting.choices) or None,
    }
    shown: dict[str, Any] = {"dataType": setting.kind, "supportsMonitoring": False}
    return shown | {name: value for name, value in optional.items() if value is not None}

"""Frames used by several tests: the simplest valid requests, as text."""

import json
from typing import Any


def call(action: str, payload: Any = None, message_id: Any = "a1") -> str:
    return json.dumps([2, message_id, action, {} if payload is None else payload])


METER_VALUES: dict[str, Any] = {
    "connectorId": 1,
    "transactionId": 7,
    "meterValue": [
        {
            "timestamp": "2026-11-22T10:00:00Z",
            "sampledValue": [
                {"value": "1200", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
                {"value": "7360", "measurand": "Power.Active.Import", "unit": "W"},
            ],
        }
    ],
}
START: dict[str, Any] = {"connectorId": 1, "idTag": "ABC", "meterStart": 0, "timestamp": "2026-11-22T10:00:00Z"}
STARTED: dict[str, Any] = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
AVAILABLE: dict[str, Any] = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
EVENT: dict[str, Any] = {
    "eventType": "Started",
    "timestamp": "2026-11-22T10:00:00Z",
    "triggerReason": "CablePluggedIn",
    "seqNo": 0,
    "transactionInfo": {"transactionId": "t1"},
}

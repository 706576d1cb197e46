"""1.6 payloads that travel under 2.x, rewritten (quirk 5): some firmware negotiates 2.x and goes on as before."""

from typing import Any, cast

from csms.gateway.tolerance.knowledge import WRITTEN_BY_1_6

Json = dict[str, Any]


def as_2_x(action: str, payload: Json) -> Json | None:
    """The 2.x payload that a 1.6 payload of the same action means; None where it is none."""
    match action:
        case "BootNotification" if "chargePointVendor" in payload:
            return _boot(payload)
        case "StatusNotification" if "errorCode" in payload and "connectorStatus" not in payload:
            return _status(payload)
        case "Authorize" if "idTag" in payload:
            return {"idToken": {"idToken": payload["idTag"], "type": "ISO14443"}}
        case "MeterValues" if "connectorId" in payload and "evseId" not in payload:
            return {"evseId": payload["connectorId"], "meterValue": payload.get("meterValue")}
        case _:
            return None


def _boot(payload: Json) -> Json:
    names = {
        "chargePointVendor": "vendorName",
        "chargePointModel": "model",
        "chargePointSerialNumber": "serialNumber",
        "firmwareVersion": "firmwareVersion",
    }
    station: Json = {new: payload[old] for old, new in names.items() if old in payload}
    modem = {name: payload[name] for name in ("iccid", "imsi") if name in payload}
    return {"reason": "Unknown", "chargingStation": station | ({"modem": modem} if modem else {})}


def _status(payload: Json) -> Json:
    number = payload.get("connectorId")
    return {
        "timestamp": payload.get("timestamp", ""),
        "connectorStatus": WRITTEN_BY_1_6.get(cast(str, payload.get("status")), payload.get("status")),
        "evseId": number,
        "connectorId": 1 if number else 0,
    }

"""How a simulated station answers the CSMS in OCPP 1.6: each request truthfully, or NotSupported."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from csms.ocpp.errors import ErrorCode
from csms.ocpp.frames import Call
from csms.simulator.evse import Evse
from csms.simulator.face import Grant, RefusalError
from csms.simulator.limits import limit_from
from csms.simulator.settings import Change, Setting

if TYPE_CHECKING:
    from csms.simulator.core import StationCore
    from csms.simulator.v16 import V16

_CHANGES = {
    Change.ACCEPTED: "Accepted",
    Change.REJECTED: "Rejected",
    Change.READ_ONLY: "Rejected",
    Change.UNKNOWN: "NotSupported",
    Change.REBOOT_REQUIRED: "RebootRequired",
}


class Requests16:
    """Requests by action."""

    def __init__(self, station: "StationCore", face: "V16") -> None:
        self._station = station
        self._face = face
        self._handlers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "CancelReservation": lambda request: {"status": "Rejected"},
            "ChangeAvailability": self._change_availability,
            "ChangeConfiguration": self._change_configuration,
            "ClearCache": self._clear_cache,
            "ClearChargingProfile": self._clear_charging_profile,
            "DataTransfer": self._data_transfer,
            "GetConfiguration": self._get_configuration,
            "GetLocalListVersion": lambda request: {"listVersion": -1},
            "RemoteStartTransaction": self._remote_start,
            "RemoteStopTransaction": self._remote_stop,
            "Reset": self._reset,
            "SetChargingProfile": self._set_charging_profile,
            "TriggerMessage": self._trigger_message,
            "UnlockConnector": self._unlock,
        }

    def serve(self, call: Call) -> dict[str, Any]:
        """The answer's payload. Raises RefusalError for what this station does not support."""
        handler = self._handlers.get(call.action)
        if handler is None:
            raise RefusalError(ErrorCode.NOT_SUPPORTED, f"This station does not support {call.action}")
        return handler(call.payload)

    def _remote_start(self, request: dict[str, Any]) -> dict[str, Any]:
        evse = self._startable(request.get("connectorId"))
        if evse is None:
            return {"status": "Rejected"}
        profile = request.get("chargingProfile")
        if profile is not None:
            evse.limits[profile["chargingProfileId"]] = limit_from(profile["chargingSchedule"], evse.plan, evse.at)
        grant = Grant(request["idTag"])
        if self._face.keys.flag("AuthorizeRemoteTxRequests"):
            self._station.reader.authorize(evse, grant, "RemoteStart")
        else:
            evse.allow(grant, "RemoteStart")
        return {"status": "Accepted"}

    def _startable(self, number: int | None) -> Evse | None:
        """Where a remote start may happen; without a number, where a car already waits."""
        candidates = [evse for evse in self._station.evses if number in (None, evse.number)]
        free = [evse for evse in candidates if evse.is_usable and evse.session is None]
        return max(free, key=lambda evse: evse.vehicle is not None, default=None)

    def _remote_stop(self, request: dict[str, Any]) -> dict[str, Any]:
        for evse in self._station.evses:
            known = self._station.wire_ids.get(evse.session.key) if evse.session else None
            if known is not None and known == request["transactionId"]:
                evse.end("Remote", "RemoteStop")
                return {"status": "Accepted"}
        return {"status": "Rejected"}

    def _change_availability(self, request: dict[str, Any]) -> dict[str, Any]:
        number, operative = request["connectorId"], request["type"] == "Operative"
        if number > len(self._station.evses):
            return {"status": "Rejected"}
        chosen = self._station.evse(number) if number else self._station
        done = chosen.set_operative(operative)
        return {"status": "Accepted" if done else "Scheduled"}

    def _reset(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["type"] == "Hard":
            self._station.reset("RemoteReset", immediate=True)
        else:
            self._station.soft_reset("RemoteReset")
        return {"status": "Accepted"}

    def _unlock(self, request: dict[str, Any]) -> dict[str, Any]:
        number = request["connectorId"]
        if not 1 <= number <= len(self._station.evses):
            return {"status": "NotSupported"}
        evse = self._station.evse(number)
        if evse.plan.connectors[0].has_cable:
            return {"status": "NotSupported"}
        if evse.fault is not None and evse.fault.name == "lock":
            return {"status": "UnlockFailed"}
        evse.end("UnlockCommand", "UnlockCommand")
        return {"status": "Unlocked"}

    def _trigger_message(self, request: dict[str, Any]) -> dict[str, Any]:
        number = request.get("connectorId")
        if number is not None and number > len(self._station.evses):
            return {"status": "Rejected"}
        match request["requestedMessage"]:
            case "BootNotification":
                self._station.boot()
            case "Heartbeat":
                self._face.heartbeat()
            case "StatusNotification":
                self._tell_status(number)
            case "MeterValues":
                for evse in self._chosen(number):
                    self._face.sampled(evse, evse.session, evse.read(), evse.at, "Trigger")
            case _:
                return {"status": "NotImplemented"}
        return {"status": "Accepted"}

    def _tell_status(self, number: int | None) -> None:
        if not number:
            self._face.station_status()
        for evse in self._chosen(number if number != 0 else -1):
            evse.tell_status(again=True)

    def _chosen(self, number: int | None) -> list[Evse]:
        return [evse for evse in self._station.evses if number is None or evse.number == number]

    def _get_configuration(self, request: dict[str, Any]) -> dict[str, Any]:
        asked: list[str] = request.get("key") or []
        found = [self._face.keys.find(name) for name in asked] if asked else list(self._face.keys)
        unknown = [name for name in asked if self._face.keys.find(name) is None]
        answer: dict[str, Any] = {"configurationKey": [_shown(setting) for setting in found if setting]}
        return answer | {"unknownKey": unknown} if unknown else answer

    def _change_configuration(self, request: dict[str, Any]) -> dict[str, Any]:
        change = self._face.keys.change(self._face.keys.find(request["key"]), request["value"])
        return {"status": _CHANGES[change]}

    def _clear_cache(self, request: dict[str, Any]) -> dict[str, Any]:
        self._station.reader.known.clear()
        return {"status": "Accepted"}

    def _data_transfer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["vendorId"] != self._station.plan.vendor:
            return {"status": "UnknownVendorId"}
        if request.get("messageId") != "Echo":
            return {"status": "UnknownMessageId"}
        return {"status": "Accepted", "data": str(request.get("data", ""))}

    def _set_charging_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        number, profile = request["connectorId"], request["csChargingProfiles"]
        if number > len(self._station.evses):
            return {"status": "Rejected"}
        chosen = self._chosen(number or None)
        if profile["chargingProfilePurpose"] == "TxProfile" and not any(evse.session for evse in chosen):
            return {"status": "Rejected"}
        for evse in chosen:
            evse.limits[profile["chargingProfileId"]] = limit_from(profile["chargingSchedule"], evse.plan, evse.at)
        return {"status": "Accepted"}

    def _clear_charging_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        cleared = False
        for evse in self._chosen(request.get("connectorId") or None):
            chosen = [number for number in evse.limits if request.get("id") in (None, number)]
            for number in chosen:
                del evse.limits[number]
            cleared = cleared or bool(chosen)
        return {"status": "Accepted" if cleared else "Unknown"}


def _shown(setting: Setting) -> dict[str, Any]:
    """A key as GetConfiguration lists it; a secret's value stays here."""
    shown: dict[str, Any] = {"key": setting.name, "readonly": setting.read_only}
    return shown if setting.write_only else shown | {"value": setting.current}

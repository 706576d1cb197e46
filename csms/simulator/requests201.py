"""How a simulated station answers the CSMS in OCPP 2.0.1: each request truthfully, or NotSupported."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from csms.ocpp.errors import ErrorCode
from csms.ocpp.frames import Call
from csms.simulator.device_model201 import DeviceModel201
from csms.simulator.evse import Evse
from csms.simulator.face import Grant, RefusalError
from csms.simulator.limits import limit_from

if TYPE_CHECKING:
    from csms.simulator.core import StationCore
    from csms.simulator.v201 import V201


class Requests201:
    """Requests by action."""

    def __init__(self, station: "StationCore", face: "V201") -> None:
        self._station = station
        self._face = face
        self._device_model = DeviceModel201(station, face)
        self._handlers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "ChangeAvailability": self._change_availability,
            "ClearCache": self._clear_cache,
            "ClearChargingProfile": self._clear_charging_profile,
            "DataTransfer": self._data_transfer,
            "GetBaseReport": self._device_model.get_base_report,
            "GetTransactionStatus": self._get_transaction_status,
            "GetVariables": self._device_model.get_variables,
            "RequestStartTransaction": self._request_start,
            "RequestStopTransaction": self._request_stop,
            "Reset": self._reset,
            "SetChargingProfile": self._set_charging_profile,
            "SetVariables": self._device_model.set_variables,
            "TriggerMessage": self._trigger_message,
            "UnlockConnector": self._unlock,
        }

    def serve(self, call: Call) -> dict[str, Any]:
        """The answer's payload. Raises RefusalError for what this station does not support."""
        handler = self._handlers.get(call.action)
        if handler is None:
            raise RefusalError(ErrorCode.NOT_SUPPORTED, f"This station does not support {call.action}")
        return handler(call.payload)

    # ---- transactions

    def _request_start(self, request: dict[str, Any]) -> dict[str, Any]:
        evse = self._startable(request.get("evseId"))
        if evse is None:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "NotAvailable"}}
        token = request["idToken"]
        if request.get("chargingProfile"):
            self._install(evse, request["chargingProfile"])
        grant = Grant(token["idToken"], token["type"], remote_start_id=request["remoteStartId"])
        if self._face.variables.flag("AuthorizeRemoteStart", "AuthCtrlr"):
            self._station.reader.authorize(evse, grant, "RemoteStart")
        else:
            evse.allow(grant, "RemoteStart")
        return {"status": "Accepted"} | ({"transactionId": evse.session.key} if evse.session else {})

    def _startable(self, number: int | None) -> Evse | None:
        """Where a remote start may happen (F01, F02); without a number, where a car already waits."""
        candidates = [evse for evse in self._station.evses if number in (None, evse.number)]
        free = [evse for evse in candidates if evse.is_usable and not (evse.session and evse.session.is_authorized)]
        return max(free, key=lambda evse: evse.vehicle is not None, default=None)

    def _request_stop(self, request: dict[str, Any]) -> dict[str, Any]:
        for evse in self._station.evses:
            if evse.session is not None and evse.session.key == request["transactionId"]:
                evse.end("Remote", "RemoteStop")
                return {"status": "Accepted"}
        return {"status": "Rejected", "statusInfo": {"reasonCode": "TxNotFound"}}

    def _get_transaction_status(self, request: dict[str, Any]) -> dict[str, Any]:
        key = request.get("transactionId")
        waiting = [message.subject.get("session") for message in self._station.outbox.kept]
        if key is None:
            return {"messagesInQueue": bool(waiting)}
        ongoing = any(evse.session is not None and evse.session.key == key for evse in self._station.evses)
        return {"ongoingIndicator": ongoing, "messagesInQueue": key in waiting}

    # ---- station and connectors

    def _change_availability(self, request: dict[str, Any]) -> dict[str, Any]:
        operative = request["operationalStatus"] == "Operative"
        if "evse" not in request:
            done = self._station.set_operative(operative)
        elif self._knows(request["evse"]):
            done = self._station.evse(request["evse"]["id"]).set_operative(operative)
        else:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEvse"}}
        return {"status": "Accepted" if done else "Scheduled"}

    def _reset(self, request: dict[str, Any]) -> dict[str, Any]:
        if "evseId" in request:
            return self._reset_evse(request["evseId"], immediate=request["type"] == "Immediate")
        done = self._station.reset("RemoteReset", immediate=request["type"] == "Immediate")
        return {"status": "Accepted" if done else "Scheduled"}

    def _reset_evse(self, number: int, *, immediate: bool) -> dict[str, Any]:
        if not self._knows({"id": number}):
            return {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEvse"}}
        evse = self._station.evse(number)
        if evse.session is not None and not immediate:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "TxInProgress"}}
        evse.end("ImmediateReset", "ResetCommand")
        return {"status": "Accepted"}

    def _unlock(self, request: dict[str, Any]) -> dict[str, Any]:
        if not self._knows({"id": request["evseId"], "connectorId": request["connectorId"]}):
            return {"status": "UnknownConnector"}
        evse = self._station.evse(request["evseId"])
        if evse.session is not None and evse.session.is_authorized:
            return {"status": "OngoingAuthorizedTransaction"}
        connector: int = request["connectorId"]
        fixed = evse.plan.connectors[connector - 1].has_cable
        stuck = evse.fault is not None and evse.fault.name == "lock"
        if fixed or stuck:
            return {"status": "UnlockFailed", "statusInfo": {"reasonCode": "FixedCable" if fixed else "LockFailure"}}
        return {"status": "Unlocked"}

    def _trigger_message(self, request: dict[str, Any]) -> dict[str, Any]:
        place = request.get("evse")
        if place is not None and not self._knows(place):
            return {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEvse"}}
        match request["requestedMessage"]:
            case "BootNotification":
                return self._trigger_boot()
            case "Heartbeat":
                self._face.heartbeat()
            case "StatusNotification":
                for evse in self._chosen(place):
                    evse.tell_status(again=True)
            case "MeterValues":
                for evse in self._chosen(place):
                    self._face.sampled(evse, None, evse.read(), evse.at, "Trigger")
            case "TransactionEvent":
                for evse in self._chosen(place):
                    if evse.session is not None:
                        self._face.sampled(evse, evse.session, evse.read(), evse.at, "Trigger")
            case _:
                return {"status": "NotImplemented"}
        return {"status": "Accepted"}

    def _trigger_boot(self) -> dict[str, Any]:
        """F06.FR.17: once accepted, a station does not boot on request."""
        if self._station.registration == "Accepted":
            return {"status": "Rejected", "statusInfo": {"reasonCode": "NotEnabled"}}
        self._station.boot()
        return {"status": "Accepted"}

    def _knows(self, place: dict[str, Any]) -> bool:
        number, connector = place["id"], place.get("connectorId", 1)
        if not 1 <= number <= len(self._station.evses):
            return False
        return 1 <= connector <= len(self._station.evse(number).plan.connectors)

    def _chosen(self, place: dict[str, Any] | None) -> list[Evse]:
        return [evse for evse in self._station.evses if place is None or evse.number == place["id"]]

    # ---- the rest

    def _clear_cache(self, request: dict[str, Any]) -> dict[str, Any]:
        self._station.reader.known.clear()
        return {"status": "Accepted"}

    def _data_transfer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["vendorId"] != self._station.plan.vendor:
            return {"status": "UnknownVendorId"}
        if request.get("messageId") != "Echo":
            return {"status": "UnknownMessageId"}
        return {"status": "Accepted"} | ({"data": request["data"]} if "data" in request else {})

    def _set_charging_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        number, profile = request["evseId"], request["chargingProfile"]
        chosen = self._chosen({"id": number} if number else None)
        needs_session = profile["chargingProfilePurpose"] == "TxProfile"
        if not chosen or (needs_session and not any(evse.session for evse in chosen)):
            return {"status": "Rejected", "statusInfo": {"reasonCode": "TxNotFound" if chosen else "UnknownEvse"}}
        for evse in chosen:
            self._install(evse, profile)
        return {"status": "Accepted"}

    def _install(self, evse: Evse, profile: dict[str, Any]) -> None:
        evse.limits[profile["id"]] = limit_from(profile["chargingSchedule"][0], evse.plan, evse.at)

    def _clear_charging_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("chargingProfileId")
        place = request.get("chargingProfileCriteria", {}).get("evseId")
        cleared = False
        for evse in self._chosen({"id": place} if place else None):
            chosen = [number for number in evse.limits if wanted in (None, number)]
            for number in chosen:
                del evse.limits[number]
            cleared = cleared or bool(chosen)
        return {"status": "Accepted" if cleared else "Unknown"}

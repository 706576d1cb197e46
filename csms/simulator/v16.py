"""OCPP 1.6 as the station speaks it. EVSE n is connector n."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from csms.ocpp.frames import Call
from csms.ocpp.timestamps import format_timestamp
from csms.simulator.electrics import Reading
from csms.simulator.evse import Evse
from csms.simulator.face import Grant
from csms.simulator.faults import Fault
from csms.simulator.keys16 import configuration_of
from csms.simulator.outbox import Message
from csms.simulator.requests16 import Requests16
from csms.simulator.samples import sampled_values_16, samples_of
from csms.simulator.session import Session

if TYPE_CHECKING:
    from csms.simulator.core import StationCore

_STOP_REASONS = {
    "ImmediateReset": "HardReset",
    "Reboot": "SoftReset",
    "GroundFault": "Other",
    "OvercurrentFault": "Other",
}
_UNKNOWN_TRANSACTION = -1
"""What stations put where their StartTransaction was never accepted."""


class V16:
    """The station's 1.6 face. Raises ValueError for an EVSE of several connectors: 1.6 cannot say so."""

    def __init__(self, station: "StationCore", stored: list[Any]) -> None:
        if any(len(evse.connectors) != 1 for evse in station.plan.evses):
            raise ValueError("an OCPP 1.6 station has one connector per EVSE")
        self._station = station
        self.keys = configuration_of(station.plan)
        self.keys.restore(stored)
        self._requests = Requests16(station, self)

    # ---- settings

    @property
    def sample_interval_s(self) -> int:
        return self.keys.number("MeterValueSampleInterval")

    @property
    def connection_timeout_s(self) -> int:
        return self.keys.number("ConnectionTimeOut")

    @property
    def attempts(self) -> int:
        return self.keys.number("TransactionMessageAttempts")

    @property
    def retry_interval_s(self) -> int:
        return self.keys.number("TransactionMessageRetryInterval")

    @property
    def accepts_unknown_offline(self) -> bool:
        return self.keys.flag("AllowOfflineTxForUnknownId")

    @property
    def heartbeat_interval_s(self) -> int:
        return self.keys.number("HeartbeatInterval")

    @heartbeat_interval_s.setter
    def heartbeat_interval_s(self, seconds: int) -> None:
        self.keys.change(self.keys.find("HeartbeatInterval"), str(seconds))

    def start_up(self) -> None:
        self.keys.apply_after_reboot()

    def settings_json(self) -> list[Any]:
        return self.keys.as_json()

    # ---- what it says

    def boot(self, reason: str) -> None:
        plan = self._station.plan
        self._say(
            "BootNotification",
            {
                "chargePointVendor": plan.vendor[:20],
                "chargePointModel": plan.model[:20],
                "chargePointSerialNumber": plan.serial_number[:25],
                "firmwareVersion": plan.firmware_version[:50],
                "meterType": "DC class B" if plan.is_dc else "MID class B",
            },
        )

    def heartbeat(self) -> None:
        self._say("Heartbeat", {})

    def station_status(self) -> None:
        status = "Available" if self._station.is_operative else "Unavailable"
        self._status(0, status, self._station.now)

    def status_of(self, evse: Evse, connector_number: int) -> str:
        if evse.fault is not None:
            return "Faulted"
        if evse.session is not None:
            state = evse.session.charging_state
            return state if state in ("Charging", "SuspendedEV", "SuspendedEVSE") else "Preparing"
        if not evse.is_usable:
            return "Unavailable"
        if evse.vehicle is not None:
            return "Finishing" if evse.is_finished and evse.grant is None else "Preparing"
        return "Preparing" if evse.grant is not None else "Available"

    def connector_status(self, evse: Evse, connector_number: int) -> None:
        status = self.status_of(evse, connector_number)
        fault = evse.fault
        if fault is None:
            self._status(evse.number, status, evse.at)
            return
        more = {"errorCode": fault.error_code, "vendorErrorCode": fault.vendor_code, "info": fault.text}
        self._status(evse.number, status, evse.at, **more)

    def authorize(self, evse: Evse, grant: Grant, trigger: str) -> None:
        subject = {"evse": evse.number, "grant": grant, "trigger": trigger}
        self._say("Authorize", {"idTag": grant.token}, subject)

    def started(self, evse: Evse, session: Session, trigger: str) -> None:
        self._keep(
            "StartTransaction",
            {
                "connectorId": evse.number,
                "idTag": session.token or "",
                "meterStart": session.start_wh,
                "timestamp": format_timestamp(session.started_at),
            },
            {"evse": evse.number, "session": session.key},
        )

    def authorized(self, evse: Evse, session: Session, trigger: str) -> None:
        """Nothing to say: in 1.6 a transaction starts with its token."""

    def state_changed(self, evse: Evse, session: Session) -> None:
        """Nothing to say: the connector's status tells it."""

    def sampled(
        self, evse: Evse, session: Session | None, reading: Reading, at: datetime, context: str = "Sample.Periodic"
    ) -> None:
        values = sampled_values_16(samples_of(reading, self._measurands("MeterValuesSampledData")), context)
        if not values:
            return
        payload = {"connectorId": evse.number, "meterValue": [_meter_value(at, values)]}
        if session is None:
            self._say("MeterValues", payload)
        else:
            self._keep("MeterValues", payload, {"session": session.key}, droppable=True)

    def ended(self, evse: Evse, session: Session, reason: str, trigger: str, token: str | None) -> None:
        reading = evse.read()
        payload: dict[str, Any] = {
            "meterStop": reading.energy_wh,
            "timestamp": format_timestamp(evse.at),
            "reason": _STOP_REASONS.get(reason, reason),
        }
        if token is not None:
            payload["idTag"] = token
        values = sampled_values_16(samples_of(reading, self._measurands("StopTxnSampledData")), "Transaction.End")
        if values:
            payload["transactionData"] = [_meter_value(evse.at, values)]
        self._keep("StopTransaction", payload, {"session": session.key})

    def problem(self, evse: Evse, fault: Fault, *, cleared: bool) -> None:
        """Nothing to say: StatusNotification carries the error code."""

    # ---- what it hears

    def serve(self, call: Call) -> dict[str, Any]:
        return self._requests.serve(call)

    def filled_in(self, message: Message) -> dict[str, Any]:
        key = message.subject.get("session")
        if key is None or message.action == "StartTransaction":
            return message.payload
        return message.payload | {"transactionId": self._station.wire_ids.get(key, _UNKNOWN_TRANSACTION)}

    def answered(self, message: Message, payload: dict[str, Any]) -> None:
        if message.action == "BootNotification":
            self._station.boot_answered(payload.get("status", "Rejected"), payload.get("interval", 0))
        elif message.action == "Authorize":
            info = payload.get("idTagInfo", {})
            self._station.reader.judged(message, info.get("status", "Invalid"), info.get("parentIdTag"))
        elif message.action == "StartTransaction":
            self._start_answered(message, payload)
        elif message.action == "StopTransaction":
            self._station.wire_ids.pop(message.subject["session"], None)

    def _start_answered(self, message: Message, payload: dict[str, Any]) -> None:
        key = message.subject["session"]
        self._station.wire_ids[key] = payload.get("transactionId", _UNKNOWN_TRANSACTION)
        evse = self._station.evse(message.subject["evse"])
        refused = payload.get("idTagInfo", {}).get("status", "Accepted") != "Accepted"
        still_runs = evse.session is not None and evse.session.key == key
        if refused and still_runs and self.keys.flag("StopTransactionOnInvalidId"):
            evse.end("DeAuthorized", "Deauthorized")

    # ---- helpers

    def _status(self, connector: int, status: str, at: datetime, **more: str) -> None:
        payload = {"connectorId": connector, "status": status, "timestamp": format_timestamp(at)}
        self._say("StatusNotification", payload | {"errorCode": "NoError"} | more)

    def _measurands(self, key: str) -> set[str]:
        return {part.strip() for part in self.keys.text(key).split(",")}

    def _say(self, action: str, payload: dict[str, Any], subject: dict[str, Any] | None = None) -> None:
        self._station.say(Message(action, payload, subject or {}))

    def _keep(self, action: str, payload: dict[str, Any], subject: dict[str, Any], *, droppable: bool = False) -> None:
        self._station.say(Message(action, payload, subject, kept=True, droppable=droppable))


def _meter_value(at: datetime, values: list[dict[str, Any]]) -> dict[str, Any]:
    return {"timestamp": format_timestamp(at), "sampledValue": values}

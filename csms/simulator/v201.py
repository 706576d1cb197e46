"""OCPP 2.0.1 as the station speaks it."""

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from csms.ocpp.frames import Call
from csms.ocpp.timestamps import format_timestamp
from csms.simulator.electrics import Reading
from csms.simulator.evse import Evse
from csms.simulator.face import Grant
from csms.simulator.faults import Fault
from csms.simulator.outbox import Message
from csms.simulator.requests201 import Requests201
from csms.simulator.samples import sampled_values_201, samples_of
from csms.simulator.session import Session
from csms.simulator.settings import Settings
from csms.simulator.variables201 import device_model_of

if TYPE_CHECKING:
    from csms.simulator.core import StationCore


class V201:
    """The station's 2.0.1 face."""

    def __init__(self, station: "StationCore", stored: list[Any]) -> None:
        self._station = station
        self._stored = stored
        self._events = 0
        self._requests = Requests201(station, self)

    # ---- settings

    @cached_property
    def variables(self) -> Settings:
        """The device model; built at first use, when the station's EVSEs exist."""
        variables = device_model_of(self._station)
        variables.restore(self._stored)
        return variables

    @property
    def sample_interval_s(self) -> int:
        return self.variables.number("TxUpdatedInterval", "SampledDataCtrlr")

    @property
    def connection_timeout_s(self) -> int:
        return self.variables.number("EVConnectionTimeOut", "TxCtrlr")

    @property
    def attempts(self) -> int:
        return self.variables.number("MessageAttempts", "OCPPCommCtrlr", "TransactionEvent")

    @property
    def retry_interval_s(self) -> int:
        return self.variables.number("MessageAttemptInterval", "OCPPCommCtrlr", "TransactionEvent")

    @property
    def accepts_unknown_offline(self) -> bool:
        return self.variables.flag("OfflineTxForUnknownIdEnabled", "AuthCtrlr")

    @property
    def heartbeat_interval_s(self) -> int:
        return self.variables.number("HeartbeatInterval", "OCPPCommCtrlr")

    @heartbeat_interval_s.setter
    def heartbeat_interval_s(self, seconds: int) -> None:
        self.variables.change(self.variables.find("HeartbeatInterval", "OCPPCommCtrlr"), str(seconds))

    def start_up(self) -> None:
        self.variables.apply_after_reboot()

    def settings_json(self) -> list[Any]:
        return self.variables.as_json()

    # ---- what it says

    def boot(self, reason: str) -> None:
        plan = self._station.plan
        nameplate = {
            "model": plan.model[:20],
            "vendorName": plan.vendor[:50],
            "serialNumber": plan.serial_number[:25],
            "firmwareVersion": plan.firmware_version[:50],
        }
        self._say("BootNotification", {"reason": reason, "chargingStation": nameplate})

    def heartbeat(self) -> None:
        self._say("Heartbeat", {})

    def station_status(self) -> None:
        """Nothing to say: in 2.0.1 only connectors have a StatusNotification."""

    def status_of(self, evse: Evse, connector_number: int) -> str:
        if evse.fault is not None:
            return "Faulted"
        if not evse.is_operative:
            return "Unavailable"
        in_use = evse.vehicle is not None and evse.connector_number == connector_number
        return "Occupied" if in_use else "Available"

    def connector_status(self, evse: Evse, connector_number: int) -> None:
        self._say(
            "StatusNotification",
            {
                "timestamp": format_timestamp(evse.at),
                "connectorStatus": self.status_of(evse, connector_number),
                "evseId": evse.number,
                "connectorId": connector_number,
            },
        )

    def authorize(self, evse: Evse, grant: Grant, trigger: str) -> None:
        subject = {"evse": evse.number, "grant": grant, "trigger": trigger}
        self._say("Authorize", {"idToken": {"idToken": grant.token, "type": grant.token_type}}, subject)

    def started(self, evse: Evse, session: Session, trigger: str) -> None:
        values = self._values(evse.read(), "TxStartedMeasurands", "Transaction.Begin")
        more: dict[str, Any] = self._token_of(session)
        more["evse"] = {"id": evse.number, "connectorId": evse.connector_number}
        self._event("Started", trigger, evse, session, evse.at, values, more)

    def authorized(self, evse: Evse, session: Session, trigger: str) -> None:
        self._event("Updated", trigger, evse, session, evse.at, [], self._token_of(session))

    def state_changed(self, evse: Evse, session: Session) -> None:
        self._event("Updated", "ChargingStateChanged", evse, session, evse.at, [])

    def sampled(
        self, evse: Evse, session: Session | None, reading: Reading, at: datetime, context: str = "Sample.Periodic"
    ) -> None:
        values = self._values(reading, "TxUpdatedMeasurands", context)
        if not values:
            return
        if session is None:
            self._say("MeterValues", {"evseId": evse.number, "meterValue": [_meter_value(at, values)]})
        else:
            trigger = "Trigger" if context == "Trigger" else "MeterValuePeriodic"
            self._event("Updated", trigger, evse, session, at, values, droppable=trigger != "Trigger")

    def ended(self, evse: Evse, session: Session, reason: str, trigger: str, token: str | None) -> None:
        values = self._values(evse.read(), "TxEndedMeasurands", "Transaction.End")
        more: dict[str, Any] = {} if token is None else {"idToken": {"idToken": token, "type": session.token_type}}
        stopped = "Other" if reason == "UnlockCommand" else reason
        self._event("Ended", trigger, evse, session, evse.at, values, more, stoppedReason=stopped)

    def problem(self, evse: Evse, fault: Fault, *, cleared: bool) -> None:
        """N07: the component says what is wrong with it, and again when it is cleared."""
        self._events += 1
        event = {
            "eventId": self._events,
            "timestamp": format_timestamp(evse.at),
            "trigger": "Delta",
            "actualValue": "false" if cleared else "true",
            "techCode": fault.vendor_code,
            "techInfo": fault.text,
            "cleared": cleared,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": fault.component, "evse": {"id": evse.number}},
            "variable": {"name": fault.variable},
        }
        self._say("NotifyEvent", {"generatedAt": format_timestamp(evse.at), "seqNo": 0, "eventData": [event]})

    # ---- what it hears

    def serve(self, call: Call) -> dict[str, Any]:
        return self._requests.serve(call)

    def filled_in(self, message: Message) -> dict[str, Any]:
        return message.payload

    def answered(self, message: Message, payload: dict[str, Any]) -> None:
        if message.action == "BootNotification":
            self._station.boot_answered(payload.get("status", "Rejected"), payload.get("interval", 0))
        elif message.action == "Authorize":
            info = payload.get("idTokenInfo", {})
            group = info.get("groupIdToken", {}).get("idToken")
            self._station.reader.judged(message, info.get("status", "Invalid"), group)
        elif message.action == "TransactionEvent":
            self._event_answered(message, payload.get("idTokenInfo"))

    def _event_answered(self, message: Message, info: dict[str, Any] | None) -> None:
        """E05, C12: a token that was let in offline or from the cache turns out to be invalid."""
        if info is None or info.get("status") == "Accepted":
            return
        evse = self._station.evse(message.subject["evse"])
        still_runs = evse.session is not None and evse.session.key == message.subject["session"]
        if still_runs and self.variables.flag("StopTxOnInvalidId", "TxCtrlr"):
            evse.end("DeAuthorized", "Deauthorized")

    # ---- helpers

    def _event(
        self,
        kind: str,
        trigger: str,
        evse: Evse,
        session: Session,
        at: datetime,
        values: list[dict[str, Any]],
        more: dict[str, Any] | None = None,
        *,
        droppable: bool = False,
        **transaction: Any,
    ) -> None:
        info = {"transactionId": session.key, "chargingState": session.charging_state} | transaction
        if session.charged_s:
            info["timeSpentCharging"] = int(session.charged_s)
        if session.remote_start_id is not None and kind != "Ended":
            info["remoteStartId"] = session.remote_start_id
        payload: dict[str, Any] = {
            "eventType": kind,
            "timestamp": format_timestamp(at),
            "triggerReason": trigger,
            "seqNo": session.next_seq_no(),
            "offline": not self._station.is_online,
            "transactionInfo": info,
        }
        if values:
            payload["meterValue"] = [_meter_value(at, values)]
        subject = {"evse": evse.number, "session": session.key}
        self._station.say(Message("TransactionEvent", payload | (more or {}), subject, kept=True, droppable=droppable))

    def _token_of(self, session: Session) -> dict[str, Any]:
        if session.token is None:
            return {}
        return {"idToken": {"idToken": session.token, "type": session.token_type}}

    def _values(self, reading: Reading, which: str, context: str) -> list[dict[str, Any]]:
        measurands = {part.strip() for part in self.variables.text(which, "SampledDataCtrlr").split(",")}
        return sampled_values_201(samples_of(reading, measurands), context)

    def _say(self, action: str, payload: dict[str, Any], subject: dict[str, Any] | None = None) -> None:
        self._station.say(Message(action, payload, subject or {}))


def _meter_value(at: datetime, values: list[dict[str, Any]]) -> dict[str, Any]:
    return {"timestamp": format_timestamp(at), "sampledValue": values}

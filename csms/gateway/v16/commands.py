"""OCPP 1.6: our commands as requests to a station. EVSE n is connector n."""

from typing import assert_never

from csms.commands.commands import (
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    ClearChargingProfile,
    GetChargingProfiles,
    GetCompositeSchedule,
    GetLocalListVersion,
    GetVariables,
    RawRequest,
    RequestStart,
    RequestStop,
    ReserveNow,
    Reset,
    SendLocalList,
    SetChargingProfile,
    SetVariable,
    SetVariables,
    StationCommand,
    TriggerMessage,
    UnlockConnector,
)
from csms.errors import InvalidInputError, UnsupportedActionError
from csms.gateway.asking import Asking, Json
from csms.gateway.requests import Question
from csms.gateway.v16.local_list import send_local_list
from csms.gateway.v16.reservations import reserve_now
from csms.gateway.v16.smart_charging import (
    clear_charging_profile,
    get_composite_schedule,
    set_charging_profile,
)
from csms.gateway.wire import without_none
from csms.smart_charging.profile16 import profile_in_16


def encode(command: StationCommand, asking: Asking) -> Question:
    """The request a command is in 1.6. Raises InvalidInputError for what 1.6 cannot say."""
    action, payload = _request(command)
    validate = not isinstance(command, RawRequest) or command.validate
    return asking.question(action, payload, validate=validate)


def _request(command: StationCommand) -> tuple[str, Json]:
    match command:
        case RequestStart():
            profile = None if command.charging_profile is None else profile_in_16(command.charging_profile)
            payload = without_none(connectorId=command.evse_number, idTag=command.id_token, chargingProfile=profile)
            return "RemoteStartTransaction", payload
        case RequestStop():
            return "RemoteStopTransaction", {"transactionId": _number(command.transaction_ocpp_id)}
        case ChangeAvailability():
            word = "Operative" if command.operative else "Inoperative"
            return "ChangeAvailability", {"connectorId": command.evse_number or 0, "type": word}
        case Reset():
            if command.evse_number is not None:
                raise InvalidInputError("OCPP 1.6 can only reset the whole station")
            return "Reset", {"type": "Hard" if command.immediate else "Soft"}
        case UnlockConnector():
            return "UnlockConnector", {"connectorId": command.evse_number}
        case TriggerMessage():
            payload = without_none(requestedMessage=command.message, connectorId=command.evse_number)
            return "TriggerMessage", payload
        case GetVariables():
            keys = [name.variable for name in command.names]
            return "GetConfiguration", {"key": keys} if keys else {}
        case SetVariable():
            return "ChangeConfiguration", {"key": command.variable, "value": command.value}
        case SetVariables([SetVariable() as only]):
            return _request(only)
        case SetVariables():
            raise InvalidInputError("OCPP 1.6 changes one configuration key at a time")
        case ClearCache():
            return "ClearCache", {}
        case GetLocalListVersion():
            return "GetLocalListVersion", {}
        case SendLocalList():
            return "SendLocalList", send_local_list(command)
        case ReserveNow():
            return "ReserveNow", reserve_now(command)
        case CancelReservation():
            return "CancelReservation", {"reservationId": command.reservation_id}
        case SetChargingProfile():
            return "SetChargingProfile", set_charging_profile(command)
        case ClearChargingProfile():
            return "ClearChargingProfile", clear_charging_profile(command)
        case GetChargingProfiles():
            raise UnsupportedActionError("OCPP 1.6 has no report of charging profiles")
        case GetCompositeSchedule():
            return "GetCompositeSchedule", get_composite_schedule(command)
        case RawRequest():
            return command.action, command.payload
        case _:
            assert_never(command)


def _number(transaction_id: str) -> int:
    try:
        return int(transaction_id)
    except ValueError:
        raise InvalidInputError(f"A transaction id of OCPP 1.6 is a number, not {transaction_id!r}") from None

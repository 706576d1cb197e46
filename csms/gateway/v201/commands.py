"""OCPP 2.0.1: our commands as requests to a station, fields in the document's order."""

import random
from collections.abc import Mapping
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
    VariableName,
)
from csms.errors import InvalidInputError
from csms.gateway.asking import Asking, Json
from csms.gateway.requests import Question
from csms.gateway.v201.local_list import send_local_list
from csms.gateway.v201.reservations import reserve_now
from csms.gateway.v201.smart_charging import (
    clear_charging_profile,
    get_charging_profiles,
    get_composite_schedule,
    set_charging_profile,
)
from csms.gateway.wire import without_none

_LARGEST_ID = 2**31 - 1


def encode(command: StationCommand, asking: Asking) -> Question:
    """The request a command is in 2.0.1. Raises InvalidInputError for what it cannot say."""
    action, payload = _request(command)
    validate = not isinstance(command, RawRequest) or command.validate
    return asking.question(action, payload, validate=validate)


def _request(command: StationCommand) -> tuple[str, Json]:
    match command:
        case RequestStart():
            return "RequestStartTransaction", _request_start(command)
        case RequestStop():
            return "RequestStopTransaction", {"transactionId": command.transaction_ocpp_id}
        case ChangeAvailability():
            status = "Operative" if command.operative else "Inoperative"
            evse = _evse(command.evse_number, command.connector_number)
            return "ChangeAvailability", without_none(operationalStatus=status, evse=evse)
        case Reset():
            kind = "Immediate" if command.immediate else "OnIdle"
            return "Reset", without_none(type=kind, evseId=command.evse_number)
        case UnlockConnector():
            return "UnlockConnector", {"evseId": command.evse_number, "connectorId": command.connector_number}
        case TriggerMessage():
            evse = _evse(command.evse_number, command.connector_number)
            return "TriggerMessage", without_none(requestedMessage=command.message, evse=evse)
        case GetVariables():
            return _get_variables(command)
        case SetVariable():
            return "SetVariables", {"setVariableData": [_set_data(command)]}
        case SetVariables():
            return "SetVariables", {"setVariableData": [_set_data(variable) for variable in command.variables]}
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
            return "GetChargingProfiles", get_charging_profiles(command)
        case GetCompositeSchedule():
            return "GetCompositeSchedule", get_composite_schedule(command)
        case RawRequest():
            return command.action, command.payload
        case _:
            assert_never(command)


def _request_start(command: RequestStart) -> Json:
    return without_none(
        evseId=command.evse_number,
        remoteStartId=command.remote_start_id,
        idToken=without_none(
            idToken=command.id_token,
            type=command.id_token_type,
            additionalInfo=[*command.additional_info] or None,
        ),
        chargingProfile=command.charging_profile,
    )


def _get_variables(command: GetVariables) -> tuple[str, Json]:
    """All of them come as a report in parts (B07), named ones in the answer (B06)."""
    if not command.names:
        request_id = random.randint(1, _LARGEST_ID)
        return "GetBaseReport", {"requestId": request_id, "reportBase": "FullInventory"}
    data = [without_none(attributeType=_attribute(name.attribute), **_addressed(name)) for name in command.names]
    return "GetVariables", {"getVariableData": data}


def _set_data(variable: SetVariable) -> Json:
    return without_none(
        attributeType=_attribute(variable.attribute), attributeValue=variable.value, **_addressed(variable)
    )


def _addressed(name: VariableName | SetVariable) -> Mapping[str, Json]:
    if not name.component:
        raise InvalidInputError(f"OCPP 2.0.1 needs the component of the variable {name.variable!r}")
    evse = _evse(name.evse_number or None, name.connector_number or None)
    component = without_none(name=name.component, instance=name.component_instance or None, evse=evse)
    return {
        "component": component,
        "variable": without_none(name=name.variable, instance=name.variable_instance or None),
    }


def _attribute(attribute: str) -> str | None:
    return None if attribute == "Actual" else attribute  # Actual is what is meant when nothing is said


def _evse(evse_number: int | None, connector_number: int | None) -> Json | None:
    return None if evse_number is None else without_none(id=evse_number, connectorId=connector_number)

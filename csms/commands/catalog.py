"""What each command needs and how it is written down."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from csms.access.policy import Permission
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
from csms.stations.secrets import masked

_CONTROL, _CONFIGURE = Permission.STATIONS_CONTROL, Permission.STATIONS_CONFIGURE
_ENTRIES: dict[type[StationCommand], tuple[Permission, str, str]] = {
    RequestStart: (_CONTROL, "station.request_start", "RequestStartTransaction"),
    RequestStop: (_CONTROL, "station.request_stop", "RequestStopTransaction"),
    ChangeAvailability: (_CONTROL, "station.change_availability", "ChangeAvailability"),
    Reset: (_CONTROL, "station.reset", "Reset"),
    UnlockConnector: (_CONTROL, "station.unlock_connector", "UnlockConnector"),
    TriggerMessage: (_CONTROL, "station.trigger_message", "TriggerMessage"),
    ClearCache: (_CONTROL, "station.clear_cache", "ClearCache"),
    GetVariables: (_CONFIGURE, "station.get_variables", "GetVariables"),
    SetVariable: (_CONFIGURE, "station.set_variable", "SetVariables"),
    SetVariables: (_CONFIGURE, "station.set_variables", "SetVariables"),
    GetLocalListVersion: (_CONFIGURE, "station.get_local_list_version", "GetLocalListVersion"),
    SendLocalList: (_CONFIGURE, "station.send_local_list", "SendLocalList"),
    ReserveNow: (_CONTROL, "station.reserve_now", "ReserveNow"),
    CancelReservation: (_CONTROL, "station.cancel_reservation", "CancelReservation"),
    SetChargingProfile: (_CONTROL, "station.set_charging_profile", "SetChargingProfile"),
    ClearChargingProfile: (_CONTROL, "station.clear_charging_profile", "ClearChargingProfile"),
    GetChargingProfiles: (_CONTROL, "station.get_charging_profiles", "GetChargingProfiles"),
    GetCompositeSchedule: (_CONTROL, "station.get_composite_schedule", "GetCompositeSchedule"),
    RawRequest: (_CONFIGURE, "station.raw_request", ""),
}


def permission_for(command: StationCommand) -> Permission:
    """What an actor needs to ask this."""
    return _ENTRIES[type(command)][0]


def audit_action(command: StationCommand) -> str:
    """Dotted name in the audit."""
    return _ENTRIES[type(command)][1]


def action_name(command: StationCommand) -> str:
    """The OCPP action in 2.x words; what went over the wire replaces it once known."""
    return command.action if isinstance(command, RawRequest) else _ENTRIES[type(command)][2]


def written(command: StationCommand) -> dict[str, Any]:
    """The command as JSON for row and audit, secrets masked."""
    fields = {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(command).items()}
    return masked(fields)

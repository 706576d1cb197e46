"""Tables, named as OCPP and OCPI name them, with no behaviour beyond themselves."""

from models.access import AuditEntry, Membership, OneTimeLink, Role, SignInSession, User
from models.authorization import Driver, IdToken, IdTokenStatus
from models.commands import Command, CommandState
from models.frames import Frame
from models.stations import (
    ChargingStation,
    Connector,
    Evse,
    Location,
    Registration,
    Severity,
    StationEvent,
    StationVariable,
)
from models.tariffs import Tariff, TariffVersion
from models.tenants import Tenant, TenantHost
from models.transactions import MeterValue, ParkedMessage, Transaction

__all__ = [
    "AuditEntry",
    "ChargingStation",
    "Command",
    "CommandState",
    "Connector",
    "Driver",
    "Evse",
    "Frame",
    "IdToken",
    "IdTokenStatus",
    "Location",
    "Membership",
    "MeterValue",
    "OneTimeLink",
    "ParkedMessage",
    "Registration",
    "Role",
    "Severity",
    "SignInSession",
    "StationEvent",
    "StationVariable",
    "Tariff",
    "TariffVersion",
    "Tenant",
    "TenantHost",
    "Transaction",
    "User",
]

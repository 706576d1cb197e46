"""Tables, named as OCPP and OCPI name them, with no behaviour beyond themselves."""

from models.access import AuditEntry, Membership, OneTimeLink, Role, SignInSession, User
from models.authorization import Driver, IdToken, IdTokenStatus
from models.certificates import (
    CertificateAuthority,
    CertificateUse,
    InstalledCertificate,
    IssuedCertificate,
    NetworkProfile,
    RevokedCertificate,
    SigningRequest,
    SigningState,
    TrustAnchor,
)
from models.commands import Command, CommandState
from models.connections import FailedHandshake, StationRemark
from models.frames import Frame
from models.maintenance import DisplayMessage, JobKind, JobState, MaintenanceJob, ReportKind, ReportState, StationReport
from models.smart_charging import (
    ChargingLimit,
    ChargingNeeds,
    ChargingProfile,
    ChargingProfileReport,
    CompositeSchedule,
    EvChargingSchedule,
    NeedsState,
    ProfileState,
    ReportState,
)
from models.stations import (
    ChargingStation,
    Connector,
    DesiredAvailability,
    Evse,
    Location,
    Registration,
    Severity,
    StationEvent,
    StationMonitor,
    StationVariable,
)
from models.tariffs import Tariff, TariffVersion
from models.tenants import Tenant, TenantHost
from models.transactions import MeterValue, ParkedMessage, Transaction

__all__ = [
    "AuditEntry",
    "CertificateAuthority",
    "CertificateUse",
    "ChargingLimit",
    "ChargingNeeds",
    "ChargingProfile",
    "ChargingProfileReport",
    "ChargingStation",
    "Command",
    "CommandState",
    "CompositeSchedule",
    "Connector",
    "DesiredAvailability",
    "DisplayMessage",
    "Driver",
    "EvChargingSchedule",
    "Evse",
    "FailedHandshake",
    "Frame",
    "IdToken",
    "IdTokenStatus",
    "InstalledCertificate",
    "IssuedCertificate",
    "JobKind",
    "JobState",
    "Location",
    "MaintenanceJob",
    "Membership",
    "MeterValue",
    "NeedsState",
    "NetworkProfile",
    "OneTimeLink",
    "ParkedMessage",
    "ProfileState",
    "Registration",
    "ReportKind",
    "ReportState",
    "RevokedCertificate",
    "Role",
    "Severity",
    "SignInSession",
    "SigningRequest",
    "SigningState",
    "StationEvent",
    "StationMonitor",
    "StationRemark",
    "StationReport",
    "StationVariable",
    "Tariff",
    "TariffVersion",
    "Tenant",
    "TenantHost",
    "Transaction",
    "TrustAnchor",
    "User",
]

"""What stations report of their own security (1.6 SecurityEventNotification, A04), in the words of OCPP's appendix."""

import re
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from csms.stations.history import record_event
from csms.stations.ref import StationRef
from csms.stations.reports import EventReport
from csms.work import Work
from models import Severity, StationEvent

_MAX_KIND = 48
_PROBLEMS = frozenset(
    {
        "AttemptedReplayAttacks",
        "InvalidFirmwareSignature",
        "InvalidFirmwareSigningCertificate",
        "SecurityLogWasCleared",
        "TamperDetectionActivated",
    }
)
_WARNINGS = frozenset(
    {
        "CsmsFailedToAuthenticate",
        "FailedToAuthenticateAtCentralSystem",
        "FailedToAuthenticateAtCsms",
        "CentralSystemFailedToAuthenticate",
        "InvalidCentralSystemCertificate",
        "InvalidChargePointCertificate",
        "InvalidChargingStationCertificate",
        "InvalidCsmsCertificate",
        "InvalidCSMSCertificate",
        "InvalidMessages",
        "InvalidTLSCipherSuite",
        "InvalidTLSVersion",
        "MemoryExhaustion",
    }
)


def severity_of_security_event(type_: str) -> Severity:
    """How much a security event matters. Types are the vendor's to extend; an unknown one is noted, no more."""
    if type_ in _PROBLEMS:
        return Severity.PROBLEM
    return Severity.WARNING if type_ in _WARNINGS else Severity.INFO


async def record_security_event(work: Work, ref: StationRef, type_: str, at: datetime, tech_info: str = "") -> None:
    """Enter a security event into the history. Of one type only the newest lasts: stations never take one back."""
    kind = f"security.{_snake(type_)}"[:_MAX_KIND]
    severity = severity_of_security_event(type_)
    if severity != Severity.INFO:
        await work.session().execute(
            update(StationEvent)
            .where(
                col(StationEvent.station_id) == ref.id,
                col(StationEvent.kind) == kind,
                col(StationEvent.resolved_at).is_(None),
            )
            .values(resolved_at=at)
            .execution_options(synchronize_session=False)
        )
    text = f"{type_}: {tech_info}" if tech_info else type_
    details = {"type": type_, "techInfo": tech_info}
    await record_event(work, ref, EventReport(kind, severity, text, at, details=details))


def _snake(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return "_".join(words).lower() or "unknown"

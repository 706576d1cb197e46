"""Registration of a station, and what it may and may not be asked before it is accepted (B01 to B03)."""

from typing import Any

from csms.errors import ConflictError
from csms.gateway.context import Station
from csms.gateway.dispatch import Exchange, Payload
from csms.gateway.wire import boot_answer
from csms.maintenance.service import note_boot
from csms.ocpp.version import OcppVersion
from csms.stations.heartbeat import heartbeat_interval_of
from csms.stations.service import BootReport, boot
from csms.work import Work
from models import Registration

_STARTS_AND_STOPS = frozenset(
    {"RemoteStartTransaction", "RemoteStopTransaction", "RequestStartTransaction", "RequestStopTransaction"}
)
_TRIGGERS = frozenset({"TriggerMessage", "ExtendedTriggerMessage"})
_REPORTS = frozenset({"GetBaseReport", "GetReport"})


async def register(ctx: Exchange, report: BootReport, work: Work) -> Payload:
    """Take in a BootNotification and answer it; the connection knows the outcome once it is durable."""
    station = ctx.station
    registration = await boot(work, ctx.ref, report, ctx.received_at)
    await note_boot(work, ctx.ref, report.firmware_version, ctx.received_at)

    def remember() -> None:
        station.registration = registration
        station.has_booted = True
        station.quirks = ctx.services.quirks.of(report.vendor, report.model, report.firmware_version)
        if station.on_registered is not None:
            station.on_registered()

    work.after_commit(remember)
    known_s = await heartbeat_interval_of(work, ctx.ref)
    return boot_answer(registration, ctx.received_at, ctx.services.settings, known_s)


def require_welcome(station: Station, action: str, payload: dict[str, Any]) -> None:
    """Raise ConflictError for a request that the station's registration forbids; note what it makes welcome.

    Not accepted yet: nothing that starts or stops charging. Rejected: nothing at all. 1.6, once accepted: no trigger
    of a boot that has taken place (X16_13); after a reconnect without one it is allowed.
    """
    if station.registration == Registration.REJECTED:
        raise ConflictError("The registration of this station is rejected; nothing is sent to it")
    if not station.is_accepted and action in _STARTS_AND_STOPS:
        raise ConflictError("The registration of this station is pending; it cannot charge yet")
    wanted = payload.get("requestedMessage") if action in _TRIGGERS else None
    if wanted == "BootNotification" and _has_registered(station):
        raise ConflictError("The station has booted and is accepted; it must not be asked to boot again")
    if wanted is None and action in _REPORTS:
        wanted = "NotifyReport"
    if isinstance(wanted, str):
        message = "SignCertificate" if wanted.startswith("Sign") else wanted  # A02: triggers name the certificate
        station.triggered = (station.triggered or set()) | {message}


def _has_registered(station: Station) -> bool:
    return station.version is OcppVersion.V16 and station.has_booted and station.is_accepted

"""OCPP 1.6: firmware, diagnostics, logs, resets, availability (TC_013, TC_044, TC_045, TC_048_3, TC_079 to TC_081)."""

from csms.gateway.asking import Asked
from csms.gateway.dispatch import Route
from csms.gateway.telling import job_lesson, job_news, learn_availability, learn_reset
from csms.maintenance.service import JobRequest, begin_job
from csms.work import Work
from models import JobKind


async def learn_diagnostics(work: Work, asked: Asked) -> None:
    """TC_045: the upload and the name of its file; no name means that there is nothing to upload."""
    file_name = str(asked.answer.get("fileName") or "")
    request = JobRequest(
        kind=JobKind.LOG,
        action=asked.action,
        status="Accepted",
        request=asked.payload,
        file_name=file_name,
        is_over=not file_name,
    )
    await begin_job(work, asked.ref, request, asked.at)


async def learn_change_availability(work: Work, asked: Asked) -> None:
    """TC_048_3: in 1.6 a connector is what 2.x calls an EVSE, 0 the station."""
    evse = {"id": asked.payload.get("connectorId")}
    await learn_availability(work, asked, evse, operative=asked.payload.get("type") == "Operative")


ROUTES = {
    "DiagnosticsStatusNotification": Route(job_news(JobKind.LOG)),
    "FirmwareStatusNotification": Route(job_news(JobKind.FIRMWARE)),
    "LogStatusNotification": Route(job_news(JobKind.LOG)),
    "SignedFirmwareStatusNotification": Route(job_news(JobKind.FIRMWARE)),
}

LESSONS = {
    "ChangeAvailability": learn_change_availability,
    "GetDiagnostics": learn_diagnostics,
    "GetLog": job_lesson(JobKind.LOG),
    "Reset": learn_reset,
    "SignedUpdateFirmware": job_lesson(JobKind.FIRMWARE),
    "UpdateFirmware": job_lesson(JobKind.FIRMWARE),
}

"""OCPP 2.x: firmware, its publishing, logs, resets and availability (L01 to L04, N01, B11, B12, G03, G04)."""

from csms.gateway.asking import Asked
from csms.gateway.dispatch import Route
from csms.gateway.telling import job_lesson, job_news, learn_availability, learn_reset
from csms.maintenance.service import note_unpublished
from csms.work import Work
from models import JobKind


async def learn_unpublished(work: Work, asked: Asked) -> None:
    """L04: the firmware of this checksum is offered no more, unless stations are still downloading it."""
    await note_unpublished(
        work, asked.ref, str(asked.payload.get("checksum")), str(asked.answer.get("status", "")), asked.at
    )


async def learn_change_availability(work: Work, asked: Asked) -> None:
    """G03, G04."""
    operative = asked.payload.get("operationalStatus") == "Operative"
    await learn_availability(work, asked, asked.payload.get("evse") or {}, operative=operative)


ROUTES = {
    "FirmwareStatusNotification": Route(job_news(JobKind.FIRMWARE)),
    "LogStatusNotification": Route(job_news(JobKind.LOG)),
    "PublishFirmwareStatusNotification": Route(job_news(JobKind.PUBLISH)),
}

LESSONS = {
    "ChangeAvailability": learn_change_availability,
    "GetLog": job_lesson(JobKind.LOG),
    "PublishFirmware": job_lesson(JobKind.PUBLISH),
    "Reset": learn_reset,
    "UnpublishFirmware": learn_unpublished,
    "UpdateFirmware": job_lesson(JobKind.FIRMWARE),
}

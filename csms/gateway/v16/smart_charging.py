"""OCPP 1.6, smart charging: what is asked of stations, and what their answers teach (TC_056 to TC_067)."""

from typing import Any, cast

from csms.commands.commands import ClearChargingProfile, GetCompositeSchedule, SetChargingProfile
from csms.gateway.asking import Asked, Json
from csms.gateway.wire import moment_of, without_none
from csms.smart_charging.profile import is_readable, read_periods
from csms.smart_charging.profile16 import profile_in_2, profile_in_16, purpose_in_2, purpose_in_16
from csms.smart_charging.service import (
    ProfileSent,
    ScheduleAnswer,
    ToldSchedule,
    profile_sent,
    profiles_cleared,
    schedule_answered,
)
from csms.work import Work


def set_charging_profile(command: SetChargingProfile) -> Json:
    """The payload of SetChargingProfile."""
    return {"connectorId": command.evse_number, "csChargingProfiles": profile_in_16(command.profile)}


def clear_charging_profile(command: ClearChargingProfile) -> Json:
    """The payload of ClearChargingProfile: by id only its id (TC_067)."""
    if command.profile_id is not None:
        return {"id": command.profile_id}
    return without_none(
        connectorId=command.evse_number,
        chargingProfilePurpose=purpose_in_16(command.purpose),
        stackLevel=command.stack_level,
    )


def get_composite_schedule(command: GetCompositeSchedule) -> Json:
    """The payload of GetCompositeSchedule."""
    return without_none(connectorId=command.evse_number, duration=command.duration_s, chargingRateUnit=command.unit)


async def learn_profile(work: Work, asked: Asked) -> None:
    """TC_056, TC_057: what was accepted is installed; what was rejected changed nothing."""
    profile = asked.payload.get("csChargingProfiles")
    evse_number = asked.payload.get("connectorId")
    if isinstance(evse_number, int) and _is_profile(profile):
        sent = ProfileSent(evse_number, profile_in_2(cast(Json, profile)), asked.answer.get("status"), asked.at)
        await profile_sent(work, asked.ref, sent)


async def learn_start(work: Work, asked: Asked) -> None:
    """TC_059: a profile that went with a remote start waits for its transaction."""
    profile = asked.payload.get("chargingProfile")
    evse_number = asked.payload.get("connectorId") or 0
    if isinstance(evse_number, int) and _is_profile(profile):
        in_2, status = profile_in_2(cast(Json, profile)), asked.answer.get("status")
        await profile_sent(work, asked.ref, ProfileSent(evse_number, in_2, status, asked.at, with_start=True))


async def learn_cleared(work: Work, asked: Asked) -> None:
    """TC_067: by id, or by all criteria together."""
    payload = asked.payload
    criteria = without_none(
        evseId=payload.get("connectorId"),
        chargingProfilePurpose=purpose_in_2(payload.get("chargingProfilePurpose")),
        stackLevel=payload.get("stackLevel"),
    )
    request = without_none(chargingProfileId=payload.get("id"), chargingProfileCriteria=criteria or None)
    await profiles_cleared(work, asked.ref, request, asked.answer.get("status"), asked.at)


async def learn_schedule(work: Work, asked: Asked) -> None:
    """TC_066: the answer is kept, and compared with what we expect."""
    evse_number, duration_s = asked.payload.get("connectorId"), asked.payload.get("duration")
    if not isinstance(evse_number, int) or not isinstance(duration_s, int):
        return
    answer = ScheduleAnswer(
        evse_number=evse_number,
        asked_unit=asked.payload.get("chargingRateUnit"),
        asked_duration_s=duration_s,
        status=asked.answer["status"],
        answer=asked.answer,
        at=asked.at,
        told=_told(asked, duration_s),
    )
    await schedule_answered(work, asked.ref, answer)


def _told(asked: Asked, duration_s: int) -> ToldSchedule | None:
    schedule: Json | None = asked.answer.get("chargingSchedule")
    if not schedule or asked.answer.get("status") != "Accepted":
        return None
    starts = asked.answer.get("scheduleStart") or schedule.get("startSchedule")
    return ToldSchedule(
        unit=schedule["chargingRateUnit"],
        starts_at=moment_of(starts, asked.at),
        duration_s=schedule.get("duration") or duration_s,
        periods=read_periods(schedule["chargingSchedulePeriod"]),
    )


def _is_profile(profile: Any) -> bool:
    try:
        return isinstance(profile, dict) and is_readable(profile_in_2(cast(Json, profile)))
    except TypeError:
        return False


LESSONS = {
    "SetChargingProfile": learn_profile,
    "RemoteStartTransaction": learn_start,
    "ClearChargingProfile": learn_cleared,
    "GetCompositeSchedule": learn_schedule,
}

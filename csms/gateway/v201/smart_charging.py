"""OCPP 2.x, smart charging: what stations say of limits and EVs, and what their answers teach (block K)."""

from typing import cast

from csms.commands.commands import ClearChargingProfile, GetChargingProfiles, GetCompositeSchedule, SetChargingProfile
from csms.gateway.asking import Asked, Json
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.wire import moment_of, without_none
from csms.smart_charging.profile import is_readable, read_periods
from csms.smart_charging.service import (
    LimitNotice,
    ProfileSent,
    Reported,
    ScheduleAnswer,
    ToldSchedule,
    ev_schedule_reported,
    limit_cleared,
    limit_notified,
    needs_reported,
    profile_sent,
    profiles_cleared,
    profiles_reported,
    report_asked,
    schedule_answered,
)
from csms.work import Work


async def on_notify_charging_limit(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """An external system limits the station (K12)."""
    notice = LimitNotice(
        evse_number=payload.get("evseId") or 0,
        source=payload["chargingLimit"]["chargingLimitSource"],
        schedules=payload.get("chargingSchedule") or [],
        limit=payload["chargingLimit"],
        at=ctx.received_at,
    )
    await limit_notified(work, ctx.ref, notice)
    return {}


async def on_cleared_charging_limit(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """It takes its limit back (K13)."""
    await limit_cleared(work, ctx.ref, payload.get("evseId"), payload["chargingLimitSource"], ctx.received_at)
    return {}


async def on_report_charging_profiles(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """One part of a report on installed profiles (K09); tbc absent means it is the last."""
    part = [
        Reported(payload["evseId"], payload["chargingLimitSource"], profile)
        for profile in cast(list[Json], payload["chargingProfile"])
    ]
    is_last = not payload.get("tbc", False)
    await profiles_reported(work, ctx.ref, payload["requestId"], part, ctx.received_at, is_last=is_last)
    return {}


async def on_notify_ev_charging_needs(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """An EV says what it needs (K15, K17); its profile follows by itself, within the 60 s of ISO 15118."""
    return {"status": await needs_reported(work, ctx.ref, payload, ctx.received_at)}


async def on_notify_ev_charging_schedule(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """An EV says what it means to do (K16); beyond the limits it is rejected, and gets another profile."""
    accepted = await ev_schedule_reported(work, ctx.ref, payload, ctx.received_at)
    return {"status": "Accepted" if accepted else "Rejected"}


def set_charging_profile(command: SetChargingProfile) -> Json:
    """The payload of SetChargingProfile; the profile goes as it is."""
    return {"evseId": command.evse_number, "chargingProfile": command.profile}


def clear_charging_profile(command: ClearChargingProfile) -> Json:
    """The payload of ClearChargingProfile: an id or criteria, never both (K10)."""
    if command.profile_id is not None:
        return {"chargingProfileId": command.profile_id}
    criteria = without_none(
        evseId=command.evse_number, chargingProfilePurpose=command.purpose, stackLevel=command.stack_level
    )
    return {"chargingProfileCriteria": criteria} if criteria else {}


def get_charging_profiles(command: GetChargingProfiles) -> Json:
    """The payload of GetChargingProfiles: only the criteria that were given (K09)."""
    criteria = without_none(
        chargingProfilePurpose=command.purpose,
        stackLevel=command.stack_level,
        chargingProfileId=list(command.profile_ids) or None,
        chargingLimitSource=list(command.sources) or None,
    )
    return without_none(requestId=command.request_id, evseId=command.evse_number, chargingProfile=criteria)


def get_composite_schedule(command: GetCompositeSchedule) -> Json:
    """The payload of GetCompositeSchedule (K08)."""
    return without_none(duration=command.duration_s, chargingRateUnit=command.unit, evseId=command.evse_number)


async def learn_profile(work: Work, asked: Asked) -> None:
    """K01: what was accepted is installed; what was rejected changed nothing."""
    profile, evse_number = asked.payload.get("chargingProfile"), asked.payload.get("evseId")
    if isinstance(evse_number, int) and is_readable(profile):
        sent = ProfileSent(evse_number, cast(Json, profile), asked.answer.get("status"), asked.at, _why(asked.answer))
        await profile_sent(work, asked.ref, sent)


async def learn_start(work: Work, asked: Asked) -> None:
    """F01, K05: a profile that went with a remote start waits for its transaction, unless that runs already (F02)."""
    profile, evse_number = asked.payload.get("chargingProfile"), asked.payload.get("evseId") or 0
    if not isinstance(evse_number, int) or not is_readable(profile):
        return
    told, transaction = cast(Json, profile), asked.answer.get("transactionId")
    remote_start_id = asked.payload.get("remoteStartId")
    sent = ProfileSent(
        evse_number=evse_number,
        profile=told if transaction is None else told | {"transactionId": transaction},
        status=asked.answer.get("status"),
        at=asked.at,
        reason=_why(asked.answer),
        with_start=transaction is None,
        remote_start_id=remote_start_id if isinstance(remote_start_id, int) else None,
    )
    await profile_sent(work, asked.ref, sent)


async def learn_cleared(work: Work, asked: Asked) -> None:
    """K10: by id, or by all criteria together."""
    criteria = asked.payload.get("chargingProfileCriteria")
    if criteria is None or isinstance(criteria, dict):
        await profiles_cleared(work, asked.ref, asked.payload, asked.answer.get("status"), asked.at)


async def learn_report(work: Work, asked: Asked) -> None:
    """K09: parts follow, or there are no profiles."""
    if isinstance(asked.payload.get("requestId"), int) and isinstance(asked.payload.get("chargingProfile"), dict):
        await report_asked(work, asked.ref, asked.payload, asked.answer.get("status"), asked.at)


async def learn_schedule(work: Work, asked: Asked) -> None:
    """K08: the answer is kept, and compared with what we expect."""
    evse_number, duration_s = asked.payload.get("evseId"), asked.payload.get("duration")
    if not isinstance(evse_number, int) or not isinstance(duration_s, int):
        return
    answer = ScheduleAnswer(
        evse_number=evse_number,
        asked_unit=asked.payload.get("chargingRateUnit"),
        asked_duration_s=duration_s,
        status=asked.answer["status"],
        answer=asked.answer,
        at=asked.at,
        told=_told(asked),
    )
    await schedule_answered(work, asked.ref, answer)


def _told(asked: Asked) -> ToldSchedule | None:
    schedule: Json | None = asked.answer.get("schedule")
    if not schedule or asked.answer.get("status") != "Accepted":
        return None
    return ToldSchedule(
        unit=schedule["chargingRateUnit"],
        starts_at=moment_of(schedule["scheduleStart"], asked.at),
        duration_s=schedule["duration"],
        periods=read_periods(schedule["chargingSchedulePeriod"]),
    )


def _why(answer: Json) -> str:
    """The station's reason, if it gives one: code and words."""
    info = cast(Json, answer.get("statusInfo") or {})
    return ": ".join(str(info[name]) for name in ("reasonCode", "additionalInfo") if info.get(name))


ROUTES = {
    "ClearedChargingLimit": Route(on_cleared_charging_limit),
    "NotifyChargingLimit": Route(on_notify_charging_limit),
    "NotifyEVChargingNeeds": Route(on_notify_ev_charging_needs),
    "NotifyEVChargingSchedule": Route(on_notify_ev_charging_schedule),
    "ReportChargingProfiles": Route(on_report_charging_profiles),
}

LESSONS = {
    "SetChargingProfile": learn_profile,
    "RequestStartTransaction": learn_start,
    "ClearChargingProfile": learn_cleared,
    "GetChargingProfiles": learn_report,
    "GetCompositeSchedule": learn_schedule,
}

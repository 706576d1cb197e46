"""OCPP 2.1, blocks K and Q: dynamic profiles, priority, energy both ways, signals of the grid."""

from typing import cast

from csms.gateway.asking import Asked, Json
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.wire import moment_of
from csms.smart_charging.dynamic import update_pulled, update_sent
from csms.smart_charging.energy_transfer import allowed_for_token, refusal_of, transfer_told
from csms.smart_charging.priority import priority_asked, priority_told
from csms.smart_charging.service import needs_reported
from csms.smart_charging.signals import signal_answered
from csms.work import Work
from models import NeedsState

_REFUSED = {
    NeedsState.REJECTED: ("Rejected", "EnergyTransfer", "This session may not transfer energy in this way."),
    NeedsState.NO_PROFILE: ("NoChargingProfile", "NoProfile", "EVs here charge without a profile of ours."),
}


async def on_notify_ev_charging_needs(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """An EV says what it needs (K18, K19, Q01): refused where it may not, else its profile follows by itself."""
    refusal = await refusal_of(work.session(), ctx.ref.id, payload)
    status = await needs_reported(work, ctx.ref, payload, ctx.received_at, refusal)
    if refusal is None:
        return {"status": status}
    word, code, text = _REFUSED[refusal]
    return {"status": word, "statusInfo": {"reasonCode": code, "additionalInfo": text}}


async def on_notify_priority_charging(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """A transaction begins or ceases to charge with priority (K22)."""
    await priority_told(work, ctx.ref, payload["transactionId"], is_active=payload["activated"], at=ctx.received_at)
    return {}


async def on_pull_dynamic_schedule_update(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """A station fetches the values of a Dynamic profile (K28, Q04); one that we do not know is Rejected."""
    update = await update_pulled(work, ctx.ref, payload["chargingProfileId"], ctx.received_at)
    if update is None:
        why = {"reasonCode": "UnknownProfile", "additionalInfo": "No dynamic profile with this id is known here."}
        return {"status": "Rejected", "statusInfo": why}
    return {"status": "Accepted", "scheduleUpdate": update}


async def driver_transfer(payload: Payload, work: Work) -> list[str] | None:
    """What an Authorize adds for a token that may do more than charge (Q01); None says charging only."""
    token = cast(Json, payload["idToken"])
    return await allowed_for_token(work.session(), token["idToken"], token["type"]) or None


async def learn_update(work: Work, asked: Asked) -> None:
    """K28, Q03: what the station took is what its profile says from now on."""
    profile_id, update = asked.payload.get("chargingProfileId"), asked.payload.get("scheduleUpdate")
    if isinstance(profile_id, int) and isinstance(update, dict):
        await update_sent(work, asked.ref, profile_id, cast(Json, update), _status(asked), asked.at)


async def learn_priority(work: Work, asked: Asked) -> None:
    """K21: whether a transaction charges with priority."""
    transaction, wanted = asked.payload.get("transactionId"), asked.payload.get("activate")
    if isinstance(transaction, str) and isinstance(wanted, bool):
        await priority_asked(work, asked.ref, transaction, wanted=wanted, status=_status(asked), at=asked.at)


async def learn_transfer(work: Work, asked: Asked) -> None:
    """Q02: what a transaction may do from now on."""
    transaction, allowed = asked.payload.get("transactionId"), asked.payload.get("allowedEnergyTransfer")
    if isinstance(transaction, str) and isinstance(allowed, list):
        modes = [str(mode) for mode in cast(list[object], allowed)]
        await transfer_told(work, asked.ref, transaction, modes, _status(asked), asked.at)


async def learn_signal(work: Work, asked: Asked) -> None:
    """Q08: the station follows the signal, or does not."""
    signal = asked.payload.get("signal")
    if isinstance(signal, int):
        at = moment_of(asked.payload.get("timestamp"), asked.at)
        await signal_answered(work, asked.ref, signal, at, _status(asked), asked.at)


def _status(asked: Asked) -> str:
    return str(asked.answer.get("status", ""))


ROUTES = {
    "NotifyEVChargingNeeds": Route(on_notify_ev_charging_needs),
    "NotifyPriorityCharging": Route(on_notify_priority_charging),
    "PullDynamicScheduleUpdate": Route(on_pull_dynamic_schedule_update),
}

LESSONS = {
    "AFRRSignal": learn_signal,
    "NotifyAllowedEnergyTransfer": learn_transfer,
    "UpdateDynamicSchedule": learn_update,
    "UsePriorityCharging": learn_priority,
}

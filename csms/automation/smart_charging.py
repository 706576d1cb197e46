"""What the platform does about charging profiles by itself: ends them, plans for EVs, squares the store (block K)."""

import asyncio
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.automation.service import Hands, Reaction
from csms.bus.events import (
    ChargingLimitChanged,
    ChargingNeedsReported,
    ChargingProfilesReported,
    CommandChanged,
    Event,
    EvScheduleRejected,
    StationBooted,
    TransactionEnded,
    TransactionStarted,
)
from csms.commands.commands import GetChargingProfiles, GetCompositeSchedule, SetChargingProfile
from csms.smart_charging.limits import choose_unit
from csms.smart_charging.profile import DEFAULT, MAX, OURS, is_readable
from csms.smart_charging.profile16 import profile_in_2
from csms.smart_charging.service import (
    ProfileSent,
    end_finished,
    needs_answered,
    needs_waiting,
    plan_charging,
    profile_sent,
    report_planned,
    transaction_began,
)
from csms.smart_charging.store import profiles_in_use, station_limits
from csms.stations.ref import StationRef
from csms.work import Work
from models import (
    ChargingProfile,
    ChargingStation,
    Command,
    CommandState,
    CompositeSchedule,
    ProfileState,
    Registration,
)

LOOK_AHEAD_S = 3600
"""How far a 1.6 station is asked to look when its schedule stands in for a report."""
_KEPT = (ProfileState.INSTALLED, ProfileState.SENT, ProfileState.MISSING)
_LASTING = (MAX, DEFAULT)
"""Purposes that are sent again when a station lost them: what protects the connection. Sessions pass by themselves."""


async def begin_profiles(hands: Hands, event: TransactionStarted) -> None:
    """Tie the profile of a remote start to its transaction; an EV that asked before gets its profile now."""
    if event.remote_start_id is not None:
        ref = await _ref(hands, event.station_id)
        await hands.committer.run(
            lambda work: transaction_began(work, ref, event.transaction_id, event.remote_start_id, event.at)
        )
    await _plan_if_waiting(hands, event)


async def end_profiles(hands: Hands, event: TransactionEnded) -> None:
    """A TxProfile ends with its transaction (DS_50)."""
    async with hands.database.reading() as session:
        in_use = await profiles_in_use(session, event.station_id)
    if any(row.transaction_ocpp_id is not None for row in in_use):
        ref = await _ref(hands, event.station_id)
        await hands.committer.run(lambda work: end_finished(work, ref, hands.clock.now()))


async def answer_needs(hands: Hands, event: ChargingNeedsReported) -> None:
    """Send the EV the profile that fits what it needs and what is allowed (K15, K17)."""
    await _plan_if_waiting(hands, event)


async def answer_rejected(hands: Hands, event: EvScheduleRejected) -> None:
    """Send the EV that means to take too much what is allowed, once more (K16)."""
    async with _turn(hands, event):
        await _plan(hands, event.tenant_id, event.station_id, event.evse_number)


async def reconcile_after_boot(hands: Hands, event: StationBooted) -> None:
    """A station that restarted may have lost its profiles: ask it (DS_53), and send again what it must keep."""
    if event.registration == Registration.ACCEPTED:
        await _reconcile(hands, event.tenant_id, event.station_id, resend=True)


async def reconcile_after_limit(hands: Hands, event: ChargingLimitChanged) -> None:
    """When an external limit goes, look whether our profiles are all still there."""
    if event.cleared:
        await _reconcile(hands, event.tenant_id, event.station_id, resend=False)


async def resend_missing(hands: Hands, event: ChargingProfilesReported) -> None:
    """After a restart, send again the lasting profiles that the station no longer has."""
    if not event.resend or not event.missing:
        return
    async with hands.database.reading() as session:
        rows = await profiles_in_use(session, event.station_id)
    await _send_again(hands, event.tenant_id, [row for row in rows if row.state == ProfileState.MISSING])


async def note_unanswered(hands: Hands, event: CommandChanged) -> None:
    """A profile whose answer was an error is rejected; one without an answer may be installed or not."""
    if event.action not in ("SetChargingProfile", "RawRequest") or event.state not in _UNANSWERED:
        return
    async with hands.database.reading() as session:
        command = await session.get(Command, event.command_id)
        ref = await _ref_in(session, event.station_id)
    if command is None or (found := _profile_in(command)) is None:
        return
    refused = event.state == CommandState.REFUSED
    sent = ProfileSent(
        evse_number=found[0],
        profile=found[1],
        status="Refused" if refused else None,
        at=event.at,
        reason=(event.answer_status or "") if refused else "",
        asked_at=command.asked_at,
    )
    await hands.committer.run(lambda work: profile_sent(work, ref, sent))


_UNANSWERED = (CommandState.UNKNOWN, CommandState.REFUSED)


def _turn(hands: Hands, event: TransactionStarted | ChargingNeedsReported | EvScheduleRejected) -> asyncio.Lock:
    """Plans of an EVSE follow one another: what an older one knows must not arrive after what a newer one does."""
    return hands.turn((_plan, event.station_id, event.evse_number))


async def _plan_if_waiting(hands: Hands, event: TransactionStarted | ChargingNeedsReported) -> None:
    """Start and needs may come at once: whichever is first brings the plan, and the other finds nobody waiting."""
    async with _turn(hands, event):
        async with hands.database.reading() as session:
            waiting = await needs_waiting(session, event.station_id, event.evse_number)
        if waiting:
            await _plan(hands, event.tenant_id, event.station_id, event.evse_number)


async def _plan(hands: Hands, tenant_id: int, station_id: int, evse_number: int) -> None:
    async with hands.database.reading() as session:
        plan = await plan_charging(session, station_id, evse_number, hands.clock.now())
        ref = await _ref_in(session, station_id)
    if plan is None:
        return
    command = SetChargingProfile(evse_number, plan.profile)
    result = await hands.commands.request(hands.actor(tenant_id), station_id, command)

    async def settle(work: Work) -> None:
        await needs_answered(work, ref, plan, accepted=result.succeeded)

    await hands.committer.run(settle)


async def _reconcile(hands: Hands, tenant_id: int, station_id: int, *, resend: bool) -> None:
    async with hands.database.reading() as session:
        kept = [row for row in await profiles_in_use(session, station_id) if row.state in _KEPT]
        station = await session.get(ChargingStation, station_id)
    if not kept or station is None:
        return
    if station.ocpp_version == "1.6":
        await _compare_schedules(hands, tenant_id, station_id, kept, resend=resend)
    else:
        await _ask_for_report(hands, tenant_id, station_id, resend=resend)


async def _ask_for_report(hands: Hands, tenant_id: int, station_id: int, *, resend: bool) -> None:
    ref = await _ref(hands, station_id)
    now = hands.clock.now()
    request_id = int(now.timestamp() * 1000) % 2**31
    request: dict[str, Any] = {"requestId": request_id, "chargingProfile": {}}
    await hands.committer.run(lambda work: report_planned(work, ref, request, now, resend=resend))
    await hands.commands.request(hands.actor(tenant_id), station_id, GetChargingProfiles(request_id))


async def _compare_schedules(
    hands: Hands, tenant_id: int, station_id: int, kept: list[ChargingProfile], *, resend: bool
) -> None:
    """1.6 has no report: where what a station means to do is not what its profiles say, it has lost some."""
    async with hands.database.reading() as session:
        unit = choose_unit(await station_limits(session, station_id))
    for evse_number in sorted({row.evse_number for row in kept}):
        command = GetCompositeSchedule(evse_number, LOOK_AHEAD_S, unit)
        result = await hands.commands.request(hands.actor(tenant_id), station_id, command)
        if result.succeeded and resend and await _differs(hands, station_id, evse_number):
            here = [row for row in kept if row.evse_number == evse_number and row.state == ProfileState.INSTALLED]
            await _send_again(hands, tenant_id, here)


async def _differs(hands: Hands, station_id: int, evse_number: int) -> bool:
    query = select(CompositeSchedule).where(
        col(CompositeSchedule.station_id) == station_id, col(CompositeSchedule.evse_number) == evse_number
    )
    async with hands.database.reading() as session:
        latest = await session.scalar(query.order_by(col(CompositeSchedule.id).desc()).limit(1))
    return latest is not None and latest.matches is False


async def _send_again(hands: Hands, tenant_id: int, rows: list[ChargingProfile]) -> None:
    for row in rows:
        if row.source == OURS and row.purpose in _LASTING:
            command = SetChargingProfile(row.evse_number, row.profile)
            await hands.commands.request(hands.actor(tenant_id), row.station_id, command)


def _profile_in(command: Command) -> tuple[int, dict[str, Any]] | None:
    """EVSE and profile (2.x) in a command as it was asked: typed, or raw in either version's words."""
    asked = cast(dict[str, Any], command.payload.get("payload", command.payload))
    if "csChargingProfiles" in asked:
        evse_number, told = asked.get("connectorId"), asked["csChargingProfiles"]
        profile = profile_in_2(cast(dict[str, Any], told)) if isinstance(told, dict) else None
    else:
        evse_number = asked.get("evse_number", asked.get("evseId"))
        profile = asked.get("profile", asked.get("chargingProfile"))
    if not isinstance(evse_number, int) or not is_readable(profile):
        return None
    return evse_number, cast(dict[str, Any], profile)


async def _ref(hands: Hands, station_id: int) -> StationRef:
    async with hands.database.reading() as session:
        return await _ref_in(session, station_id)


async def _ref_in(session: AsyncSession, station_id: int) -> StationRef:
    station = (await session.execute(select(ChargingStation).where(col(ChargingStation.id) == station_id))).scalar_one()
    return StationRef(station_id, station.tenant_id, station.location_id, station.identity)


REACTIONS: dict[type[Event], Reaction] = {
    TransactionStarted: begin_profiles,
    TransactionEnded: end_profiles,
    ChargingNeedsReported: answer_needs,
    EvScheduleRejected: answer_rejected,
    StationBooted: reconcile_after_boot,
    ChargingLimitChanged: reconcile_after_limit,
    ChargingProfilesReported: resend_missing,
    CommandChanged: note_unanswered,
}

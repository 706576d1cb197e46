"""Sets a limit on a station, whatever it takes: the ladder of csms.smart_charging.advising, judged by read-back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from csms.access.policy import Actor, Permission, require
from csms.clock import Clock
from csms.commands.commands import ClearChargingProfile, GetCompositeSchedule, SetChargingProfile
from csms.commands.service import CommandResult, Commands
from csms.smart_charging.advising import Attempt, LimitWish, advise_limit
from csms.smart_charging.sanity import ProfileWarning
from models import CommandState, CompositeSchedule
from models.db import Database
from models.scope import tenant_scope

LOOK_AHEAD_S = 300
_HOPELESS = frozenset({"NotSupported", "NotImplemented"})


@dataclass(frozen=True, slots=True)
class LimitOutcome:
    """How setting a limit went."""

    attempts: Sequence[CommandResult]
    """What the station said to each profile, in the order sent."""
    warnings: Sequence[ProfileWarning]
    profile: Attempt | None
    """What it has now; None: it took none of them."""
    confirmed: bool | None
    """Whether its own composite schedule agrees; None where it does not tell."""


class Limiting:
    """Sets limits. Each profile is asked through the one door to the stations, so every try is on record."""

    def __init__(self, commands: Commands, database: Database, clock: Clock) -> None:
        self._commands = commands
        self._database = database
        self._clock = clock

    async def set_limit(self, actor: Actor, station_id: int, wish: LimitWish) -> LimitOutcome:
        """Try profile after profile until the station has one and means to follow it (quirk 67).

        One that it accepts and ignores is cleared before the next; if it follows none, it keeps the first it accepts.
        Ends early when it is offline or has no smart charging. Raises InvalidInputError for a limit below 0, and
        PermissionDeniedError.
        """
        require(actor, Permission.STATIONS_CONTROL)
        with tenant_scope(actor.tenant_id):
            async with self._database.reading() as session:
                advice = await advise_limit(session, station_id, wish, self._clock.now())
            results: list[CommandResult] = []
            profile, confirmed = await self._climb(actor, station_id, wish.evse_number, advice.attempts, results)
        return LimitOutcome(results, advice.warnings, profile, confirmed)

    async def _climb(
        self,
        actor: Actor,
        station_id: int,
        evse_number: int,
        attempts: Sequence[Attempt],
        results: list[CommandResult],
    ) -> tuple[Attempt | None, bool | None]:
        ignored: list[Attempt] = []
        for attempt in attempts:
            result = await self._try(actor, station_id, attempt, results)
            if result.succeeded:
                confirmed = await self._read_back(actor, station_id, evse_number)
                if confirmed is not False:
                    return attempt, confirmed
                ignored.append(attempt)
                await self._commands.request(actor, station_id, ClearChargingProfile(attempt.profile["id"]))
            elif _is_hopeless(result):
                break
        if not ignored or not (await self._try(actor, station_id, ignored[0], results)).succeeded:
            return None, None
        return ignored[0], False  # better a limit in doubt than none

    async def _try(
        self, actor: Actor, station_id: int, attempt: Attempt, results: list[CommandResult]
    ) -> CommandResult:
        command = SetChargingProfile(attempt.evse_number, attempt.profile)
        results.append(await self._commands.request(actor, station_id, command))
        return results[-1]

    async def _read_back(self, actor: Actor, station_id: int, evse_number: int) -> bool | None:
        """What the station means to do now, against what it should."""
        result = await self._commands.request(actor, station_id, GetCompositeSchedule(evse_number, LOOK_AHEAD_S))
        if not result.succeeded:
            return None
        query = select(CompositeSchedule).where(
            col(CompositeSchedule.station_id) == station_id, col(CompositeSchedule.evse_number) == evse_number
        )
        async with self._database.reading() as session:
            latest = await session.scalar(query.order_by(col(CompositeSchedule.id).desc()).limit(1))
        return None if latest is None else latest.matches


def _is_hopeless(result: CommandResult) -> bool:
    """Nothing else would fare better: not reached, or no smart charging at all."""
    if result.state == CommandState.REFUSED:
        return result.answer_status in _HOPELESS
    return result.state != CommandState.ANSWERED or result.answer_status in _HOPELESS

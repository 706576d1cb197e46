"""Brings the local authorization list of a station up to date, whatever it takes (D01, D02, X16_17).

The station is asked for its version first. What we know to differ is sent as a difference; the whole list is sent
where it is uncertain what the station has, and where it refuses the difference.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Actor
from csms.authorization.decision import judge_all
from csms.authorization.list_contents import entries_for
from csms.authorization.list_plan import ListEntry, ListLimits, ListPart, parts_for
from csms.authorization.lists import held_by_key, known_list, list_entries
from csms.clock import Clock
from csms.commands.commands import GetLocalListVersion, SendLocalList, StationCommand
from csms.commands.list_limits import known_limits, question_for
from csms.stations.ref import StationRef
from models import ChargingStation
from models.db import Database

NO_LISTS = -1
_TRY_THE_WHOLE = frozenset({"VersionMismatch", "Failed"})


class Said(Protocol):
    """What csms.commands.service.CommandResult tells of a request."""

    @property
    def answer_status(self) -> str | None: ...
    @property
    def answer(self) -> dict[str, Any] | None: ...
    @property
    def error(self) -> str | None: ...


Ask = Callable[[Actor, int, StationCommand], Awaitable[Said]]


@dataclass(frozen=True, slots=True)
class ListResult:
    """How it went. `error` is the sentence for people, None when the station's list is what was wanted."""

    version: int | None
    """What the station holds now, as far as it told; -1: it has no such lists."""
    messages: int = 0
    """How many lists and differences it took."""
    left_out: tuple[str, ...] = ()
    """Tokens that have no place on the list: too long for this OCPP version, or the list is full."""
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the list is up to date."""
        return self.error is None


@dataclass(slots=True)
class _Errand:
    """One update under way."""

    actor: Actor
    ref: StationRef
    wanted: list[ListEntry]
    left_out: tuple[str, ...]
    limits: ListLimits
    version: int = 0
    messages: int = 0
    held: dict[tuple[str, str], ListEntry] | None = None

    def result(self, error: str | None) -> ListResult:
        return ListResult(self.version, self.messages, self.left_out, error)


class LocalLists:
    """Updates lists, one at a time for each station. Permission and record are those of the requests it makes."""

    def __init__(self, ask: Ask, database: Database, clock: Clock) -> None:
        self._ask = ask
        self._database = database
        self._clock = clock
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def update(self, actor: Actor, ref: StationRef, id_token_ids: Sequence[int] | None) -> ListResult:
        """Make the station hold these tokens, or all of the tenant in scope, and no others."""
        turn = self._turns.setdefault(ref.id, asyncio.Lock())
        async with turn:
            asked = await self._ask(actor, ref.id, GetLocalListVersion())
            if asked.error is not None:
                return ListResult(None, error=asked.error)
            version = _version_in(asked)
            if version == NO_LISTS:
                return ListResult(NO_LISTS, error=f"{ref.identity} has no local list, so nothing was sent.")
            errand = await self._prepare(actor, ref, id_token_ids)
            return await self._bring_up_to_date(errand, version)

    async def _prepare(self, actor: Actor, ref: StationRef, id_token_ids: Sequence[int] | None) -> _Errand:
        async with self._database.reading() as session:
            version = await session.scalar(
                select(col(ChargingStation.ocpp_version)).where(col(ChargingStation.id) == ref.id)
            )
            judged = await judge_all(session, self._clock.now(), ref, id_token_ids)
        entries, left_out = entries_for(judged, version or "1.6")
        limits = await self._limits(actor, ref, version or "1.6")
        kept = entries if limits.length is None else entries[: limits.length]
        left_out += [entry.id_token for entry in entries[len(kept) :]]
        return _Errand(actor, ref, kept, tuple(left_out), limits)

    async def _limits(self, actor: Actor, ref: StationRef, ocpp_version: str) -> ListLimits:
        limits = await self._known_limits(ref)
        if limits is None:
            await self._ask(actor, ref.id, question_for(ocpp_version))
            limits = await self._known_limits(ref)
        return limits or ListLimits()

    async def _known_limits(self, ref: StationRef) -> ListLimits | None:
        async with self._database.reading() as session:
            return await known_limits(session, ref.id)

    async def _bring_up_to_date(self, errand: _Errand, version: int) -> ListResult:
        await self._look_up(errand, version)
        parts = parts_for(errand.held, errand.version, errand.wanted, errand.limits)
        refused = await self._send(errand, parts)
        if refused is not None and not parts[0].is_full and refused.answer_status in _TRY_THE_WHOLE:
            asked = await self._ask(errand.actor, errand.ref.id, GetLocalListVersion())
            errand.version = max(errand.version, _version_in(asked))
            refused = await self._send(errand, parts_for(None, errand.version, errand.wanted, errand.limits))
        return errand.result(None if refused is None else refused.error)

    async def _look_up(self, errand: _Errand, version: int) -> None:
        """What the station holds, where what we know is of the version it says it has."""
        errand.version = max(0, version)
        async with self._database.reading() as session:
            row = await known_list(session, errand.ref.id)
            if row is not None and row.is_certain and max(0, row.version or 0) == errand.version:
                errand.held = held_by_key(await list_entries(session, errand.ref.id))

    async def _send(self, errand: _Errand, parts: Sequence[ListPart]) -> Said | None:
        """Send them in order; returns what was said of the first that the station did not take."""
        for part in parts:
            said = await self._ask(errand.actor, errand.ref.id, _command(part))
            if said.error is not None:
                return said
            errand.version, errand.messages = part.version, errand.messages + 1
        return None


def _command(part: ListPart) -> SendLocalList:
    return SendLocalList(part.version, part.is_full, part.entries)


def _version_in(said: Said) -> int:
    """The version in an answer to GetLocalListVersion; some 2.0.1 firmware names it as 1.6 does (quirk 77)."""
    answer = said.answer or {}
    version = answer.get("versionNumber", answer.get("listVersion", 0))
    return version if isinstance(version, int) else 0

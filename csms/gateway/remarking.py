"""Collects remarks on stations: folded in memory, so that one which is odd in every message costs nothing.

What is new is written at once; how often it came again, every few minutes. A station that is odd in ever new ways fills
no table: beyond a number of kinds the rest is one remark.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import replace
from typing import Any

from csms.clock import Clock
from csms.stations.ref import StationRef
from csms.stations.remarks import Kind, Remark, Remarked, record_remarks
from csms.work import Committer
from models.scope import tenant_scope

NEW_AFTER_S = 0.2
AGAIN_AFTER_S = 300.0
KINDS_PER_STATION = 50
_REMEMBERED = 20_000
_MORE = Remark(Kind.MORE, "", "It is odd in more ways than are listed one by one; its frames show them.")

_Key = tuple[str, str]


class Remarks:
    """Take note of oddities with `note`; they are written in batches."""

    def __init__(self, committer: Committer, clock: Clock, spawn: Callable[[Coroutine[Any, Any, Any]], object]) -> None:
        self._committer = committer
        self._clock = clock
        self._spawn = spawn
        self._known: OrderedDict[int, set[_Key]] = OrderedDict()
        self._pending: dict[StationRef, dict[_Key, Remarked]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_soon = False

    def note(self, ref: StationRef, *remarks: Remark) -> None:
        """The station was odd in these ways just now."""
        now = self._clock.now()
        for remark in remarks:
            remark, is_new = self._bounded(ref, remark)
            pending = self._pending.setdefault(ref, {})
            key = (remark.kind, remark.subject)
            before = pending.get(key)
            pending[key] = (
                Remarked(remark, now, now)
                if before is None
                else replace(before, remark=remark, last_at=now, count=before.count + 1)
            )
            self._arm(soon=is_new)

    def flush(self) -> None:
        """Write what is pending, in the background."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = self._pending, {}
        for ref, remarks in pending.items():
            with tenant_scope(ref.tenant_id):
                self._spawn(self._write(ref, list(remarks.values())))

    async def _write(self, ref: StationRef, remarks: list[Remarked]) -> None:
        await self._committer.run(lambda work: record_remarks(work, ref, remarks))

    def _bounded(self, ref: StationRef, remark: Remark) -> tuple[Remark, bool]:
        """The remark, or that there are more; and whether it is new since this process began."""
        known = self._known.get(ref.id)
        if known is None:
            known = self._known[ref.id] = set()
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        key = (remark.kind, remark.subject)
        if key not in known and len(known) >= KINDS_PER_STATION:
            remark, key = _MORE, (_MORE.kind, _MORE.subject)
        is_new = key not in known
        known.add(key)
        return remark, is_new

    def _arm(self, *, soon: bool) -> None:
        """In a context of its own: the remark may come from inside of a unit of work."""
        if self._timer is not None and (self._is_soon or not soon):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._is_soon = soon
        delay = NEW_AFTER_S if soon else AGAIN_AFTER_S
        self._timer = asyncio.get_running_loop().call_later(delay, self.flush, context=Context())

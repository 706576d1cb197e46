"""Who may try to come in, before anybody knows who it is: half-open handshakes, wrong passwords, how many at once.

Nothing here keeps out a station with the right password, whoever else shares its address: a full house lets the one go
who has said nothing for longest (TR_07), and only those who were refused are slowed (TR_13).
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Protocol

from csms.clock import Clock
from csms.config import Settings
from csms.gateway.allowance import Allowance

SILENT_FOR_S = 2.0
"""A station sends its request at once; who has not after this long may be let go for another."""
LONGEST_TURN_S = 5.0
_WINDOW_S = 600.0
_REMEMBERED = 20_000
_SLOW_ANSWER_S = 1.0
_SLOWED_AT_ONCE = 100


class Abortable(Protocol):
    """A transport, or what will have one."""

    def abort(self) -> None: ...


@dataclass(slots=True)
class Opening:
    """A connection that has not yet sent its request."""

    address: str
    since: float
    transport: Abortable


@dataclass(slots=True)
class Admission:
    """The door before the handshake."""

    settings: Settings
    clock: Clock
    _opening: dict[str, dict[int, Opening]] = field(default_factory=dict[str, dict[int, Opening]])
    _count: int = 0
    _refused: "OrderedDict[str, tuple[float, int]]" = field(default_factory=OrderedDict[str, tuple[float, int]])
    _slowed: int = 0
    _turns: Allowance | None = None

    def opened(self, opening: Opening) -> Opening | None:
        """A connection begins. Returns the one that is let go for it, which may be itself; its transport is aborted."""
        waiting = self._opening.setdefault(opening.address, {})
        waiting[id(opening)] = opening
        self._count += 1
        let_go: Opening | None = None
        if len(waiting) > self.settings.ocpp_opening_per_address:
            oldest = next(iter(waiting.values()))
            let_go = oldest if opening.since - oldest.since >= SILENT_FOR_S else None
        if self._count > self.settings.ocpp_opening_total:
            let_go = let_go or opening
        if let_go is not None:
            self.said_something(let_go)
            let_go.transport.abort()
        return let_go

    def said_something(self, opening: Opening) -> None:
        """Its request came, or it is gone. Harmless when told twice."""
        waiting = self._opening.get(opening.address, {})
        if waiting.pop(id(opening), None) is not None:
            self._count -= 1
            if not waiting:
                del self._opening[opening.address]

    def let_all_go(self) -> None:
        """Nobody comes in any more."""
        for opening in [each for waiting in self._opening.values() for each in waiting.values()]:
            self.said_something(opening)
            opening.transport.abort()

    async def turn(self) -> bool:
        """Wait until one more station may sign in (TR_69). False when it would take too long: come back later."""
        now = self.clock.monotonic()
        rate = self.settings.ocpp_accepts_per_s
        if self._turns is None:
            self._turns = Allowance(rate, rate, now)
        if self._turns.wait(now) > LONGEST_TURN_S:
            return False
        pause = self._turns.take(now)
        if pause > 0:
            await asyncio.sleep(pause)
        return True

    async def refused(self, address: str, identity_key: str) -> bool:
        """Somebody could not prove who it is. True, after a while, when there were too many of them lately."""
        now = self.clock.monotonic()
        if not any([self._is_too_often(f"a {address}", now), self._is_too_often(f"i {identity_key}", now)]):
            return False
        if self._slowed < _SLOWED_AT_ONCE:
            self._slowed += 1
            try:
                await asyncio.sleep(_SLOW_ANSWER_S)
            finally:
                self._slowed -= 1
        return True

    def _is_too_often(self, key: str, now: float) -> bool:
        since, count = self._refused.get(key, (now, 0))
        if now - since >= _WINDOW_S:
            since, count = now, 0
        self._refused[key] = (since, count + 1)
        self._refused.move_to_end(key)
        if len(self._refused) > _REMEMBERED:
            self._refused.popitem(last=False)
        return count >= self.settings.ocpp_refusals_before_slow

"""What befalls a station: faults that clear, lost connections, and how it is found at its very first start."""

import random
from datetime import datetime, timedelta
from typing import Any

from csms.simulator.core import StationCore
from csms.simulator.faults import FAULTS
from csms.simulator.life import EvseLife

_NAMES = ("broken_until", "closed_until")


class Fate:
    """The life of a whole station: its visitors and its mishaps."""

    def __init__(self, core: StationCore, stored: dict[str, Any] | None) -> None:
        self._core = core
        self._rng = random.Random(f"{core.plan.seed}/life/{core.boots}")
        lives = stored["lives"] if stored else [None] * len(core.evses)
        self.lives = [EvseLife(core, evse, self._rng, life) for evse, life in zip(core.evses, lives, strict=False)]
        self.breaks_at = self._after(core.plan.behaviour.hours_between_faults)
        self.drops_at = self._after(core.plan.behaviour.hours_between_drops)
        self.broken_until: datetime | None = None
        self.closed_until: datetime | None = None
        if stored:
            for name in _NAMES:
                setattr(self, name, datetime.fromisoformat(stored[name]) if stored[name] else None)
        else:
            self._open(core.plan.behaviour.opening)

    def next_due(self) -> datetime:
        """When the next thing happens."""
        moments = (self.breaks_at, self.drops_at, self.broken_until, self.closed_until)
        return min([life.next_due() for life in self.lives] + [moment for moment in moments if moment])

    def act(self) -> None:
        """Do what is due at the station's present moment."""
        now = self._core.now
        if self.broken_until is not None and self.broken_until <= now:
            self._mend()
        elif self.breaks_at <= now:
            self._break(self._rng.uniform(240, 1_200))
        if self.closed_until is not None and self.closed_until <= now:
            self.closed_until = None
            self._core.set_operative(True)
        if self.drops_at <= now:
            self.drops_at = self._after(self._core.plan.behaviour.hours_between_drops)
            self._core.go_dark(now + self._seconds(25, 300))
        for life in self.lives:
            life.act()

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        moments = {name: getattr(self, name) for name in _NAMES}
        return {"lives": [life.as_json() for life in self.lives]} | {
            name: moment.isoformat() if moment else None for name, moment in moments.items()
        }

    def _open(self, opening: str) -> None:
        now = self._core.now
        match opening:
            case "charging":
                for place, life in enumerate(self.lives):
                    if place == 0 or self._rng.random() < 0.5:
                        life.visit_at(now + self._seconds(1, 7))
            case "faulted":
                self.breaks_at = now + self._seconds(3, 6)
            case "offline":
                self._core.go_dark(now + self._seconds(420, 900))
                self.lives[0].visit_at(now + self._seconds(30, 90))
            case "unavailable":
                self._core.set_operative(False)
                self.closed_until = now + self._seconds(900, 1_800)
            case _:
                pass

    def _break(self, seconds: float) -> None:
        self.breaks_at = self._after(self._core.plan.behaviour.hours_between_faults)
        evse = self._rng.choice(self._core.evses)
        if evse.fault is None:
            evse.break_down(FAULTS[self._rng.choice(sorted(FAULTS))])
            self.broken_until = self._core.now + timedelta(seconds=seconds)

    def _mend(self) -> None:
        self.broken_until = None
        for evse in self._core.evses:
            evse.recover()

    def _after(self, mean_hours: float) -> datetime:
        hours = self._rng.expovariate(1 / mean_hours) / self._core.plan.behaviour.speed
        return self._core.now + timedelta(hours=hours, minutes=2)

    def _seconds(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=self._rng.uniform(least, most))

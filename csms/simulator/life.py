"""The people around one EVSE: they come at their hours, show a token, wait, and leave. Seeded, so a day repeats."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from csms.simulator.arrivals import next_arrival, stay_s
from csms.simulator.core import StationCore
from csms.simulator.evse import Evse
from csms.simulator.vehicle import arriving_vehicle
from csms.simulator.visit import Visit

_SHARE_OF_STAY = (0.55, 1.15)
"""How much of the stay the car takes to be content; above 1 the driver is back before."""


class EvseLife:
    """Visits at one EVSE, one after the other."""

    def __init__(self, core: StationCore, evse: Evse, rng: random.Random, stored: dict[str, Any] | None) -> None:
        self._core = core
        self._evse = evse
        self._rng = rng
        self._zone = ZoneInfo(core.plan.time_zone)
        self.visit = Visit.from_json(stored["visit"]) if stored and stored["visit"] else None
        self.next_look_at: datetime = core.now
        self._comes = False
        if self.visit is None:
            self._await_next()
        self._stages: dict[str, Callable[[Visit], None]] = {
            "arrive": self._arrive,
            "identify": self._identify,
            "look": self._look,
            "charge": self._charge,
            "resume": self._resume,
            "leave": self._leave,
        }

    def next_due(self) -> datetime:
        """When the next thing happens."""
        return self.visit.at if self.visit else self.next_look_at

    def act(self) -> None:
        """Do what is due at the station's present moment."""
        self._notice()
        if self.next_due() > self._core.now:
            return
        if self.visit is not None:
            self._stages[self.visit.stage](self.visit)
        elif self._comes:
            self.visit_at(self._core.now)
        else:
            self._await_next()

    def visit_at(self, at: datetime) -> None:
        """Let a car come then."""
        plan = self._core.plan
        stay = stay_s(self._rng, plan.behaviour.speed, dc=plan.is_dc)
        wanted_s = stay * self._rng.uniform(*_SHARE_OF_STAY)
        vehicle = arriving_vehicle(self._rng, self._evse.plan, dc=plan.is_dc, charge_s=wanted_s)
        visit = Visit("arrive", at, at + timedelta(seconds=stay), vehicle)
        if plan.tokens:
            visit.token, visit.spare_token = self._rng.choice(plan.tokens), self._rng.choice(plan.tokens)
        if self._rng.random() < 0.2:
            visit.pauses_at = at + timedelta(seconds=stay * self._rng.uniform(0.2, 0.6))
        self.visit = visit

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return {"visit": self.visit.as_json() if self.visit else None}

    # ---- stages

    def _arrive(self, visit: Visit) -> None:
        if not self._evse.is_usable or self._evse.vehicle is not None:
            self._end_visit()
            return
        self._evse.plug_in(visit.vehicle, self._rng.randint(1, len(self._evse.plan.connectors)))
        self._next("identify" if visit.token and self._evse.session is None else "look", 3, 9)
        if self._core.plan.behaviour.starts_on_plug and visit.token:
            visit.stage = "identify"

    def _identify(self, visit: Visit) -> None:
        if visit.token is not None:
            self._core.present_token(self._evse.number, visit.token)
        self._next("look", 5, 8)

    def _look(self, visit: Visit) -> None:
        session = self._evse.session
        if session is not None and session.is_authorized:
            visit.stage, visit.at = "charge", visit.pauses_at or visit.leaves_at
        elif visit.spare_token is not None:
            visit.token, visit.spare_token = visit.spare_token, None
            self._next("identify", 6, 14)
        else:
            self._next("leave", 10, 40)

    def _charge(self, visit: Visit) -> None:
        if visit.pauses_at is not None:
            visit.pauses_at = None
            self._evse.pause(True)
            self._next("resume", 50, 150)
            return
        session = self._evse.session
        if session is not None and visit.token is not None and self._rng.random() < 0.7:
            self._core.present_token(self._evse.number, visit.token)
        self._next("leave", 6, 30)

    def _resume(self, visit: Visit) -> None:
        self._evse.pause(False)
        visit.stage, visit.at = "charge", max(visit.leaves_at, self._core.now + timedelta(seconds=30))

    def _leave(self, visit: Visit) -> None:
        if self._evse.vehicle is not None:
            self._evse.unplug()
        self._end_visit()

    # ---- what nobody planned

    def _notice(self) -> None:
        """A remote start brings its driver; a session that others have ended sends the driver home early."""
        visit, evse = self.visit, self._evse
        if visit is None and evse.grant is not None and evse.vehicle is None:
            self.visit_at(self._core.now + timedelta(seconds=self._rng.uniform(3, 7)))
            if self.visit is not None:
                self.visit.token = self.visit.spare_token = None
        elif visit is not None and visit.stage in ("charge", "resume") and evse.session is None:
            home_at = self._core.now + timedelta(seconds=self._rng.uniform(40, 150))
            visit.stage, visit.at = "leave", min(visit.at, home_at)

    def _next(self, stage: str, soonest_s: float, latest_s: float) -> None:
        if self.visit is not None:
            self.visit.stage = stage
            self.visit.at = self._core.now + timedelta(seconds=self._rng.uniform(soonest_s, latest_s))

    def _end_visit(self) -> None:
        self.visit = None
        self._await_next()

    def _await_next(self) -> None:
        plan, now = self._core.plan, self._core.now
        self.next_look_at, self._comes = next_arrival(
            self._rng,
            now,
            now.astimezone(self._zone),
            plan.behaviour.cars_per_day,
            plan.behaviour.speed,
            dc=plan.is_dc,
        )

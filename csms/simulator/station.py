"""A simulated station with its socket: it lives by the clock when started, or is driven by hand in virtual time."""

import asyncio
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from csms.clock import Clock, ManualClock
from csms.simulator.core import StationCore
from csms.simulator.evse import Evse
from csms.simulator.fate import Fate
from csms.simulator.faults import FAULTS
from csms.simulator.link import Link, LinkErrors
from csms.simulator.plan import StationPlan
from csms.simulator.vehicle import Vehicle

log = logging.getLogger(__name__)

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST_BACK_OFF_S = 60.0
_SHORTEST_TIMER_S = 0.02


class SimulatedStation:
    """One charging station.

    Either `start()` it and let it live by a running clock until `stop()`; or drive it by hand with a ManualClock:
    `boot`, `plug_in`, `present_token`, `charge`, `unplug`, `fault`, `go_offline`, `come_back`. Each of these returns
    once the CSMS has answered everything the station had to say. `stored`: what `as_json` gave before.
    """

    def __init__(self, plan: StationPlan, url: str, clock: Clock, stored: dict[str, Any] | None = None) -> None:
        self.plan = plan
        self._clock = clock
        self.core = StationCore(plan, clock.now(), stored)
        self.fate = Fate(self.core, stored and stored["fate"]) if plan.behaviour.lives else None
        self.link = Link(self.core, url, clock, self._on_link)
        self._jitter = random.Random(plan.identity)
        self._connect_at = clock.now()
        self._failures = 0
        self._was_open = False
        self._dialling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_running = False

    # ---- by the clock

    def start(self, delay_s: float = 0.0) -> None:
        """Live by the clock from now on; the first connection is made after `delay_s`."""
        self._connect_at = self._clock.now() + timedelta(seconds=delay_s)
        self._is_running = True
        self._arm()

    async def stop(self) -> None:
        """Stand still: hang up and let no more time pass. The state can then be saved."""
        self._is_running = False
        if self._timer is not None:
            self._timer.cancel()
        self.core.advance(self._clock.now())
        if self._dialling is not None:
            self._dialling.cancel()
            await asyncio.gather(self._dialling, return_exceptions=True)
        await self.link.close()

    def turn(self) -> None:
        """Catch up with the clock: let time pass, do what is due, look after the connection."""
        now = self._clock.now()
        self.core.advance(now)
        if self.fate is not None:
            self.fate.act()
        self.link.expire()
        self._look_after_link(now)
        self.link.flush()

    def next_due(self) -> datetime:
        """When something happens by itself."""
        due = self.core.next_due() or _FOREVER
        if self.fate is not None:
            due = min(due, self.fate.next_due())
        if self._waits_to_connect:
            due = min(due, max(self._connect_at, self.core.away_until or self._connect_at))
        return due

    async def settled(self) -> None:
        """Wait until nothing is left to send, and no connection is being made or closed."""
        while self._dialling is not None:
            await self._dialling
        await self.link.rest()

    def as_json(self) -> dict[str, Any]:
        """What its non-volatile memory holds."""
        return self.core.as_json() | {"fate": self.fate.as_json() if self.fate else None}

    @property
    def _waits_to_connect(self) -> bool:
        return self._is_running and not self.link.is_open and self._dialling is None

    def _tick(self) -> None:
        self._timer = None
        self.turn()
        self._arm()

    def _arm(self) -> None:
        """Set the timer to the next thing due; a manual clock has no timers."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._is_running or isinstance(self._clock, ManualClock):
            return
        seconds = (self.next_due() - self._clock.now()).total_seconds()
        if self.link.deadline is not None:
            seconds = min(seconds, self.link.deadline - self._clock.monotonic())
        delay = min(max(seconds, _SHORTEST_TIMER_S), 3_600.0)
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _on_link(self) -> None:
        """Something arrived, or the connection was lost."""
        self._tick() if self._is_running else self._look_after_link(self._clock.now())

    # ---- connection

    def _look_after_link(self, now: datetime) -> None:
        if self.link.is_open:
            self._was_open = True
            if not self.core.wants_link:
                self._hang_up()
            return
        if self._was_open:
            self._was_open = False
            self._connect_at = now + timedelta(seconds=self._jitter.uniform(1, 4))
        if self._waits_to_connect and self.core.wants_link and self._connect_at <= now:
            self._dialling = asyncio.create_task(self._dial())

    def _hang_up(self) -> None:
        if self.core.is_dark:
            self.link.drop()
        elif self._dialling is None:
            self._dialling = asyncio.create_task(self._close())

    async def _close(self) -> None:
        try:
            await self.link.close()
        finally:
            self._dialling = None
            self._arm()

    async def _dial(self) -> None:
        try:
            await self.link.open()
            self._failures = 0
        except LinkErrors as error:
            self._connect_at = self._clock.now() + timedelta(seconds=self._back_off_s())
            log.info("%s cannot connect: %s", self.plan.identity, error)
        finally:
            self._dialling = None
            self._arm()

    def _back_off_s(self) -> float:
        """Doubling, with jitter: 2.0.1's RetryBackOff. A whole fleet must not come back in the same second."""
        self._failures += 1
        return min(_LONGEST_BACK_OFF_S, 2.0**self._failures) * self._jitter.uniform(0.6, 1.4)

    # ---- by hand

    async def boot(self) -> None:
        """Connect and register. Raises ConnectionError when the CSMS cannot be reached or does not accept."""
        self._is_running = True
        self.turn()
        await self.settled()
        if self.core.registration != "Accepted":
            raise ConnectionError(
                f"{self.plan.identity} is not registered: {self.core.registration or 'no connection'}"
            )

    async def plug_in(self, evse: int = 1, vehicle: Vehicle | None = None, connector: int = 1) -> None:
        """Connect a car."""
        self._at(evse).plug_in(vehicle or Vehicle(), connector)
        await self._reach_rest()

    async def present_token(self, evse: int, token: str) -> None:
        """Hold a token to the reader: starts a session, or stops the one it started."""
        self._at(evse)
        self.core.present_token(evse, token)
        await self._reach_rest()

    async def charge(self, seconds: float) -> None:
        """Let time pass, with everything that happens in it."""
        await forward([self], self._clock, seconds)

    async def unplug(self, evse: int = 1) -> None:
        """Take the car away."""
        self._at(evse).unplug()
        await self._reach_rest()

    async def fault(self, name: str = "ground", evse: int = 1) -> None:
        """Break something; names are the keys of `faults.FAULTS`."""
        self._at(evse).break_down(FAULTS[name])
        await self._reach_rest()

    async def clear_fault(self, evse: int = 1) -> None:
        """Mend it."""
        self._at(evse).recover()
        await self._reach_rest()

    async def go_offline(self) -> None:
        """Lose the connection until `come_back`; charging goes on."""
        self.core.go_dark(_FOREVER)
        await self._reach_rest()

    async def come_back(self) -> None:
        """Connect again and deliver what piled up."""
        self.core.away_until, self.core.is_dark = None, False
        self._connect_at = self._clock.now()
        await self._reach_rest()

    def _at(self, evse: int) -> Evse:
        self.core.advance(self._clock.now())
        return self.core.evse(evse)

    async def _reach_rest(self) -> None:
        self.turn()
        await self.settled()


async def forward(stations: list[SimulatedStation], clock: Clock, seconds: float) -> None:
    """Let virtual time pass for stations that share a clock, from one due moment to the next.

    Raises TypeError for a clock that cannot be moved.
    """
    if not isinstance(clock, ManualClock):
        raise TypeError("only a ManualClock can be moved forward")
    end = clock.now() + timedelta(seconds=seconds)
    await _settle(stations)
    while clock.now() < end:
        due = min(station.next_due() for station in stations)
        step = min(end, max(due, clock.now() + timedelta(milliseconds=50)))
        clock.forward((step - clock.now()).total_seconds())
        for station in stations:
            if station.next_due() <= step or step == end:
                station.turn()
        await _settle(stations)


async def _settle(stations: list[SimulatedStation]) -> None:
    for station in stations:
        await station.settled()

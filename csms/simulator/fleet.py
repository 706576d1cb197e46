"""Many simulated stations in one process, with one memory."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from csms.clock import Clock
from csms.simulator.memory import FleetMemory
from csms.simulator.plan import StationPlan
from csms.simulator.station import SimulatedStation, forward

SAVE_INTERVAL_S = 20.0
_LOOK_INTERVAL_S = 2.0
_CONNECTIONS_PER_S = 200


class Fleet:
    """Stations by plan, all connecting to `url`/<identity>; `state_folder` lets a second start continue."""

    def __init__(self, plans: Iterable[StationPlan], url: str, clock: Clock, state_folder: Path | None = None) -> None:
        self._clock = clock
        self._memory = FleetMemory(state_folder, unsaved_s=SAVE_INTERVAL_S + _LOOK_INTERVAL_S)
        self.stations = {
            plan.identity: SimulatedStation(plan, url, clock, self._memory.of(plan.identity)) for plan in plans
        }
        self._saved_at = clock.monotonic()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Live by the clock until `stop`, or until cancelled; either way every station ends in good order."""
        self._stopping.clear()
        for place, station in enumerate(self.stations.values()):
            station.start(place / _CONNECTIONS_PER_S)
        try:
            while not self._stopping.is_set():
                await self._pause(_LOOK_INTERVAL_S)
                self._save_if_due()
        finally:
            await self._end()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopping.set()

    async def forward(self, seconds: float) -> None:
        """Let virtual time pass for all. Raises TypeError without a ManualClock."""
        await forward(list(self.stations.values()), self._clock, seconds)

    @property
    def online(self) -> int:
        """How many stations are registered and connected."""
        return sum(station.core.speaks for station in self.stations.values())

    @property
    def charging(self) -> int:
        """At how many EVSEs power flows."""
        return sum(
            evse.session is not None and evse.session.charging_state == "Charging"
            for station in self.stations.values()
            for evse in station.core.evses
        )

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _end(self) -> None:
        await asyncio.gather(*(station.stop() for station in self.stations.values()), return_exceptions=True)
        self.save(clean=True)

    def _save_if_due(self) -> None:
        """Soon after a session began or ended, else now and then while power flows; an idle fleet writes nothing."""
        is_changed = any(station.core.is_changed for station in self.stations.values())
        is_old = self._clock.monotonic() - self._saved_at >= SAVE_INTERVAL_S
        if is_changed or (is_old and self.charging):
            self.save(clean=False)

    def save(self, *, clean: bool) -> None:
        """Write the memory now."""
        self._saved_at = self._clock.monotonic()
        if not self._memory.is_kept:
            return
        self._memory.save({identity: station.as_json() for identity, station in self.stations.items()}, clean=clean)

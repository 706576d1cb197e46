"""Drives stations through random days: each step writes to the database and announces, as the services do."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from csms.bus.events import TransactionEnded, TransactionStarted, TransactionUpdated
from csms.clock import ManualClock
from csms.stations.ref import StationRef
from csms.stations.service import BootReport, StatusReport, boot, connected, disconnected, report_status
from csms.work import Committer, Work
from models import MeterValue, Transaction
from models.scope import tenant_scope
from tests.tenancy import TwoTenants

STATUSES = ("Available", "Preparing", "Charging", "SuspendedEV", "Occupied", "Faulted", "Unavailable")


@dataclass
class Drive:
    """Everything that can happen to the stations of two tenants, by number."""

    committer: Committer
    clock: ManualClock
    tenants: TwoTenants
    open: dict[StationRef, tuple[int, int]] = field(default_factory=dict)
    """Open transaction of a station and its energy so far."""
    started: int = 0

    def ref(self, number: int) -> StationRef:
        return (*self.tenants.green.stations, *self.tenants.blue.stations)[number % 4]

    async def connect(self, number: int) -> None:
        ref = self.ref(number)
        await self._run(ref, lambda work: connected(work, ref, "1.6", self.clock.now()))

    async def disconnect(self, number: int) -> None:
        ref = self.ref(number)
        await self._run(ref, lambda work: disconnected(work, ref, "gone", self.clock.now()))

    async def boot(self, number: int) -> None:
        ref = self.ref(number)
        await self._run(ref, lambda work: boot(work, ref, BootReport("Maker", f"M{number}"), self.clock.now()))

    async def status(self, number: int, evse: int, status: str, late_s: int) -> None:
        ref, now = self.ref(number), self.clock.now()
        report = StatusReport(evse, min(evse, 1), status, received_at=now, at=now - timedelta(seconds=late_s))
        await self._run(ref, lambda work: report_status(work, ref, report))

    async def start(self, number: int, started_at: datetime | None = None) -> None:
        ref = self.ref(number)
        if ref not in self.open:
            self.started += 1
            at = started_at or self.clock.now()
            self.open[ref] = (await self._run(ref, lambda work: self._start(work, ref, at)), 0)

    async def meter(self, number: int, energy_wh: int, power_w: float) -> None:
        ref = self.ref(number)
        if ref in self.open:
            transaction_id, before = self.open[ref]
            self.open[ref] = transaction_id, before + energy_wh
            await self._run(ref, lambda work: self._meter(work, ref, transaction_id, before + energy_wh, power_w))

    async def end(self, number: int) -> None:
        ref = self.ref(number)
        if ref in self.open:
            transaction_id, energy_wh = self.open.pop(ref)
            await self._run(ref, lambda work: self._end(work, ref, transaction_id, energy_wh))

    async def _run(self, ref: StationRef, unit) -> int:
        self.clock.forward(1)
        with tenant_scope(ref.tenant_id):
            return await self.committer.run(unit)

    async def _start(self, work: Work, ref: StationRef, at: datetime) -> int:
        row = Transaction(
            station_id=ref.id,
            location_id=ref.location_id,
            evse_number=1,
            start_key=str(self.started),
            id_token="CARD",
            charging_state="EVConnected",
            started_at=at,
            start_received_at=self.clock.now(),
            currency="EUR",
        )
        work.session().add(row)
        await work.session().flush()
        work.announce(
            TransactionStarted(
                tenant_id=ref.tenant_id,
                station_id=ref.id,
                at=at,
                transaction_id=row.id,
                location_id=ref.location_id,
                evse_number=1,
                connector_number=1,
                id_token="CARD",
                started_at=at,
                charging_state="EVConnected",
                energy_wh=0,
                cost=None,
                currency="EUR",
                remote_start_id=None,
            )
        )
        return row.id

    async def _meter(self, work: Work, ref: StationRef, number: int, energy_wh: int, power_w: float) -> None:
        row = await work.session().get_one(Transaction, number)
        row.charging_state = "Charging" if power_w else "SuspendedEV"
        now = self.clock.now()
        sample = {"transaction_energy_wh": energy_wh, "power_w": power_w, "sampled_at": now, "received_at": now}
        work.session().add(MeterValue(station_id=ref.id, evse_number=1, transaction_id=number, **sample))
        work.announce(
            TransactionUpdated(
                tenant_id=ref.tenant_id,
                station_id=ref.id,
                at=now,
                transaction_id=number,
                evse_number=1,
                charging_state=row.charging_state,
                energy_wh=energy_wh,
                power_w=power_w,
                soc_percent=None,
                cost=None,
                currency="EUR",
                sampled_at=now,
            )
        )

    async def _end(self, work: Work, ref: StationRef, number: int, energy_wh: int) -> None:
        row = await work.session().get_one(Transaction, number)
        row.is_open, row.ended_at, row.energy_wh = False, self.clock.now(), energy_wh
        row.cost, row.charging_state = Decimal(energy_wh) * Decimal("0.0003"), "Idle"
        work.announce(
            TransactionEnded(
                tenant_id=ref.tenant_id,
                station_id=ref.id,
                at=row.ended_at,
                transaction_id=number,
                evse_number=1,
                energy_wh=energy_wh,
                cost=row.cost,
                currency="EUR",
                ended_at=row.ended_at,
                stop_reason="Local",
            )
        )

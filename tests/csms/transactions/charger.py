"""A charger's side of transactions, without a socket: reports as the gateway's dialects make them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from csms.clock import ManualClock
from csms.stations.ref import StationRef
from csms.transactions.meter import Moment
from csms.transactions.reports import (
    EventOutcome,
    EventReport,
    MeterReport,
    StartOutcome,
    StartReport,
    StopOutcome,
    StopReport,
    TokenRef,
)
from csms.transactions.service import Transactions
from csms.work import Committer
from models import MeterValue, Transaction
from models.db import Database
from models.scope import tenant_scope

T0 = datetime(2026, 1, 1, 8, tzinfo=UTC)


@dataclass
class Charger:
    """One station, connected to a server that can be restarted."""

    database: Database
    committer: Committer
    clock: ManualClock
    ref: StationRef
    transactions: Transactions = field(init=False)

    def __post_init__(self) -> None:
        self.restart_server()

    def restart_server(self) -> None:
        """Forget everything that is not in the database."""
        self.transactions = Transactions(self.database)

    async def start(
        self, token: str, *, meter_wh: int | None = 0, evse: int = 1, at: datetime | None = None
    ) -> StartOutcome:
        now = self.clock.now()
        report = StartReport(1, evse, TokenRef(token), meter_wh, at or now, now)
        return await self._run(lambda work: self.transactions.start(work, self.ref, report))

    async def stop(self, transaction_ref: int, *, meter_wh: int | None, **options: Any) -> StopOutcome:
        now = self.clock.now()
        values = {"token": None, "at": now, "reason": "Local", "moments": []} | options
        report = StopReport(transaction_ref=transaction_ref, meter_wh=meter_wh, received_at=now, **values)
        return await self._run(lambda work: self.transactions.stop(work, self.ref, report))

    async def meter(self, transaction_ref: int | str | None, *, evse: int = 1, **columns: Any) -> None:
        await self.meters(transaction_ref, [Moment(self.clock.now(), **columns)], evse=evse)

    async def meters(self, transaction_ref: int | str | None, moments: list[Moment], *, evse: int = 1) -> None:
        report = MeterReport(evse, transaction_ref, moments, self.clock.now())
        await self._run(lambda work: self.transactions.record_meter_values(work, self.ref, report))

    async def event(self, kind: Any, ocpp_id: str, seq_no: int, **options: Any) -> EventOutcome:
        now = self.clock.now()
        values = {"at": now, "trigger_reason": "MeterValuePeriodic", "evse_number": 1} | options
        report = EventReport(kind=kind, ocpp_id=ocpp_id, seq_no=seq_no, received_at=now, **values)
        return await self._run(lambda work: self.transactions.record_event(work, self.ref, report))

    async def status(self, status: str, *, evse: int = 1, at: datetime | None = None) -> None:
        at = at or self.clock.now()
        await self._run(lambda work: self.transactions.note_status(work, self.ref, evse, status, at))

    async def transaction(self, transaction_id: int) -> Transaction:
        [row] = [row for row in await self.all(Transaction) if row.id == transaction_id]
        return row

    async def meter_values(self) -> list[MeterValue]:
        return sorted(await self.all(MeterValue), key=lambda row: row.sampled_at)

    async def all(self, model: Any) -> list[Any]:
        with tenant_scope(self.ref.tenant_id):
            async with self.database.reading() as session:
                return list(await session.scalars(select(model).order_by(model.id)))

    async def _run(self, unit: Any) -> Any:
        with tenant_scope(self.ref.tenant_id):
            await self.transactions.prepare(self.ref)
            return await self.committer.run(unit)

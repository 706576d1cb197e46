"""Statuses: the newer wins, repetitions change nothing, faults enter the history and leave it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.bus.events import ConnectorStatusChanged, Event, StationEventRecorded, StationStatusChanged
from csms.clock import ManualClock
from csms.stations.ref import StationRef
from csms.stations.service import StatusReport, report_status
from csms.work import Committer
from models import ChargingStation, Connector, Evse, StationEvent
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import TwoTenants


class Reporter:
    """A station that reports, and a look at what became of it."""

    def __init__(self, database: Database, committer: Committer, ref: StationRef, now: datetime) -> None:
        self.database, self.committer, self.ref, self.now = database, committer, ref, now

    async def says(self, status: str, *, evse: int = 1, number: int = 1, after_s: float = 0, **more: str) -> bool:
        at = self.now + timedelta(seconds=after_s)
        report = StatusReport(evse, number, status, received_at=at, at=at, **more)
        return await self.report(report)

    async def report(self, report: StatusReport) -> bool:
        with tenant_scope(self.ref.tenant_id):
            return await self.committer.run(lambda work: report_status(work, self.ref, report))

    async def connector(self, evse: int = 1, number: int = 1) -> Connector:
        with tenant_scope(self.ref.tenant_id):
            async with self.database.reading() as session:
                query = select(Connector).where(
                    col(Connector.station_id) == self.ref.id,
                    col(Connector.evse_number) == evse,
                    col(Connector.number) == number,
                )
                return (await session.execute(query)).scalar_one()

    async def history(self) -> list[StationEvent]:
        with tenant_scope(self.ref.tenant_id):
            async with self.database.reading() as session:
                return list((await session.execute(select(StationEvent).order_by(col(StationEvent.id)))).scalars())


@pytest.fixture
def station(database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock) -> Reporter:
    return Reporter(database, committer, two_tenants.green.station, clock.now())


async def test_a_status_is_stored_and_told(station: Reporter, told: list[Event]) -> None:
    assert await station.says("Charging")
    assert (await station.connector()).status == "Charging"
    assert [(e.evse_number, e.connector_number, e.status) for e in told if isinstance(e, ConnectorStatusChanged)] == [
        (1, 1, "Charging")
    ]


async def test_x16_21_an_older_status_does_not_overwrite_a_newer(station: Reporter, told: list[Event]) -> None:
    assert await station.says("Charging", after_s=60)
    assert not await station.says("Available", after_s=30)
    assert (await station.connector()).status == "Charging"
    assert len(told) == 1


async def test_a_repetition_is_not_told_again_but_counts_as_newer(station: Reporter, told: list[Event]) -> None:
    await station.says("Faulted", error_code="GroundFailure")
    before = len(told)
    assert await station.says("Faulted", error_code="GroundFailure", after_s=20)
    assert not await station.says("Available", after_s=10)
    assert len(told) == before
    assert len(await station.history()) == 1


async def test_x16_21_an_unknown_connector_is_created(station: Reporter) -> None:
    await station.says("Available", evse=3)
    assert (await station.connector(3)).status == "Available"
    await station.says("Occupied", evse=3, number=2)
    with tenant_scope(station.ref.tenant_id):
        async with station.database.reading() as session:
            evses = (await session.execute(select(Evse).where(col(Evse.number) == 3))).scalars().all()
    assert len(evses) == 1


async def test_ds_42_the_station_as_a_whole_is_kept_apart(station: Reporter, told: list[Event]) -> None:
    await station.says("Faulted", evse=0, number=0, error_code="InternalError")
    with tenant_scope(station.ref.tenant_id):
        async with station.database.reading() as session:
            row = await session.get_one(ChargingStation, station.ref.id)
    assert (row.status, row.error_code) == ("Faulted", "InternalError")
    assert (await station.connector()).status == "Unknown"
    assert [e.status for e in told if isinstance(e, StationStatusChanged)] == ["Faulted"]
    [entry] = await station.history()
    assert entry.kind == "station.faulted"
    await station.says("Charging", evse=0, number=0, after_s=5)
    assert [e.kind for e in await station.history()] == ["station.faulted", "station.warning"]


async def test_a_fault_is_resolved_when_it_clears_even_in_the_same_second(station: Reporter) -> None:
    await station.says("Faulted", error_code="GroundFailure", vendor_error_code="E12")
    [entry] = await station.history()
    assert (entry.kind, entry.severity, entry.resolved_at) == ("connector.faulted", "problem", None)
    assert "GroundFailure" in entry.text
    assert "E12" in entry.text
    await station.says("Faulted", error_code="HighTemperature")
    await station.says("Available", error_code="NoError")
    assert [entry.resolved_at for entry in await station.history()] == [station.now, station.now]


async def test_ds_43_an_error_beside_another_status_is_a_warning(station: Reporter, told: list[Event]) -> None:
    await station.says("Charging", error_code="HighTemperature")
    await station.says("Charging", error_code="Error", info="null", after_s=1)
    await station.says("Charging", error_code="NoError", info="null", after_s=2)
    entries = await station.history()
    assert [(e.kind, e.severity) for e in entries] == [("connector.warning", "warning")] * 2
    assert all(e.resolved_at for e in entries)
    assert "OtherError" in entries[1].text
    connector = await station.connector()
    assert (connector.error_code, connector.info) == ("", "")
    assert len([e for e in told if isinstance(e, StationEventRecorded)]) == 2


async def test_a_clock_that_was_never_set_or_runs_ahead_is_not_believed(station: Reporter) -> None:
    unset = datetime.fromisoformat("1970-01-01T00:00:05+00:00")
    report = StatusReport(1, 1, "Preparing", received_at=station.now, at=unset)
    assert await station.report(report)
    ahead = replace(report, status="Charging", at=station.now + timedelta(days=900))
    assert await station.report(ahead)
    assert (await station.connector()).status_at == station.now
    assert await station.says("Finishing", after_s=1)


async def test_another_tenants_station_is_untouched(station: Reporter, two_tenants: TwoTenants) -> None:
    await station.says("Charging")
    other = Reporter(station.database, station.committer, two_tenants.blue.station, station.now)
    assert (await other.connector()).status == "Unknown"
    assert await other.history() == []

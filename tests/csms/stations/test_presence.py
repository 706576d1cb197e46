"""Coming and going: the row, the history and the news agree, also when it all happens within one commit."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.bus.events import Event
from csms.clock import ManualClock
from csms.stations.ref import StationRef
from csms.stations.service import connected, disconnected, mark_all_offline, seen
from csms.work import Committer
from models import ChargingStation, StationEvent
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import TwoTenants


class Presence:
    """Stations that come and go."""

    def __init__(self, database: Database, committer: Committer, now: datetime) -> None:
        self.database, self.committer, self.now = database, committer, now

    async def comes(self, ref: StationRef, after_s: float = 0) -> None:
        with tenant_scope(ref.tenant_id):
            await self.committer.run(lambda work: connected(work, ref, "1.6", self._at(after_s)))

    async def goes(self, ref: StationRef, after_s: float = 0) -> None:
        with tenant_scope(ref.tenant_id):
            await self.committer.run(lambda work: disconnected(work, ref, "no pong", self._at(after_s)))

    async def row(self, ref: StationRef) -> ChargingStation:
        with tenant_scope(ref.tenant_id):
            async with self.database.reading() as session:
                return await session.get_one(ChargingStation, ref.id)

    async def absences(self, ref: StationRef) -> list[StationEvent]:
        query = select(StationEvent).where(col(StationEvent.station_id) == ref.id).order_by(col(StationEvent.id))
        with tenant_scope(ref.tenant_id):
            async with self.database.reading() as session:
                return list((await session.execute(query)).scalars())

    def _at(self, after_s: float) -> datetime:
        return self.now + timedelta(seconds=after_s)


@pytest.fixture
def presence(database: Database, committer: Committer, clock: ManualClock) -> Presence:
    return Presence(database, committer, clock.now())


async def test_coming_is_stored_and_told(presence: Presence, two_tenants: TwoTenants, told: list[Event]) -> None:
    await presence.comes(two_tenants.green.station)
    row = await presence.row(two_tenants.green.station)
    assert (row.is_online, row.ocpp_version, row.connected_at, row.last_seen_at) == (
        True,
        "1.6",
        presence.now,
        presence.now,
    )
    assert [type(event).__name__ for event in told] == ["StationConnected"]
    assert not (await presence.row(two_tenants.green.stations[1])).is_online


async def test_going_enters_the_history_until_it_comes_back(
    presence: Presence, two_tenants: TwoTenants, told: list[Event]
) -> None:
    ref = two_tenants.green.station
    await presence.comes(ref)
    await presence.goes(ref, 10)
    [absence] = await presence.absences(ref)
    assert (absence.kind, absence.severity, absence.resolved_at) == ("station.offline", "warning", None)
    assert "no pong" in absence.text
    row = await presence.row(ref)
    assert (row.is_online, row.ocpp_version, row.connected_at) == (False, "1.6", presence.now)
    await presence.comes(ref, 20)
    [absence] = await presence.absences(ref)
    assert absence.resolved_at == presence.now + timedelta(seconds=20)
    names = [type(event).__name__ for event in told]
    assert names == ["StationConnected", "StationDisconnected", "StationEventRecorded", "StationConnected"]


async def test_a_storm_within_one_commit_leaves_nobody_away_by_mistake(
    presence: Presence, two_tenants: TwoTenants
) -> None:
    here, there = two_tenants.green.station, two_tenants.blue.station
    await asyncio.gather(presence.comes(there), presence.comes(here))
    await asyncio.gather(presence.goes(there, 1), presence.goes(here, 1), presence.comes(here, 2))
    assert (await presence.row(here)).is_online
    assert all(entry.resolved_at for entry in await presence.absences(here))
    assert not (await presence.row(there)).is_online
    assert [entry.resolved_at for entry in await presence.absences(there)] == [None]


async def test_at_start_nobody_is_connected(presence: Presence, two_tenants: TwoTenants) -> None:
    ref = two_tenants.green.station
    await presence.comes(ref)
    with platform_scope():
        await presence.committer.run(lambda work: mark_all_offline(work, presence.now + timedelta(seconds=5)))
    assert not (await presence.row(ref)).is_online
    [absence] = await presence.absences(ref)
    assert absence.resolved_at is None
    assert await presence.absences(two_tenants.blue.station) == []


async def test_a_sign_of_life_is_remembered(presence: Presence, two_tenants: TwoTenants) -> None:
    ref = two_tenants.green.station
    later = presence.now + timedelta(minutes=5)
    with tenant_scope(ref.tenant_id):
        await presence.committer.run(lambda work: seen(work, ref, later))
    assert (await presence.row(ref)).last_seen_at == later

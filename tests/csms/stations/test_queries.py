"""Lists of stations, their history and frames: paged by the database, and never another tenant's."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from csms.clock import ManualClock
from csms.stations import queries
from csms.stations.queries import StationQuery
from csms.stations.ref import StationRef
from csms.stations.service import EventReport, VariableReport, connected, record_event, store_variables
from csms.stations.words import status_word
from csms.work import Committer, Work
from models import Connector, Frame, Transaction
from models.db import Database
from models.scope import TenantScopeError, tenant_scope
from tests.tenancy import SmallTenant, TwoTenants


@pytest.fixture
async def session(database: Database) -> AsyncGenerator[AsyncSession]:
    async with database.reading() as opened:
        yield opened


@pytest.fixture
async def green(two_tenants: TwoTenants, committer: Committer, clock: ManualClock) -> SmallTenant:
    """The green tenant, with the same events, variables and frames in its first station as in blue's."""
    for tenant in (two_tenants.green, two_tenants.blue):
        with tenant_scope(tenant.id):
            await committer.run(_furnisher(tenant.station, clock))
    return two_tenants.green


def _furnisher(ref: StationRef, clock: ManualClock) -> Callable[[Work], Coroutine[Any, Any, None]]:
    async def unit(work: Work) -> None:
        await connected(work, ref, "1.6", clock.now())
        for number in range(5):
            at = clock.now() + timedelta(seconds=number // 2)
            severity = "problem" if number == 4 else "info"
            await record_event(work, ref, EventReport("device.alert", severity, f"event {number}", at))
            frame = {"station_id": ref.id, "tenant_id": ref.tenant_id, "at": at, "from_station": number % 2 == 0}
            action = "Heartbeat" if number else "BootNotification"
            work.session().add(Frame(**frame, action=action, text=f'[2,"{number}","{action}",{{}}]'))
        reports = [VariableReport(f"Key{number:02}", str(number)) for number in range(12)]
        await store_variables(work, ref, reports, clock.now())

    return unit


async def test_stations_are_paged_sorted_and_counted(green: SmallTenant, session: AsyncSession) -> None:
    with tenant_scope(green.id):
        rows, total = await queries.search_stations(session, StationQuery(limit=1, descending=True))
    assert total == 2
    assert [row.identity for row in rows] == ["GREEN-2"]
    assert [(c.evse_number, c.number) for c in rows[0].connectors] == [(1, 1), (2, 1)]


@pytest.mark.parametrize("sort", sorted(queries.SORTS))
async def test_every_sort_works_both_ways(green: SmallTenant, session: AsyncSession, sort: str) -> None:
    with tenant_scope(green.id):
        for descending in (False, True):
            rows, _ = await queries.search_stations(session, StationQuery(sort=sort, descending=descending))
            assert len(rows) == 2


async def test_stations_are_found_by_text_status_and_location(green: SmallTenant, session: AsyncSession) -> None:
    async def found(**wanted: Any) -> list[str]:
        return [row.identity for row in (await queries.search_stations(session, StationQuery(**wanted)))[0]]

    with tenant_scope(green.id):
        assert await found(text="een-2") == ["GREEN-2"]
        assert await found(text="green yard") == ["GREEN-1", "GREEN-2"]
        assert await found(text="100%_") == []
        assert await found(statuses=["Available"]) == ["GREEN-1"]
        assert await found(statuses=["Offline", "Faulted"]) == ["GREEN-2"]
        assert await found(location_id=green.location_id) == ["GREEN-1", "GREEN-2"]
        assert await found(location_id=green.location_id + 1) == []


@pytest.mark.parametrize(
    ("station_status", "connectors", "charging_state"),
    [
        ("Available", ("Available", "Charging"), None),
        ("Available", ("Faulted", "Charging"), None),
        ("Faulted", ("Available", "Available"), None),
        ("Available", ("Preparing", "Unavailable"), None),
        ("Available", ("Occupied", "Available"), "Charging"),
        ("Available", ("Available", "Available"), "SuspendedEV"),
        ("Unavailable", ("Available", "Available"), None),
        ("Available", ("Unavailable", "Unavailable"), None),
        ("Available", ("Unknown", "Unavailable"), None),
    ],
)
async def test_the_database_finds_the_same_word(
    green: SmallTenant,
    session: AsyncSession,
    committer: Committer,
    clock: ManualClock,
    station_status: str,
    connectors: tuple[str, str],
    charging_state: str | None,
) -> None:
    async def unit(work: Work) -> None:
        detail = await queries.station_detail(work.session(), green.station.identity)
        assert detail is not None
        detail.station.status = station_status
        for connector, status in zip(detail.connectors, connectors, strict=True):
            connector.status = status
        if charging_state:
            work.session().add(_transaction(green, clock, charging_state))

    with tenant_scope(green.id):
        await committer.run(unit)
        rows = await queries.map_rows(session)
    states = [charging_state] if charging_state else []
    assert rows[0].status == status_word(True, station_status, connectors, states)


def _transaction(tenant: SmallTenant, clock: ManualClock, charging_state: str) -> Transaction:
    return Transaction(
        tenant_id=tenant.id,
        station_id=tenant.station.id,
        location_id=tenant.location_id,
        evse_number=1,
        start_key="a",
        charging_state=charging_state,
        started_at=clock.now(),
        start_received_at=clock.now(),
    )


async def test_a_station_is_found_by_its_identity_in_any_case(green: SmallTenant, session: AsyncSession) -> None:
    with tenant_scope(green.id):
        detail = await queries.station_detail(session, "green-1")
        assert detail is not None
        assert detail.location.id == green.location_id
        assert [type(c) for c in detail.connectors] == [Connector, Connector]
        assert len(detail.evses) == 2
        assert await queries.station_detail(session, "blue-1") is None


async def test_events_are_read_backwards_page_by_page(green: SmallTenant, session: AsyncSession) -> None:
    with tenant_scope(green.id):
        first = await queries.events(session, limit=3)
        rest = await queries.events(session, limit=3, before_id=first[-1].event.id)
    assert [row.event.text for row in [*first, *rest]] == [f"event {number}" for number in (4, 3, 2, 1, 0)]
    assert {row.station for row in first} == {"GREEN-1"}


async def test_only_what_lasts_is_a_problem(green: SmallTenant, session: AsyncSession) -> None:
    with tenant_scope(green.id):
        assert [row.event.text for row in await queries.latest_problems(session)] == ["event 4"]
        assert await queries.events(session, station_id=green.stations[1].id) == []


async def test_frames_are_filtered_and_paged(green: SmallTenant, session: AsyncSession) -> None:
    with tenant_scope(green.id):
        newest = await queries.frames(session, green.station.id, limit=2)
        older = await queries.frames(session, green.station.id, limit=9, before_id=newest[-1].id)
        assert len(newest) + len(older) == 5
        assert [f.action for f in await queries.frames(session, green.station.id, text="bootnot")] == [
            "BootNotification"
        ]
        assert len(await queries.frames(session, green.station.id, action="Heartbeat", from_station=True)) == 2
        assert await queries.frame_actions(session, green.station.id) == ["BootNotification", "Heartbeat"]


async def test_variables_are_searched_and_paged(green: SmallTenant, session: AsyncSession) -> None:
    with tenant_scope(green.id):
        rows, total = await queries.variables(session, green.station.id, offset=10)
        assert ([row.variable for row in rows], total) == (["Key10", "Key11"], 12)
        rows, total = await queries.variables(session, green.station.id, text="key03")
        assert [row.value for row in rows] == ["3"]


READS: dict[str, Callable[[AsyncSession, SmallTenant], Coroutine[Any, Any, Any]]] = {
    "search_stations": lambda session, _: queries.search_stations(session, StationQuery()),
    "station_detail": lambda session, green: queries.station_detail(session, green.station.identity),
    "map_rows": lambda session, _: queries.map_rows(session),
    "locations": lambda session, _: queries.locations(session),
    "variables": lambda session, green: queries.variables(session, green.station.id),
    "events": lambda session, _: queries.events(session),
    "latest_problems": lambda session, _: queries.latest_problems(session),
    "frames": lambda session, green: queries.frames(session, green.station.id),
    "frame_actions": lambda session, green: queries.frame_actions(session, green.station.id),
}


@pytest.mark.parametrize("name", sorted(READS))
async def test_no_read_crosses_tenants_or_forgets_them(
    green: SmallTenant, two_tenants: TwoTenants, session: AsyncSession, name: str
) -> None:
    with tenant_scope(green.id):
        mine = repr(await READS[name](session, green))
    session.expunge_all()
    with tenant_scope(two_tenants.blue.id):
        theirs = repr(await READS[name](session, green))
    session.expunge_all()
    assert mine != theirs or name == "frame_actions"
    assert "GREEN-" not in theirs
    assert "Green" not in theirs
    assert f"station_id={green.station.id}" not in theirs
    with pytest.raises(TenantScopeError):
        await READS[name](session, green)


async def test_frame_actions_of_another_tenant_are_none(
    green: SmallTenant, two_tenants: TwoTenants, session: AsyncSession
) -> None:
    with tenant_scope(two_tenants.blue.id):
        assert await queries.frame_actions(session, green.station.id) == []

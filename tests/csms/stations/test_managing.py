"""People look after their fleet: stations and locations are added, changed, removed; nobody touches another's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Actor
from csms.bus.events import Event, StationAdded, StationChanged, StationRemoved
from csms.clock import ManualClock
from csms.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from csms.live.board import Board
from csms.stations.fitting import connector_plans
from csms.stations.managing import (
    Added,
    StationChange,
    StationPlan,
    add_station,
    change_station,
    give_new_password,
    move_registration,
    remove_station,
)
from csms.stations.places import LocationPlan, add_location, change_location, location_rows, remove_location
from csms.stations.queries import StationQuery, search_stations, station_detail
from csms.stations.security import password_matches
from csms.stations.service import find_access
from csms.stations.setup import ConnectorPlan
from csms.work import Committer, Work
from models import AuditEntry, Registration, Role, Transaction
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import SmallTenant, TwoTenants

KEY = b"key"
YARD = LocationPlan("North yard", 52.5, 13.4, "Europe/Berlin", country="deu")


def person(tenant: SmallTenant, role: Role = Role.OPERATOR) -> Actor:
    return Actor(None, "Ada", f"ada@{tenant.key}.example", tenant.id, role, address="203.0.113.9")


class Office:
    """A tenant's people at work."""

    def __init__(self, tenant: SmallTenant, database: Database, committer: Committer, clock: ManualClock) -> None:
        self.tenant, self.actor = tenant, person(tenant)
        self._database, self._committer, self.clock = database, committer, clock

    async def do(self, unit: Callable[[Work], Awaitable[Any]]) -> Any:
        with tenant_scope(self.tenant.id):
            return await self._committer.run(unit)

    async def read(self, query: Callable[[Any], Awaitable[Any]]) -> Any:
        with tenant_scope(self.tenant.id):
            async with self._database.reading() as session:
                return await query(session)

    async def add(self, identity: str = "NEW-1", **more: Any) -> Added:
        plan = StationPlan(identity, **{"location_id": self.tenant.location_id, **more})
        return await self.do(lambda work: add_station(work, self.actor, plan, KEY, self.clock.now()))

    async def change(self, station: str, **changes: Any) -> None:
        change = StationChange(**changes)
        await self.do(lambda work: change_station(work, self.actor, station, change, self.clock.now()))

    async def remove(self, station: str) -> None:
        await self.do(lambda work: remove_station(work, self.actor, station, self.clock.now()))

    async def audit(self) -> list[tuple[str, str, dict[str, Any]]]:
        async def query(session: Any) -> Any:
            rows = (await session.execute(select(AuditEntry).order_by(col(AuditEntry.id)))).scalars()
            return [(row.action, row.subject, row.details) for row in rows]

        return await self.read(query)

    async def identities(self) -> list[str]:
        rows, _ = await self.read(lambda session: search_stations(session, StationQuery()))
        return [row.identity for row in rows]


@pytest.fixture
def green(two_tenants: TwoTenants, database: Database, committer: Committer, clock: ManualClock) -> Office:
    return Office(two_tenants.green, database, committer, clock)


@pytest.fixture
def blue(two_tenants: TwoTenants, database: Database, committer: Committer, clock: ManualClock) -> Office:
    return Office(two_tenants.blue, database, committer, clock)


async def access_of(database: Database, identity: str) -> Any:
    with platform_scope():
        async with database.reading() as session:
            return await find_access(session, identity.casefold())


async def test_a_station_is_added_with_a_password_shown_once(
    green: Office, blue: Office, database: Database, told: list[Event]
) -> None:
    added = await green.add("DE*ABC-1", name=" By the gate ")
    access = await access_of(database, "de*abc-1")
    assert access.ref == added.ref
    assert password_matches(KEY, access.password_hash, added.password.encode())
    assert [type(event) for event in told] == [StationAdded]
    [(action, subject, details)] = await green.audit()
    assert (action, subject) == ("station.added", "station DE*ABC-1")
    assert details["after"]["name"] == "By the gate"
    assert added.password not in str(details)
    assert "DE*ABC-1" in await green.identities()
    assert "DE*ABC-1" not in await blue.identities()
    assert await blue.audit() == []


async def test_an_identity_is_one_of_its_own_on_the_platform(green: Office, blue: Office) -> None:
    for office in (green, blue):
        with pytest.raises(ConflictError, match="taken already") as caught:
            await office.add("green-1")
        assert "Green" not in str(caught.value)


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        ("", "enter"),
        ("A/B", "slash"),
        ("A:B", "colon"),
        ("A B", "a blank"),
        ("Ä", "“Ä”"),
        ("x" * 49, "49"),
        ("New", "word"),
    ],
)
async def test_what_cannot_be_an_identity_is_said_in_words(green: Office, identity: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^Identity: .*{why}"):
        await green.add(identity)


async def test_a_location_comes_with_its_first_station_or_not_at_all(green: Office) -> None:
    with pytest.raises(ConflictError):
        await green.add("GREEN-1", location_id=None, location=YARD)
    added = await green.add("NEW-1", location_id=None, location=YARD)
    rows = await green.read(location_rows)
    assert [(row.location.name, row.location.country, row.stations) for row in rows] == [
        ("Green yard", "", 2),
        ("North yard", "DEU", 1),
    ]
    assert added.ref.location_id == rows[1].location.id


async def test_another_tenants_place_and_station_do_not_exist(green: Office, blue: Office) -> None:
    with pytest.raises(NotFoundError):
        await green.add("NEW-1", location_id=blue.tenant.location_id)
    with pytest.raises(NotFoundError):
        await green.change("BLUE-1", name="Mine")
    with pytest.raises(NotFoundError):
        await green.remove("BLUE-1")


async def test_viewers_change_nothing(green: Office) -> None:
    green.actor = person(green.tenant, Role.VIEWER)
    for deed in (green.add(), green.change("GREEN-1", name="x"), green.remove("GREEN-1")):
        with pytest.raises(PermissionDeniedError):
            await deed


async def test_a_station_is_changed_and_the_difference_recorded(
    green: Office, database: Database, told: list[Event]
) -> None:
    location = await green.do(lambda work: add_location(work, green.actor, YARD, green.clock.now()))
    await green.change("green-1", name="Gate", location_id=location.id, security_profile=0, subprotocol_optional=True)
    action, _, details = (await green.audit())[-1]
    assert action == "station.changed"
    assert details["before"]["name"] == ""
    assert details["after"] == {
        "name": "Gate",
        "location_id": location.id,
        "security_profile": 0,
        "subprotocol_optional": True,
    }
    [event] = told
    assert isinstance(event, StationChanged)
    assert event.location_id == location.id
    with pytest.raises(ConflictError, match="needs a password"):
        await green.change("GREEN-1", security_profile=2)
    access = await access_of(database, "green-1")
    assert (access.security_profile, access.ref.location_id) == (0, location.id)


async def test_connectors_are_fitted_and_one_in_use_stays(green: Office) -> None:
    station = green.tenant.station
    combo = ConnectorPlan(1, 1, "IEC_62196_T2_COMBO", "DC", 150_000, "DE*GRN*E1*1")
    await green.change("GREEN-1", connectors=(combo, ConnectorPlan(1, 2, "CHADEMO", "DC", 150_000, "DE*GRN*E1*1")))
    plans = await green.read(lambda session: connector_plans(session, station.id))
    assert [(plan.evse_number, plan.number, plan.standard) for plan in plans] == [
        (1, 1, "IEC_62196_T2_COMBO"),
        (1, 2, "CHADEMO"),
    ]
    assert (plans[0].max_power_w, plans[0].evse_id) == (150_000, "DE*GRN*E1*1")
    await green.do(lambda work: _open_session(work, green, 2))
    with pytest.raises(ConflictError, match="session is open"):
        await green.change("GREEN-1", connectors=(combo,))
    with pytest.raises(InvalidInputError, match="there twice"):
        await green.change("GREEN-1", connectors=(combo, combo))


async def _open_session(work: Work, office: Office, connector: int = 1) -> None:
    work.session().add(
        Transaction(
            station_id=office.tenant.station.id,
            location_id=office.tenant.location_id,
            evse_number=1,
            connector_number=connector,
            start_key="x",
            started_at=office.clock.now(),
            start_received_at=office.clock.now(),
        )
    )


async def test_a_new_password_takes_the_place_of_the_old(green: Office, database: Database) -> None:
    old = (await green.add()).password
    new = await green.do(lambda work: give_new_password(work, green.actor, "NEW-1", KEY, green.clock.now()))
    access = await access_of(database, "new-1")
    assert password_matches(KEY, access.password_hash, new.encode())
    assert not password_matches(KEY, access.password_hash, (old or "").encode())
    assert new not in str(await green.audit())


async def test_registration_is_moved_once(green: Office) -> None:
    for _ in range(2):
        await green.do(
            lambda work: move_registration(work, green.actor, "GREEN-1", Registration.REJECTED, green.clock.now())
        )
    assert [entry[0] for entry in await green.audit()] == ["station.registration_changed"]


async def test_a_removed_station_leaves_its_history_and_frees_its_identity(
    green: Office, blue: Office, database: Database, told: list[Event]
) -> None:
    await green.do(lambda work: _open_session(work, green))
    with pytest.raises(ConflictError, match="still open"):
        await green.remove("GREEN-1")

    async def close(work: Work) -> None:
        for row in (await work.session().execute(select(Transaction))).scalars():
            row.is_open = False

    await green.do(close)
    await green.remove("GREEN-1")
    assert await access_of(database, "green-1") is None
    assert await green.identities() == ["GREEN-2"]
    assert await green.read(lambda session: station_detail(session, "GREEN-1")) is None
    assert [type(event) for event in told] == [StationRemoved]
    kept = await green.read(lambda session: session.execute(select(Transaction)))
    assert len(kept.scalars().all()) == 1
    await blue.add("GREEN-1")
    assert (await access_of(database, "green-1")).ref.tenant_id == blue.tenant.id


async def test_the_board_follows(
    green: Office, blue: Office, database: Database, clock: ManualClock, bus: Any, committer: Committer
) -> None:
    board = Board(database, bus, clock)
    await board.rebuild()
    added = await green.add("NEW-1", name="Gate")
    await _until(board, lambda: board.station(green.tenant.id, added.ref.id) is not None)
    await green.change("NEW-1", name="Yard", connectors=(ConnectorPlan(1),))
    await _until(board, lambda: (board.station(green.tenant.id, added.ref.id) or {})["name"] == "Yard")
    assert list((board.station(green.tenant.id, added.ref.id) or {})["connectors"]) == ["1-1"]
    await green.remove("NEW-1")
    assert board.station(green.tenant.id, added.ref.id) is None
    assert board.figures(green.tenant.id)["stations"] == 2
    assert board.figures(blue.tenant.id)["stations"] == 2


async def _until(board: Board, holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - there is nothing to wait on but the condition
        await asyncio.sleep(0.005)


async def test_locations_are_changed_and_removed_only_without_history(green: Office) -> None:
    async def change(plan: LocationPlan) -> None:
        await green.do(lambda work: change_location(work, green.actor, location.id, plan, green.clock.now()))

    location = await green.do(lambda work: add_location(work, green.actor, YARD, green.clock.now()))
    await change(LocationPlan("South yard", 1.0, 2.0, "Asia/Singapore"))
    with pytest.raises(ConflictError, match="green yard"):
        await change(LocationPlan("green yard", 1.0, 2.0, "Asia/Singapore"))
    with pytest.raises(InvalidInputError, match="Latitude"):
        await change(LocationPlan("South yard", 91.0, 2.0, "Asia/Singapore"))
    with pytest.raises(InvalidInputError, match="Time zone"):
        await change(LocationPlan("South yard", 1.0, 2.0, "Nowhere"))

    async def remove(location_id: int) -> None:
        await green.do(lambda work: remove_location(work, green.actor, location_id, green.clock.now()))

    await remove(location.id)
    with pytest.raises(ConflictError, match="still has chargers"):
        await remove(green.tenant.location_id)
    await green.remove("GREEN-1")
    await green.remove("GREEN-2")
    with pytest.raises(ConflictError, match="history"):
        await remove(green.tenant.location_id)

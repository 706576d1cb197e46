"""The board: whatever happens leaves the picture that the database holds, and followers hear of it once, soon."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csms.bus.bus import Bus
from csms.bus.events import CommandChanged, FrameLogged
from csms.clock import ManualClock
from csms.live.board import Board
from csms.work import Committer
from models import Tenant
from models.db import Database
from models.scope import platform_scope
from tests.csms.live.driving import STATUSES, Drive
from tests.tenancy import TwoTenants, found_two_tenants


@pytest.fixture
async def board(database: Database, bus: Bus, clock: ManualClock, two_tenants: TwoTenants) -> Board:
    made = Board(database, bus, clock)
    await made.rebuild()
    return made


@pytest.fixture
def drive(committer: Committer, clock: ManualClock, two_tenants: TwoTenants) -> Drive:
    return Drive(committer, clock, two_tenants)


class Follower:
    """Keeps the batches of one key."""

    def __init__(self, board: Board, tenant_id: int, key: str) -> None:
        self.batches: list[dict[str, Any]] = []
        self._heard = asyncio.Event()
        self.leave = board.subscribe(tenant_id, key, self._hear)

    def _hear(self, batch: dict[str, Any]) -> None:
        self.batches.append(batch)
        self._heard.set()

    async def next(self) -> dict[str, Any]:
        """The next batch, or the one that came already."""
        await asyncio.wait_for(self._heard.wait(), 5)
        self._heard.clear()
        return self.batches[-1]


def picture(board: Board, tenants: TwoTenants) -> dict[int, tuple[Any, Any, Any]]:
    ids = (tenants.green.id, tenants.blue.id)
    return {number: (board.stations(number), board.transactions(number), board.figures(number)) for number in ids}


numbers = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("connect"), numbers),
        st.tuples(st.just("disconnect"), numbers),
        st.tuples(st.just("boot"), numbers),
        st.tuples(st.just("status"), numbers, st.integers(0, 3), st.sampled_from(STATUSES), st.integers(0, 3)),
        st.tuples(st.just("start"), numbers),
        st.tuples(st.just("meter"), numbers, st.integers(1, 900), st.sampled_from([0.0, 3680.4, 11000.6])),
        st.tuples(st.just("end"), numbers),
    ),
    max_size=25,
)


@given(steps=steps, rebuild_at=st.integers(0, 25))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_events_leave_the_picture_that_the_database_holds(
    sqlite_copies: Callable[[], str], steps: list[tuple[Any, ...]], rebuild_at: int
) -> None:
    async def live() -> None:
        database, bus, clock = Database(sqlite_copies()), Bus(), ManualClock()
        committer = Committer(database, bus)
        committer.start()
        try:
            tenants = await found_two_tenants(database)
            board, drive = Board(database, bus, clock), Drive(committer, clock, tenants)
            await board.rebuild()
            for number, (verb, *arguments) in enumerate(steps):
                if number == rebuild_at:  # the board is rebuilt while the world goes on
                    await asyncio.gather(board.rebuild(), getattr(drive, verb)(*arguments))
                else:
                    await getattr(drive, verb)(*arguments)
            fresh = Board(database, Bus(), clock)
            await fresh.rebuild()
            assert picture(board, tenants) == picture(fresh, tenants)
        finally:
            await committer.stop()
            await database.close()

    asyncio.run(live())


@pytest.fixture
def sqlite_copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Makes URLs of fresh, migrated SQLite files."""
    from tests.databases import copy_of_template

    template = request.getfixturevalue("sqlite_template")
    return lambda: copy_of_template(template, tmp_path_factory.mktemp("board"))


async def test_a_day_of_one_station(board: Board, drive: Drive, two_tenants: TwoTenants) -> None:
    green, ref = two_tenants.green.id, two_tenants.green.station
    word = lambda: board.stations(green)[ref.id]["status"]  # noqa: E731 - asked again and again
    assert word() == "Offline"
    await drive.connect(0)
    assert word() == "Available"
    await drive.status(0, 1, "Preparing", 0)
    assert word() == "Occupied"
    await drive.start(0)
    await drive.meter(0, 500, 11000.0)
    assert word() == "Charging"
    assert board.stations(green)[ref.id]["power_w"] == 11000.0
    assert board.figures(green) == {
        "stations": 2,
        "online": 1,
        "charging": 1,
        "faulted": 0,
        "sessions_open": 1,
        "power_w": 11000,
        "energy_today_wh": 500,
        "sessions_today": 1,
        "revenue_today": "0.00",
        "currency": "EUR",
    }
    await drive.end(0)
    await drive.status(0, 1, "Faulted", 0)
    assert word() == "Faulted"
    figures = board.figures(green)
    assert (figures["revenue_today"], figures["power_w"], figures["sessions_open"]) == ("0.15", 0, 0)
    assert board.figures(two_tenants.blue.id)["sessions_today"] == 0
    await drive.disconnect(0)
    assert word() == "Offline"
    assert board.stations(green)[ref.id]["connectors"]["1-1"]["status"] == "Faulted"


async def test_both_databases_rebuild_the_same(
    board: Board, drive: Drive, two_tenants: TwoTenants, database: Database, clock: ManualClock
) -> None:
    for number in range(4):
        await drive.connect(number)
        await drive.start(number)
        await drive.meter(number, 100 * number + 1, 7000.0)
    await drive.end(1)
    fresh = Board(database, Bus(), clock)
    await fresh.rebuild()
    assert picture(fresh, two_tenants) == picture(board, two_tenants)


async def test_two_rebuilds_at_once_lose_nothing(
    board: Board, drive: Drive, two_tenants: TwoTenants, database: Database, clock: ManualClock
) -> None:
    await asyncio.gather(board.rebuild(), drive.connect(0), board.rebuild(), drive.connect(2))
    fresh = Board(database, Bus(), clock)
    await fresh.rebuild()
    assert picture(board, two_tenants) == picture(fresh, two_tenants)


async def test_followers_hear_of_their_tenant_and_key_only(board: Board, drive: Drive, two_tenants: TwoTenants) -> None:
    ref = two_tenants.green.station
    mine = Follower(board, two_tenants.green.id, "stations")
    one = Follower(board, two_tenants.green.id, f"station:{ref.id}")
    other_station = Follower(board, two_tenants.green.id, f"station:{two_tenants.green.stations[1].id}")
    figures = Follower(board, two_tenants.green.id, "figures")
    theirs = Follower(board, two_tenants.blue.id, "stations")
    await drive.connect(0)
    assert list(await mine.next()) == [str(ref.id)]
    assert (await one.next())["online"] is True
    assert (await figures.next())["online"] == 1
    assert other_station.batches == []
    assert theirs.batches == []


async def test_transactions_are_told_to_the_last_word(board: Board, drive: Drive, two_tenants: TwoTenants) -> None:
    follower = Follower(board, two_tenants.green.id, "transactions")
    await drive.start(0)
    [number] = await follower.next()
    assert follower.batches[-1][number]["is_open"]
    drive.clock.forward(1)
    await drive.end(0)
    last = (await follower.next())[number]
    assert (last["is_open"], last["stop_reason"], last["cost"]) == (False, "Local", "0.00")


async def test_at_most_four_batches_a_second_and_the_latest_wins(
    board: Board, drive: Drive, two_tenants: TwoTenants
) -> None:
    follower = Follower(board, two_tenants.green.id, f"station:{two_tenants.green.station.id}")
    await drive.connect(0)
    await follower.next()
    drive.clock.forward(-1)  # the pause is not over
    for status in ("Preparing", "Charging", "Finishing", "Available"):
        board.apply(_status(two_tenants, status))
    assert len(follower.batches) == 1
    batch = await follower.next()
    assert len(follower.batches) == 2
    assert batch["connectors"]["1-1"]["status"] == "Available"


def _status(tenants: TwoTenants, status: str) -> Any:
    from csms.bus.events import ConnectorStatusChanged

    return ConnectorStatusChanged(
        tenant_id=tenants.green.id,
        station_id=tenants.green.station.id,
        at=ManualClock().now(),
        evse_number=1,
        connector_number=1,
        status=status,
        error_code="",
    )


async def test_a_failing_follower_does_not_stop_the_others(board: Board, drive: Drive, two_tenants: TwoTenants) -> None:
    def fail(_batch: dict[str, Any]) -> None:
        raise RuntimeError("this tab is broken")

    board.subscribe(two_tenants.green.id, "stations", fail)
    follower = Follower(board, two_tenants.green.id, "stations")
    await drive.connect(0)
    assert await follower.next()


async def test_who_left_hears_nothing_more(board: Board, drive: Drive, two_tenants: TwoTenants) -> None:
    gone = Follower(board, two_tenants.green.id, "stations")
    gone.leave()
    gone.leave()
    stays = Follower(board, two_tenants.green.id, "stations")
    await drive.connect(0)
    await stays.next()
    assert gone.batches == []


async def test_a_batch_is_a_copy(board: Board, drive: Drive, two_tenants: TwoTenants) -> None:
    follower = Follower(board, two_tenants.green.id, "stations")
    await drive.connect(0)
    batch = await follower.next()
    await drive.disconnect(0)
    assert batch[str(two_tenants.green.station.id)]["online"] is True


async def test_frames_events_and_commands_are_lists_of_their_own(
    board: Board, drive: Drive, two_tenants: TwoTenants, bus: Bus
) -> None:
    green, ref, at = two_tenants.green.id, two_tenants.green.station, drive.clock.now()
    frames = Follower(board, green, f"frames:{ref.id}")
    commands = Follower(board, green, f"commands:{ref.id}")
    events = Follower(board, green, "events")
    who = {"tenant_id": green, "station_id": ref.id, "at": at}
    bus.publish([FrameLogged(**who, frame={"id": number}) for number in range(150)])
    for state in ("asked", "answered"):
        bus.publish([CommandChanged(**who, command_id=7, action="Reset", state=state, answer_status=None)])
    assert [frame["id"] for frame in (await frames.next())["frames"]] == list(range(50, 150))
    assert (await commands.next())["7"]["state"] == "answered"
    drive.clock.forward(1)
    await drive.disconnect(0)
    [entry] = (await events.next())["events"]
    assert (entry["kind"], entry["station"]) == ("station.offline", ref.identity)


async def test_a_station_that_is_new_is_read(
    board: Board, drive: Drive, two_tenants: TwoTenants, committer: Committer, clock: ManualClock
) -> None:
    from csms.stations.ref import StationRef
    from csms.stations.service import connected, create_station
    from models.scope import tenant_scope

    green = two_tenants.green
    follower = Follower(board, green.id, "stations")
    with tenant_scope(green.id):
        station = await committer.run(
            lambda work: create_station(
                work.session(), identity="NEW", location_id=green.location_id, password_hash="x" * 64
            )
        )
        ref = StationRef(station.id, green.id, green.location_id, "NEW")
        await committer.run(lambda work: connected(work, ref, "1.6", clock.now()))
    assert (await follower.next())[str(ref.id)]["online"] is True
    assert board.figures(green.id)["stations"] == 3


async def test_a_tenant_that_is_new_is_read(
    database: Database, bus: Bus, clock: ManualClock, drive: Drive, two_tenants: TwoTenants
) -> None:
    board = Board(database, bus, clock)  # as when a tenant was added after the start
    follower = Follower(board, two_tenants.green.id, "stations")
    await drive.connect(0)
    assert (await follower.next())[str(two_tenants.green.station.id)]["online"] is True


async def test_a_new_day_begins_at_the_tenants_midnight(board: Board, drive: Drive, two_tenants: TwoTenants) -> None:
    green, blue = two_tenants.green.id, two_tenants.blue.id  # Berlin and Singapore; it is 00:00 UTC
    yesterday = drive.clock.now() - timedelta(hours=2)
    await drive.start(0, started_at=yesterday)
    await drive.start(1)
    await drive.start(2)
    await drive.meter(1, 100, 0.0)
    assert (board.figures(green)["sessions_today"], board.figures(blue)["sessions_today"]) == (1, 1)
    drive.clock.forward(16.5 * 3600)  # 00:30 in Singapore
    assert (board.figures(green)["sessions_today"], board.figures(blue)["sessions_today"]) == (1, 0)
    drive.clock.forward(7 * 3600)  # 00:30 in Berlin
    assert (board.figures(green)["sessions_today"], board.figures(green)["energy_today_wh"]) == (0, 0)
    await drive.start(3)
    assert board.figures(blue)["sessions_today"] == 1


async def test_a_tenant_unknown_to_the_board_has_an_empty_picture(board: Board) -> None:
    assert (board.stations(99), board.transactions(99), board.station(99, 1)) == ({}, {}, None)
    assert board.figures(99)["stations"] == 0


async def test_the_picture_holds_every_tenant(board: Board, database: Database) -> None:
    from sqlalchemy import select

    with platform_scope():
        async with database.reading() as session:
            tenants = (await session.execute(select(Tenant))).scalars().all()
    assert all(len(board.stations(tenant.id)) == 2 for tenant in tenants)

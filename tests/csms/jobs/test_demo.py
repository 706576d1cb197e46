"""The demo's two tenants: seeded once, apart from each other, priced by the one pricing function."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from csms.access.policy import Permission, allowed
from csms.access.service import Door, Entrance, actor_for_token
from csms.authorization.service import decide
from csms.clock import ManualClock
from csms.config import Settings
from csms.jobs.demo import DemoWorld, demo_notes, seed_demo
from csms.jobs.demo.blue import BLUE_WAVE
from csms.jobs.demo.curve import curve_of
from csms.jobs.demo.green import GREEN_ENERGY
from csms.jobs.demo.history import past_sessions
from csms.jobs.demo.identities import lapsed_token, lost_token, password_of, token_values
from csms.jobs.demo.scenery import HYPER_300, POST_22
from csms.simulator.core import StationCore
from csms.simulator.presets import plan_from
from csms.stations.security import password_matches
from csms.stations.service import find_access
from csms.tariffs.pricing import Prices, price_of
from csms.work import Committer
from models import ChargingStation, MeterValue, StationEvent, TariffVersion, Transaction
from models.db import Database
from models.scope import platform_scope, tenant_scope

KEY = b"k" * 32
BRANDS = {"greenenergy": {"accent": "#0a0"}, "bluewave": {"accent": "#00a"}}
NOW = datetime(2026, 5, 6, 15, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def world(committer: Committer, database: Database, clock: ManualClock) -> DemoWorld:
    return await seed_demo(committer, database, clock, KEY, BRANDS)


async def count(database: Database) -> Counter[str]:
    """Rows by table."""
    tables = (ChargingStation, Transaction, MeterValue, StationEvent)
    async with database.reading() as session:
        return Counter(
            {table.__name__: await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
        )


@pytest.mark.slow
async def test_seeding(world: DemoWorld, committer: Committer, database: Database, clock: ManualClock) -> None:
    """One test for all that needs the whole seed, for it takes seconds."""
    await it_is_idempotent(world, committer, database, clock)
    await stations_fit_their_plans(world, database)
    await tenants_are_apart(world, database)
    await costs_are_those_of_price_of(world, database)
    await history_lies_in_the_past_and_meters_grow(world, database)
    await people_can_sign_in(world, committer, database, clock)
    await cards_are_judged(world, database)


async def it_is_idempotent(world: DemoWorld, committer: Committer, database: Database, clock: ManualClock) -> None:
    with platform_scope():
        before = await count(database)
        clock.forward(3_600)
        assert await seed_demo(committer, database, clock, KEY, BRANDS) == world
        assert await count(database) == before
    assert 2_000 < before["Transaction"] < 10_000
    assert sum(before.values()) < 60_000


async def stations_fit_their_plans(world: DemoWorld, database: Database) -> None:
    assert Counter(station.tenant_key for station in world.stations) == {"greenenergy": 14, "bluewave": 10}
    kinds = Counter((station.plan["ocpp_version"], station.plan["current_type"]) for station in world.stations)
    assert len(kinds) == 4
    openings = {station.plan["behaviour"]["opening"] for station in world.stations}
    assert openings == {"", "charging", "faulted", "unavailable", "offline"}
    for station in world.stations:
        StationCore(plan_from(station.plan), NOW)  # the simulator can build it
        with platform_scope():
            async with database.reading() as session:
                access = await find_access(session, station.identity.casefold())
        assert access is not None
        assert password_matches(KEY, access.password_hash, station.plan["password"].encode())


async def tenants_are_apart(world: DemoWorld, database: Database) -> None:
    seen = {}
    for tenant in world.tenants:
        with tenant_scope(tenant.id):
            async with database.reading() as session:
                identities = set((await session.scalars(select(col(ChargingStation.identity)))).all())
                owners = set((await session.scalars(select(col(MeterValue.tenant_id)).distinct())).all())
        assert owners == {tenant.id}
        seen[tenant.key] = identities
    assert seen["greenenergy"].isdisjoint(seen["bluewave"])
    assert all(identity.startswith("SG-") for identity in seen["bluewave"])


async def costs_are_those_of_price_of(world: DemoWorld, database: Database) -> None:
    for tenant, currency in zip(world.tenants, ("EUR", "SGD"), strict=True):
        with tenant_scope(tenant.id):
            async with database.reading() as session:
                versions = {row.id: row for row in (await session.scalars(select(TariffVersion))).all()}
                transactions = (await session.scalars(select(Transaction))).all()
        used = set()
        for row in transactions:
            assert row.ended_at is not None
            assert row.tariff_version_id is not None
            version = versions[row.tariff_version_id]
            assert version.valid_from <= row.started_at
            used.add(row.tariff_version_id)
            duration_s = int((row.ended_at - row.started_at).total_seconds())
            prices = Prices.from_json(version.prices)
            price = price_of(prices, energy_wh=row.energy_wh, duration_s=duration_s, currency=currency)
            assert (row.cost, row.currency) == (price.total, currency)
        assert used == set(versions)


async def history_lies_in_the_past_and_meters_grow(world: DemoWorld, database: Database) -> None:
    order = (col(Transaction.station_id), col(Transaction.evse_number), col(Transaction.started_at))
    with platform_scope():
        async with database.reading() as session:
            transactions = (await session.scalars(select(Transaction).order_by(*order))).all()
            open_troubles = await session.scalar(select(func.count()).where(col(StationEvent.resolved_at).is_(None)))
            latest = await session.scalar(select(func.max(col(MeterValue.sampled_at))))
    assert open_troubles == 0
    assert latest is not None
    assert latest <= NOW
    for before, after in pairwise(transactions):
        assert after.ended_at is not None
        assert after.ended_at <= NOW
        if (before.station_id, before.evse_number) == (after.station_id, after.evse_number):
            assert before.ended_at is not None
            assert before.ended_at < after.started_at
            assert before.end_energy_wh == after.start_energy_wh
    assert all(row.ocpp_id for row in transactions)
    registers = {evse["register_wh"] for station in world.stations for evse in station.plan["evses"]}
    assert registers <= {row.end_energy_wh for row in transactions}


async def people_can_sign_in(world: DemoWorld, committer: Committer, database: Database, clock: ManualClock) -> None:
    green = world.tenants[0]
    for person in green.people:
        with tenant_scope(green.id):
            step = await Entrance(committer, database, clock, KEY).sign_in(
                Door(green.id), person.email, person.password
            )
            async with database.reading() as session:
                actor = await actor_for_token(session, step.token, green.id, clock.now())
        assert actor is not None
        assert actor.role == person.role
        assert allowed(actor, Permission.STATIONS_CONTROL) is (person.role != "viewer")


async def cards_are_judged(world: DemoWorld, database: Database) -> None:
    green, blue = world.tenants
    expected = {
        token_values(GREEN_ENERGY)[0]: "Accepted",
        lost_token(GREEN_ENERGY): "Blocked",
        lapsed_token(GREEN_ENERGY): "Expired",
        token_values(BLUE_WAVE)[0]: "Invalid",
    }
    with tenant_scope(green.id):
        async with database.reading() as session:
            said = {value: (await decide(session, value, NOW)).status for value in expected}
    assert said == expected
    assert blue.id != green.id


# ---- without a database


def sessions(hardware=HYPER_300, seed=3):
    return past_sessions(random.Random(seed), hardware, 1.0, ["A", "B"], "Europe/Berlin", NOW)


def test_history_repeats_for_the_same_seed() -> None:
    assert sessions() == sessions()
    assert sessions() != sessions(seed=4)


def test_history_has_rush_hours_weekends_and_growth() -> None:
    tale = [session for seed in range(30) for session in sessions(POST_22, seed)]
    by_hour = Counter((session.started_at + timedelta(hours=2)).hour for session in tale)
    assert by_hour[8] + by_hour[18] > 4 * (by_hour[3] + by_hour[23])
    by_week = Counter((NOW - session.started_at).days // 7 for session in tale)
    assert by_week[1] > 1.15 * by_week[6]
    weekend = sum(session.started_at.weekday() >= 5 for session in tale)
    assert weekend / 2 < (len(tale) - weekend) / 5


@pytest.mark.parametrize("hardware", [POST_22, HYPER_300])
def test_power_stays_within_the_hardware(hardware) -> None:
    for session in sessions(hardware):
        mean_w = session.energy_wh * 3600 / session.charging_s
        assert 0 < mean_w <= hardware.max_power_w
        assert session.charging_s <= session.duration_s


@pytest.mark.parametrize("hardware", [POST_22, HYPER_300])
def test_curve_integrates_to_the_energy_of_the_session(hardware) -> None:
    session = sessions(hardware)[5]
    points = curve_of(session, hardware, 10, 100_000)
    assert points[-1].energy_wh == session.energy_wh
    assert points[-1].at == session.ended_at
    assert all(before.energy_wh <= after.energy_wh for before, after in pairwise(points))
    integral_wh = sum(
        (before.power_w + after.power_w) / 2 * (after.at - before.at).total_seconds() / 3600
        for before, after in pairwise(points)
    )
    assert integral_wh == pytest.approx(session.energy_wh, rel=0.03)


def test_passwords_are_long_and_their_own() -> None:
    passwords = {password_of(KEY, f"DE-{number}") for number in range(100)}
    assert len(passwords) == 100
    assert all(len(password) == 20 and password.isalnum() for password in passwords)
    assert password_of(b"another key", "DE-1") not in passwords


def test_notes_say_what_to_open_and_how_to_sign_in() -> None:
    from csms.jobs.demo.seed import _stations, _tenant

    world = DemoWorld(
        tuple(_tenant(scene, 1, KEY) for scene in (GREEN_ENERGY, BLUE_WAVE)),
        tuple(station for scene in (GREEN_ENERGY, BLUE_WAVE) for station in _stations(scene, KEY, {})),
    )
    notes = demo_notes(world, Settings(web_port=8181, ocpp_port=9191))
    assert "http://greenenergy.localhost:8181" in notes
    assert "http://bluewave.localhost:8181" in notes
    assert "ws://<this machine>:9191/ocpp/MY-CHARGER" in notes
    assert "green-admin-demo" in notes
    assert "24 simulated stations" in notes

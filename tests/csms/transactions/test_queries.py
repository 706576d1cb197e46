"""Lists, details, charts and sums of transactions, within one tenant and without reading all of history."""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from csms.errors import InvalidInputError, NotFoundError
from csms.live.loading import read_open_transactions
from csms.transactions import queries
from csms.transactions.meter import Moment
from csms.transactions.queries import TransactionQuery, TransactionRow
from csms.transactions.reports import TokenRef
from csms.work import Work
from models import Transaction
from models.db import Database
from models.scope import tenant_scope
from tests.csms.transactions.charger import T0, Charger
from tests.tenancy import SmallTenant, TwoTenants


@pytest.fixture
async def session(database: Database, two_tenants: TwoTenants) -> AsyncGenerator[AsyncSession]:
    with tenant_scope(two_tenants.green.id):
        async with database.reading() as reading:
            yield reading


async def add(charger: Charger, tenant: SmallTenant, rows: list[dict[str, Any]]) -> None:
    """History, written directly."""
    defaults = {
        "station_id": charger.ref.id,
        "location_id": tenant.location_id,
        "evse_number": 1,
        "is_open": False,
        "currency": tenant.currency,
    }

    async def unit(work: Work) -> None:
        for number, row in enumerate(rows):
            started_at = row["started_at"]
            values = {"start_key": f"{started_at}-{number}", "start_received_at": started_at} | defaults | row
            work.session().add(Transaction(**values))

    with tenant_scope(tenant.id):
        await charger.committer.run(unit)


async def found(session: AsyncSession, **options: Any) -> list[TransactionRow]:
    rows, _ = await queries.search_transactions(session, TransactionQuery(**options))
    return rows


async def test_a_page_of_history_and_of_what_runs(
    charger: Charger, blue_charger: Charger, session: AsyncSession, two_tenants: TwoTenants
):
    ended = await charger.start("Alpha", meter_wh=0)
    charger.clock.forward(600)
    await charger.stop(ended.transaction_id, meter_wh=3000)
    running = await charger.start("Beta", meter_wh=3000, evse=2)
    charger.clock.forward(60)
    await charger.meter(running.transaction_id, evse=2, energy_wh=4000)
    await blue_charger.start("Alpha")
    rows, total = await queries.search_transactions(session, TransactionQuery())
    assert total == 2
    assert [(row.id, row.energy_wh, row.cost, row.duration_s, row.is_open) for row in rows] == [
        (running.transaction_id, 1000, Decimal("0.30"), None, True),
        (ended.transaction_id, 3000, Decimal("0.90"), 600, False),
    ]
    assert (rows[0].station_identity, rows[0].location_name) == (charger.ref.identity, "Green yard")
    assert [row.id for row in await queries.open_transactions(session)] == [running.transaction_id]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"text": "alpha"}, [0]),
        ({"text": "GREEN-1", "descending": False}, [0, 1, 2]),
        ({"text": "wire-2"}, [2]),
        ({"text": "100%"}, []),
        ({"since": T0 + timedelta(hours=1), "descending": False}, [1, 2]),
        ({"until": T0 + timedelta(hours=1)}, [0]),
        ({"sort": "energy_wh"}, [1, 2, 0]),
        ({"sort": "cost"}, [2, 1, 0]),
        ({"is_open": True}, []),
        ({"station_id": -1}, []),
        ({"offset": 1, "limit": 1}, [1]),
    ],
)
async def test_search(
    charger: Charger, session: AsyncSession, two_tenants: TwoTenants, options: dict[str, Any], expected: list[int]
):
    costs, energies = (Decimal("2"), Decimal("9.5"), Decimal("10")), (1, 30, 20)
    rows = [
        {
            "started_at": T0 + timedelta(hours=number),
            "ended_at": T0 + timedelta(hours=number, minutes=5),
            "id_token": ("Alpha", "Beta", "Gamma")[number],
            "ocpp_id": f"wire-{number}",
            "cost": costs[number],
            "energy_wh": energies[number],
        }
        for number in range(3)
    ]
    await add(charger, two_tenants.green, rows)
    assert [int(row.ocpp_id[-1]) for row in await found(session, **options)] == expected


async def test_an_unknown_sort_says_what_there_is(session: AsyncSession):
    with pytest.raises(InvalidInputError, match="started_at"):
        await found(session, sort="tenant_id")


async def test_detail(charger: Charger, session: AsyncSession, two_tenants: TwoTenants, blue_charger: Charger):
    running = await charger.start(two_tenants.green.token, meter_wh=1000)
    charger.clock.forward(60)
    await charger.meter(running.transaction_id, energy_wh=2000, power_w=7000.0, soc_percent=40.0)
    detail = await queries.transaction_detail(session, running.transaction_id)
    assert (detail.row.energy_wh, detail.latest.power_w, detail.latest.soc_percent) == (1000, 7000.0, 40.0)
    assert (detail.driver_name, detail.tariff_name, detail.start_energy_wh) == ("Ada Example", "Standard", 1000)
    assert detail.price is not None
    assert [part.kind for part in detail.price.parts] == ["energy"]
    charger.clock.forward(60)
    await charger.stop(running.transaction_id, meter_wh=3000, token=TokenRef("OTHER"))
    await session.rollback()  # a new look at the database
    detail = await queries.transaction_detail(session, running.transaction_id)
    assert (detail.energy_source, detail.end_energy_wh, detail.stop_id_token) == ("registers", 3000, "OTHER")
    assert detail.price is not None
    assert detail.price.total == detail.row.cost == Decimal("0.60")
    theirs = await blue_charger.start("X")
    with pytest.raises(NotFoundError):
        await queries.transaction_detail(session, theirs.transaction_id)


async def test_a_series_is_thinned_and_keeps_both_ends(charger: Charger, session: AsyncSession):
    running = await charger.start("CARD", meter_wh=0)
    moments = [Moment(T0 + timedelta(seconds=10 * n), energy_wh=n * 20, power_w=7200.0) for n in range(1, 1001)]
    charger.clock.forward(20_000)
    await charger.meters(running.transaction_id, moments)
    points = await queries.meter_series(session, running.transaction_id, max_points=100)
    assert 100 <= len(points) <= 102
    assert (points[0].transaction_energy_wh, points[-1].transaction_energy_wh) == (20, 20_000)
    assert [point.sampled_at for point in points] == sorted(point.sampled_at for point in points)
    whole = await queries.meter_series(session, running.transaction_id, max_points=1000)
    assert len(whole) == 1000


async def test_a_series_works_out_power_that_was_never_said(charger: Charger, session: AsyncSession):
    running = await charger.start("CARD", meter_wh=0)
    for energy_wh in (100, 200, 500):
        charger.clock.forward(60)
        await charger.meter(running.transaction_id, energy_wh=energy_wh)
    points = await queries.meter_series(session, running.transaction_id)
    assert [point.power_w for point in points] == [None, 6000.0, 18_000.0]


async def test_days_are_local_days(charger: Charger, session: AsyncSession, two_tenants: TwoTenants):
    """Across the end of summer time in Berlin, the night of 25 October 2026."""
    starts = [
        datetime(2026, 10, 24, 21, 59, 59, 900_000, UTC),
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 22, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
        datetime(2026, 10, 27, 12, 0, tzinfo=UTC),
    ]
    rows = [
        {"started_at": at, "ended_at": at + timedelta(hours=1), "energy_wh": 1000 + n, "cost": Decimal("0.1") * n}
        for n, at in enumerate(starts)
    ]
    await add(charger, two_tenants.green, rows)
    since = datetime(2026, 10, 23, 22, tzinfo=UTC)
    days = await queries.daily_energy(session, since, "Europe/Berlin")
    assert [(day.day, day.energy_wh, day.sessions, day.revenue) for day in days] == [
        (date(2026, 10, 24), 1000, 1, Decimal("0")),
        (date(2026, 10, 25), 2003, 2, Decimal("0.3")),
        (date(2026, 10, 26), 1003, 1, Decimal("0.3")),
        (date(2026, 10, 27), 1004, 1, Decimal("0.4")),
    ]
    kathmandu = await queries.daily_energy(session, since, "Asia/Kathmandu", until=starts[3])
    assert [day.sessions for day in kathmandu] == [0, 2, 1]


QUERIES: dict[str, Callable[[AsyncSession], Any]] = {
    "open": queries.open_transactions,
    "page": lambda session: queries.search_transactions(session, TransactionQuery()),
    "station": lambda session: queries.search_transactions(session, TransactionQuery(station_id=1)),
    "detail": lambda session: queries.transaction_detail(session, 1),
    "series": lambda session: queries.meter_series(session, 1),
    "latest": lambda session: queries.latest_meter(session, [1, 2, 3]),
    "board": lambda session: read_open_transactions(session, [1, 2]),
    "days": lambda session: queries.daily_energy(session, T0, "Europe/Berlin"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUERIES)
async def test_no_query_reads_a_whole_table(
    charger: Charger, session: AsyncSession, two_tenants: TwoTenants, name: str
):
    """By SQLite's query plans; PostgreSQL rightly scans tables as small as these."""
    running = await charger.start("CARD")
    await charger.meter(running.transaction_id, energy_wh=5)
    statements: list[tuple[str, Any]] = []
    engine = charger.database.reader.sync_engine

    def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", listen)
    await QUERIES[name](session)
    event.remove(engine, "before_cursor_execute", listen)
    connection = await session.connection()
    for statement, parameters in statements:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [row[3] for row in plan]
        scans = [step for step in steps if step.startswith("SCAN") and _is_large(step)]
        assert not scans, (steps, text(statement))
        of_meter = [step for step in steps if step.startswith("SEARCH meter_value")]
        assert all(BY_MOMENT in step or BY_ID in step for step in of_meter), (steps, text(statement))


BY_MOMENT = "(station_id=? AND evse_number=? AND sampled_at>? AND sampled_at<?)"
BY_ID = "USING INTEGER PRIMARY KEY"


def _is_large(step: str) -> bool:
    return step.split()[1] in ("transaction", "meter_value", "meter_value_1")

"""None of a transaction's meter values gets lost from sight, whatever the clock and the EVSE they came with."""

from datetime import datetime, timedelta

import pytest

from csms.transactions import queries
from csms.transactions.meter import Moment
from csms.transactions.queries import LatestMeter, MeterPoint
from models import Transaction
from models.scope import tenant_scope
from tests.csms.transactions.charger import T0, Charger

YEARS_AGO = T0 - timedelta(days=1500)


async def series(charger: Charger, transaction_id: int) -> list[MeterPoint]:
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            return await queries.meter_series(session, transaction_id)


async def times(charger: Charger, transaction_id: int) -> list[datetime]:
    return [point.sampled_at for point in await series(charger, transaction_id)]


async def latest(charger: Charger, transaction_id: int) -> LatestMeter:
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            return (await queries.latest_meter(session, [transaction_id]))[transaction_id]


@pytest.mark.parametrize("restart", [False, True])
async def test_samples_of_a_clock_that_is_set_on_the_way(charger: Charger, restart: bool):
    running = await charger.start("CARD", meter_wh=0)
    expected: list[datetime] = []
    for minute, clock in enumerate([YEARS_AGO, YEARS_AGO, T0, T0, T0 - timedelta(hours=3)]):
        expected.append(clock + timedelta(minutes=minute))
        await charger.meters(running.transaction_id, [Moment(expected[-1], energy_wh=minute, power_w=1.0)])
        if restart:
            charger.restart_server()
    assert await times(charger, running.transaction_id) == sorted(expected)
    assert (await latest(charger, running.transaction_id)).sampled_at == expected[3]
    late = Moment(T0 + timedelta(hours=20), energy_wh=9)
    await charger.stop(running.transaction_id, meter_wh=9, at=T0, moments=[late])  # before its last sample
    assert await times(charger, running.transaction_id) == [*sorted(expected), late.sampled_at]


@pytest.mark.parametrize("restart", [False, True])
async def test_samples_that_come_long_after_the_end(charger: Charger, restart: bool):
    ended = await charger.start("CARD", meter_wh=0)
    await charger.stop(ended.transaction_id, meter_wh=0)
    running = await charger.start("NEXT", meter_wh=0)
    expected = [YEARS_AGO, T0 - timedelta(hours=2), T0 + timedelta(hours=20)]
    for at in reversed(expected):
        if restart:
            charger.restart_server()
        await charger.meters(ended.transaction_id, [Moment(at, power_w=1.0)], evse=2)
    assert await times(charger, ended.transaction_id) == expected
    assert {row.evse_number for row in await charger.meter_values()} == {1}
    assert await series(charger, running.transaction_id) == []
    await charger.stop(ended.transaction_id, meter_wh=1)  # a second end forgets none of it
    assert await times(charger, ended.transaction_id) == expected


async def test_an_old_sample_announces_no_progress(charger: Charger, told: list[object]):
    running = await charger.start("CARD", meter_wh=0)
    await charger.meter(running.transaction_id, energy_wh=5)
    before = len(told)
    await charger.meters(running.transaction_id, [Moment(YEARS_AGO, energy_wh=1)])
    assert len(told) == before
    assert len(await series(charger, running.transaction_id)) == 2


@pytest.mark.parametrize("restart", [False, True])
async def test_e03_samples_from_before_the_evse_was_known(charger: Charger, restart: bool):
    at = [T0 + timedelta(minutes=minute) for minute in range(4)]
    charger.clock.forward(300)
    await charger.meters(None, [Moment(at[1], power_w=7000.0, soc_percent=30.0), Moment(at[1], "Trigger")])
    await charger.meters(None, [Moment(at[2], energy_wh=900_000)], evse=0)  # the main meter's
    early = [Moment(at[0], energy_wh=100, power_w=3000.0), Moment(at[1], energy_wh=200, power_w=3500.0)]
    await charger.event("Started", "tx", 0, evse_number=None, at=at[0], moments=early)
    if restart:
        charger.restart_server()
    await charger.event("Updated", "tx", 1, evse_number=1, at=at[3], moments=[Moment(at[3], energy_wh=300)])
    [transaction] = await charger.all(Transaction)
    assert await series(charger, transaction.id) == [
        (at[0], 3000.0, 0, None),
        (at[1], 3500.0, 100, 30.0),
        (at[3], None, 200, None),
    ]
    places = sorted((row.evse_number, row.sampled_at, row.transaction_id or 0) for row in await charger.meter_values())
    mine = transaction.id
    assert places == [(0, at[2], 0), (1, at[0], mine), (1, at[1], 0), (1, at[1], mine), (1, at[3], mine)]
    charger.restart_server()
    assert (await latest(charger, transaction.id)).energy_wh == 200


async def test_tenants_do_not_see_each_others_samples(charger: Charger, blue_charger: Charger):
    running = await charger.start("CARD", meter_wh=0)
    await charger.meter(running.transaction_id, energy_wh=5)
    assert await series(blue_charger, running.transaction_id) == []

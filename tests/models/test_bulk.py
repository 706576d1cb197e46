"""Many rows by few statements: the same rows on both databases as one by one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from csms.clock import ManualClock
from csms.transactions.meter import Moment
from csms.transactions.rows import MERGE_METER_VALUE, meter_row
from models import Driver, Frame, MeterValue, TenantHost
from models.bulk import Row
from models.db import Database
from models.scope import platform_scope
from tests.tenancy import TwoTenants

INSERT_FRAME: Executable = Frame.__table__.insert()
RENAME = (
    update(Driver.__table__)
    .where(Driver.__table__.c.id == bindparam("of_id"), Driver.__table__.c.name == "Ada Example")
    .values(name=bindparam("new_name"))
)


def frame(number: int, tenants: TwoTenants, clock: ManualClock) -> Row:
    return {
        "tenant_id": tenants.green.id,
        "station_id": tenants.green.station.id,
        "at": clock.now(),
        "from_station": True,
        "message_id": str(number),
        "action": "Heartbeat",
        "text": "ü",
        "answer_text": None,
        "outcome": "result",
        "latency_ms": 1.5,
        "cause_id": None,
    }


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 200])
async def test_every_row_arrives_once_and_in_order(
    database: Database, two_tenants: TwoTenants, clock: ManualClock, count: int
) -> None:
    await database.commit({INSERT_FRAME: [frame(number, two_tenants, clock) for number in range(count)]})
    with platform_scope():
        async with database.reading() as session:
            found = (await session.scalars(select(Frame).order_by(col(Frame.id)))).all()
    assert [row.message_id for row in found] == [str(number) for number in range(count)]
    assert (found[0].at, found[0].text, found[0].latency_ms) == (clock.now(), "ü", 1.5)


async def test_updates_keep_the_constants_of_their_statement(database: Database, two_tenants: TwoTenants) -> None:
    ids = [two_tenants.green.driver_id, two_tenants.blue.driver_id]
    await database.commit({RENAME: [{"of_id": i, "new_name": f"D{i}"} for i in ids]})
    await database.commit({RENAME: [{"of_id": i, "new_name": "no longer Ada"} for i in ids]})
    with platform_scope():
        async with database.reading() as session:
            assert set((await session.scalars(select(Driver.name))).all()) == {f"D{i}" for i in ids}


async def test_one_bad_row_keeps_none(database: Database, two_tenants: TwoTenants) -> None:
    insert = TenantHost.__table__.insert()
    rows = [{"hostname": name, "tenant_id": two_tenants.green.id} for name in ("bulk-a", "bulk-b", "bulk-a")]
    with pytest.raises(IntegrityError):
        await database.commit({insert: rows})
    await database.drop_writing()
    async with database.reading() as session:
        names = (await session.scalars(select(TenantHost.hostname))).all()
    assert not any(name.startswith("bulk") for name in names)


def meter_value(moment: datetime, tenants: TwoTenants, **measured: Any) -> Row:
    reading = Moment(moment, **measured)
    return meter_row(tenants.green.station, 1, None, reading, moment, None, None)


async def test_meter_values_of_one_commit_are_stored_and_merged(
    database: Database, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    """Many at once, and two of one moment in the same commit: the second completes the first."""
    statement = MERGE_METER_VALUE["sqlite" if database.is_sqlite else "postgresql"]
    moments = [clock.now() + timedelta(seconds=number) for number in range(40)]
    rows = [meter_value(at, two_tenants, energy_wh=7, power_w=1.5, other=[{"value": "ü"}, 1]) for at in moments]
    await database.commit({statement: rows})
    twice = [meter_value(moments[0], two_tenants, energy_wh=9), meter_value(moments[0], two_tenants, soc_percent=80.0)]
    await database.commit({statement: twice})
    with platform_scope():
        async with database.reading() as session:
            found = (await session.scalars(select(MeterValue).order_by(col(MeterValue.id)))).all()
    assert [row.sampled_at for row in found] == moments
    assert (found[0].energy_wh, found[0].power_w, found[0].soc_percent) == (9, 1.5, 80.0)
    assert (found[1].energy_wh, found[1].other, found[1].seq_no) == (7, [{"value": "ü"}, 1], None)

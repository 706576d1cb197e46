"""Many rows by few statements: the same rows on both databases as one by one."""

import pytest
from sqlalchemy import Executable, bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from csms.clock import ManualClock
from models import Driver, Frame, TenantHost
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

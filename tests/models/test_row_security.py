"""PostgreSQL itself keeps tenants apart, also from SQL that never met the scope guard."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from csms.work import Committer, Work
from models import Driver
from models.base import TenantScoped, metadata
from models.db import Database
from models.row_security import is_held_back
from models.scope import platform_scope, tenant_scope
from tests.tenancy import LONG_AGO, TwoTenants

COUNT = text("SELECT count(*) FROM driver")


# SQLite has no such thing.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_every_tenant_owned_table_is_protected(database: Database, two_tenants: TwoTenants) -> None:
    query = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    async with database.writer.connect() as connection:
        protected = set((await connection.scalars(query)).all())
        assert await is_held_back(connection)
    owned = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in TenantScoped._sa_registry.mappers  # type: ignore[attr-defined]
        if issubclass(mapper.class_, TenantScoped)
    }
    assert owned <= set(metadata.tables)
    assert owned == protected


async def test_raw_sql_sees_the_tenant_in_scope_alone(database: Database, two_tenants: TwoTenants) -> None:
    async def count() -> int:
        async with database.reader.connect() as connection:
            return (await connection.scalar(COUNT)) or 0

    assert await count() == 0, "no scope, no rows"
    with tenant_scope(two_tenants.green.id):
        assert await count() == 1
    with platform_scope():
        assert await count() == 2
    with tenant_scope(2**31 - 1):
        assert await count() == 0


async def test_a_session_follows_the_scope(database: Database, two_tenants: TwoTenants) -> None:
    async with database.reading() as session:
        for tenant in (two_tenants.green, two_tenants.blue, two_tenants.green):
            with tenant_scope(tenant.id):
                assert (await session.scalars(select(Driver.tenant_id))).all() == [tenant.id]
                assert await session.scalar(COUNT) == 1
        with platform_scope():
            assert await session.scalar(COUNT) == 2


async def test_another_tenants_row_cannot_be_written(database: Database, two_tenants: TwoTenants) -> None:
    green, blue = two_tenants.green, two_tenants.blue
    values = {"tenant": blue.id, "at": LONG_AGO}
    insert = text("INSERT INTO driver (tenant_id, name, created_at) VALUES (:tenant, 'Mallory', :at)")
    with tenant_scope(green.id):
        async with AsyncSession(database.reader) as session:
            with pytest.raises(DBAPIError, match="row-level security"):
                await session.execute(insert, values)
        async with AsyncSession(database.reader) as session:
            changed = await session.execute(
                text("UPDATE driver SET name = 'Mallory' WHERE tenant_id = :tenant"), values
            )
            assert changed.rowcount == 0  # type: ignore[attr-defined]


async def test_units_of_one_commit_each_see_their_own(
    database: Database, committer: Committer, two_tenants: TwoTenants
) -> None:
    async def look(work: Work) -> int:
        [[number]] = await work.read(COUNT, {})
        assert await work.session().scalar(COUNT) == number
        return int(number)

    async def fail(work: Work) -> None:
        await look(work)
        raise ValueError("taken back")

    async def run(tenant_id: int | None, unit: object = look) -> int:
        with tenant_scope(tenant_id) if tenant_id else platform_scope():
            return await committer.run(unit)  # type: ignore[arg-type]

    green, blue = two_tenants.green.id, two_tenants.blue.id
    for _ in range(2):
        assert [await run(green), await run(None), await run(blue)] == [1, 2, 1]
        with pytest.raises(ValueError, match="taken back"):
            await run(blue, fail)
        assert await run(green) == 1

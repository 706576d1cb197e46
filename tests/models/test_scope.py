"""Forgetting the tenant is an error (DESIGN section 3, rule 3)."""

import pytest
from sqlalchemy import delete, func, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from csms.clock import ManualClock
from csms.work import Committer, Work
from models import Driver, MeterValue, Tenant
from models.db import Database
from models.scope import TenantScopeError, current_tenant_id, platform_scope, tenant_scope
from tests.tenancy import TwoTenants

TOUCHING = [
    select(Driver),
    select(Driver.name),
    select(Tenant).join(Driver, col(Driver.tenant_id) == col(Tenant.id)),
    select(func.count()).select_from(Driver),
    select(Tenant.name).where(col(Tenant.id).in_(select(Driver.tenant_id))),
    update(Driver).values(name="x"),
    delete(Driver),
]


@pytest.mark.parametrize("statement", TOUCHING, ids=str)
async def test_statement_without_tenant_raises(database: Database, two_tenants: TwoTenants, statement) -> None:
    async with database.reading() as session:
        with pytest.raises(TenantScopeError):
            await session.execute(statement)


async def test_other_tenants_rows_do_not_exist(database: Database, two_tenants: TwoTenants) -> None:
    other = two_tenants.blue.driver_id
    again = aliased(Driver)
    with tenant_scope(two_tenants.green.id):
        async with database.reading() as session:
            assert await session.get(Driver, other) is None
            assert (await session.scalars(select(Driver.id))).all() == [two_tenants.green.driver_id]
            assert (await session.scalars(select(again.id))).all() == [two_tenants.green.driver_id]
            joined = select(Tenant.key).join(Driver, col(Driver.tenant_id) == col(Tenant.id))
            assert (await session.scalars(joined)).all() == ["green"]
            assert await session.scalar(select(func.count()).select_from(Driver)) == 1


async def test_update_reaches_only_own_rows(database: Database, committer: Committer, two_tenants: TwoTenants) -> None:
    async def rename(work: Work) -> None:
        await work.session().execute(update(Driver).values(name="renamed"))

    with tenant_scope(two_tenants.green.id):
        await committer.run(rename)
    with platform_scope():
        async with database.reading() as session:
            names = {d.tenant_id: d.name for d in await session.scalars(select(Driver))}
    assert names == {two_tenants.green.id: "renamed", two_tenants.blue.id: "Ada Example"}


async def test_new_row_gets_the_scopes_tenant(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    async def add(work: Work) -> None:
        work.session().add(Driver(name="Grace", created_at=clock.now()))

    with tenant_scope(two_tenants.blue.id):
        await committer.run(add)
        async with database.reading() as session:
            assert "Grace" in (await session.scalars(select(Driver.name))).all()


async def test_row_of_another_tenant_is_refused(
    committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    async def add(work: Work) -> None:
        work.session().add(Driver(tenant_id=two_tenants.blue.id, name="Eve", created_at=clock.now()))

    def append(work: Work) -> None:
        work.append(MeterValue, {"tenant_id": two_tenants.blue.id})

    for unit in (add, append):
        with tenant_scope(two_tenants.green.id), pytest.raises(TenantScopeError):
            await committer.run(unit)
        with pytest.raises(TenantScopeError):
            await committer.run(unit)


def test_current_tenant_must_be_one() -> None:
    with pytest.raises(TenantScopeError):
        current_tenant_id()
    with platform_scope(), pytest.raises(TenantScopeError):
        current_tenant_id()
    with tenant_scope(7):
        assert current_tenant_id() == 7

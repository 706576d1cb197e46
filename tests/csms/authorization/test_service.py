"""Tokens: judged within the tenant, whatever their case; blocking outranks dates."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from csms.authorization.service import Decision, create_driver, create_id_token, decide
from csms.clock import ManualClock
from csms.work import Committer
from models import IdTokenStatus
from models.db import Database
from models.scope import TenantScopeError, tenant_scope
from tests.tenancy import SmallTenant, TwoTenants


async def judged(database: Database, tenant: SmallTenant, value: str, clock: ManualClock) -> Decision:
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            return await decide(session, value, clock.now())


async def test_x16_10_case_does_not_matter(database: Database, two_tenants: TwoTenants, clock: ManualClock) -> None:
    decision = await judged(database, two_tenants.green, two_tenants.green.token.lower(), clock)
    assert (decision.status, decision.accepted) == ("Accepted", True)
    assert decision.driver_id == two_tenants.green.driver_id


async def test_another_tenants_token_is_invalid(
    database: Database, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    assert (await judged(database, two_tenants.blue, two_tenants.green.token, clock)) == Decision("Invalid")


async def test_a_blocked_token_is_blocked(database: Database, two_tenants: TwoTenants, clock: ManualClock) -> None:
    decision = await judged(database, two_tenants.green, two_tenants.green.blocked_token, clock)
    assert (decision.status, decision.accepted) == ("Blocked", False)


async def test_dates_and_blocking(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    green, tomorrow = two_tenants.green, clock.now() + timedelta(days=1)
    with tenant_scope(green.id):
        driver = await committer.run(lambda work: create_driver(work.session(), name="Bo", now=clock.now()))
        for value, status in (("Soon", IdTokenStatus.ACCEPTED), ("Never", IdTokenStatus.BLOCKED)):
            await committer.run(
                lambda work, value=value, status=status: create_id_token(
                    work.session(),
                    value,
                    now=clock.now(),
                    driver_id=driver.id,
                    group="FLEET",
                    status=status,
                    expires_at=tomorrow,
                )
            )
    before = await judged(database, green, "SOON", clock)
    assert (before.status, before.group, before.expires_at) == ("Accepted", "FLEET", tomorrow)
    clock.forward(86_400)
    assert (await judged(database, green, "SOON", clock)).status == "Expired"
    assert (await judged(database, green, "NEVER", clock)).status == "Blocked"


async def test_the_same_value_twice_is_refused_within_a_tenant_only(
    committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    value = two_tenants.green.token.swapcase()
    with tenant_scope(two_tenants.blue.id):
        await committer.run(lambda work: create_id_token(work.session(), value, now=clock.now()))
    with tenant_scope(two_tenants.green.id), pytest.raises(IntegrityError):
        await committer.run(lambda work: create_id_token(work.session(), value, now=clock.now()))


async def test_without_a_tenant_nothing_is_judged(
    database: Database, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    async with database.reading() as session:
        with pytest.raises(TenantScopeError):
            await decide(session, two_tenants.green.token, clock.now())

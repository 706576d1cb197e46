"""Tokens: judged within the tenant, whatever their case; blocking outranks dates."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from csms.authorization.service import Decision, create_driver, create_id_token, decide, set_policy
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


async def add_token(committer: Committer, tenant: SmallTenant, value: str, clock: ManualClock, **columns: Any) -> None:
    with tenant_scope(tenant.id):
        await committer.run(lambda work: create_id_token(work.session(), value, now=clock.now(), **columns))


async def status_of(
    database: Database, tenant: SmallTenant, value: str, clock: ManualClock, type: str = "", station: Any = None
) -> str:
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            return (await decide(session, value, clock.now(), type=type, station=station)).status


async def test_c_02_value_and_type_must_fit(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    green = two_tenants.green
    await add_token(committer, green, "4711", clock, type="KeyCode")
    await add_token(committer, green, "4711", clock, type="ISO14443", status=IdTokenStatus.BLOCKED)
    await add_token(committer, green, "0815", clock, type="")
    assert await status_of(database, green, "4711", clock, "KeyCode") == "Accepted"
    assert await status_of(database, green, "4711", clock, "ISO14443") == "Blocked"
    assert await status_of(database, green, "4711", clock, "Central") == "Invalid"
    assert await status_of(database, green, "4711", clock) == "Blocked"  # 1.6: most likely a card
    assert await status_of(database, green, "0815", clock, "MacAddress") == "Accepted"
    assert await status_of(database, two_tenants.blue, "4711", clock, "KeyCode") == "Invalid"


async def test_credit_and_place(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    green, blue = two_tenants.green, two_tenants.blue
    await add_token(committer, green, "EMPTY", clock, status=IdTokenStatus.NO_CREDIT)
    await add_token(committer, green, "HERE", clock, location_ids=[green.location_id])
    await add_token(committer, green, "THERE", clock, location_ids=[green.location_id + 1000])
    assert await status_of(database, green, "EMPTY", clock) == "NoCredit"
    assert await status_of(database, green, "HERE", clock, station=green.station) == "Accepted"
    assert await status_of(database, green, "THERE", clock, station=green.station) == "NotAtThisLocation"
    assert await status_of(database, green, "THERE", clock) == "Accepted"
    assert await status_of(database, blue, "HERE", clock, station=blue.station) == "Invalid"


async def test_the_policy_of_a_tenant_is_its_own(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    green, blue = two_tenants.green, two_tenants.blue
    for allow in (True, False):  # set twice, one row
        with tenant_scope(green.id):
            await committer.run(
                lambda work, allow=allow: set_policy(
                    work.session(), allow_concurrent=allow, master_pass_group="MASTERS", free_vend=True
                )
            )
    await add_token(committer, green, "MASTER", clock, group="MASTERS")
    await add_token(committer, green, "MANY", clock, allow_concurrent=True)
    assert (await judged(database, green, green.token, clock)).exclusive
    assert not (await judged(database, green, "MASTER", clock)).exclusive
    assert not (await judged(database, green, "MANY", clock)).exclusive
    assert not (await judged(database, blue, blue.token, clock)).exclusive
    identity = green.station.identity.lower()
    assert await status_of(database, green, identity, clock, station=green.station) == "Accepted"
    assert await status_of(database, green, identity, clock, station=green.stations[1]) == "Invalid"
    assert await status_of(database, blue, blue.station.identity, clock, station=blue.station) == "Invalid"


async def test_a_token_without_a_value_gets_a_short_one(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    with tenant_scope(two_tenants.green.id):
        token = await committer.run(lambda work: create_id_token(work.session(), None, now=clock.now()))
    assert 12 <= len(token.value) <= 16
    assert (await judged(database, two_tenants.green, token.value, clock)).accepted

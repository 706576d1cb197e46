"""What limits count: energy, money and sessions of a token, a driver and a group, in both databases."""

from decimal import Decimal
from typing import Any

from sqlalchemy import update

from csms.authorization.decision import decide
from csms.authorization.limits import Allotment, Limits, Use
from csms.transactions.overrun import overrun
from csms.transactions.use import Beginning, Books, books_of, use_of
from csms.work import Work
from models import Driver, IdToken, Transaction
from models.scope import tenant_scope
from tests.csms.transactions.charger import Charger
from tests.tenancy import TwoTenants


async def used(charger: Charger, kind: Any, key: Any, beginning: Beginning | None = None) -> Use:
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            books = await books_of(session, charger.ref.tenant_id)
            return await use_of(session, Allotment(kind, key, Limits()), charger.clock.now(), books, beginning)


async def change(charger: Charger, model: Any, **values: Any) -> None:
    async def unit(work: Work) -> None:
        await work.session().execute(update(model).values(**values))

    with tenant_scope(charger.ref.tenant_id):
        await charger.committer.run(unit)


async def token_id(charger: Charger, value: str) -> int:
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            return (await decide(session, value, charger.clock.now())).id_token_id or 0


async def test_what_ended_and_what_runs_is_counted_once(charger: Charger, two_tenants: TwoTenants) -> None:
    green = two_tenants.green
    await change(charger, IdToken, group="CREW")
    whose = [("token", await token_id(charger, green.token)), ("driver", green.driver_id), ("group", "CREW")]
    first = await charger.start(green.token, meter_wh=0)
    charger.clock.forward(3600)
    await charger.stop(first.transaction_id, meter_wh=5_000)
    second = await charger.start(green.token, meter_wh=5_000)
    charger.clock.forward(600)
    await charger.meter(second.transaction_id, energy_wh=6_000)
    expected = Use(1, 6_000, 6_000, Decimal("1.80"), Decimal("1.80"))
    for kind, key in whose:
        assert await used(charger, kind, key) == expected, kind
    here = Beginning(charger.ref.id, 1, second.transaction_id)
    assert await used(charger, "token", whose[0][1], here) == Use(0, 5_000, 5_000, Decimal("1.50"), Decimal("1.50"))
    with tenant_scope(two_tenants.blue.id):
        async with charger.database.reading() as session:
            nothing = await use_of(
                session, Allotment("group", "CREW", Limits()), charger.clock.now(), Books("UTC", "EUR")
            )
    assert nothing == Use()


async def test_a_session_belongs_to_the_day_it_began(charger: Charger, two_tenants: TwoTenants) -> None:
    green = two_tenants.green
    begun = await charger.start(green.token, meter_wh=0)
    charger.clock.forward(24 * 3600)
    await charger.stop(begun.transaction_id, meter_wh=9_000)
    use = await used(charger, "driver", green.driver_id)
    assert (use.energy_day_wh, use.energy_month_wh, use.cost_day) == (0, 9_000, Decimal(0))
    charger.clock.forward(40 * 24 * 3600)
    assert await used(charger, "driver", green.driver_id) == Use()


async def test_money_of_another_currency_does_not_count(charger: Charger, two_tenants: TwoTenants) -> None:
    green = two_tenants.green
    begun = await charger.start(green.token, meter_wh=0)
    charger.clock.forward(3600)
    await charger.stop(begun.transaction_id, meter_wh=1_000)
    await change(charger, Transaction, currency="CHF")
    use = await used(charger, "driver", green.driver_id)
    assert (use.energy_day_wh, use.cost_day) == (1_000, Decimal(0))


async def test_a_running_session_meets_its_limit(charger: Charger, two_tenants: TwoTenants) -> None:
    green = two_tenants.green
    await change(charger, Driver, max_cost_day=Decimal("1.50"))
    begun = await charger.start(green.token, meter_wh=0)
    for energy_wh, reason in ((4_900, None), (5_000, "This driver has used its 1.50 EUR for today; ")):
        charger.clock.forward(1800)
        await charger.meter(begun.transaction_id, energy_wh=energy_wh)
        with tenant_scope(green.id):
            async with charger.database.reading() as session:
                verdict = await overrun(session, begun.transaction_id, charger.clock.now())
        assert verdict is not None
        assert verdict.is_limited
        assert (verdict.reason or "").startswith(reason or "")
        assert (verdict.reason is None) == (reason is None)
    await charger.stop(begun.transaction_id, meter_wh=5_000)
    again = await charger.start(green.token, meter_wh=5_000)
    assert again.decision.status == "NoCredit"
    await change(charger, Driver, max_cost_day=None)
    await change(charger, IdToken, max_energy_wh=10_000)
    with tenant_scope(green.id):
        async with charger.database.reading() as session:
            verdict = await overrun(session, again.transaction_id, charger.clock.now())
            gone = await overrun(session, begun.transaction_id, charger.clock.now())
    assert verdict is not None
    assert (verdict.is_limited, verdict.reason, gone) == (True, None, None)

"""Prepaid tokens and their limits; for two tenants, in both databases."""

from decimal import Decimal
from typing import Any

import pytest

from csms.authorization.prepaid import Allowance, allowance_of, set_allowance, take_from_credit, top_up
from csms.authorization.service import create_id_token, decide
from csms.errors import InvalidInputError, NotFoundError
from csms.work import Committer
from models.scope import tenant_scope
from tests.tenancy import LONG_AGO, SmallTenant, TwoTenants


async def do(committer: Committer, tenant: SmallTenant, verb: Any, *about: Any, **more: Any) -> Any:
    with tenant_scope(tenant.id):
        return await committer.run(lambda work: verb(work.session(), *about, **more))


async def test_credit_is_paid_in_and_taken(committer: Committer, two_tenants: TwoTenants):
    green, blue = two_tenants.green, two_tenants.blue
    ids = [(await do(committer, tenant, create_id_token, "PRE-1", now=LONG_AGO)).id for tenant in (green, blue)]
    assert await do(committer, green, allowance_of, "PRE-1") is None
    assert await do(committer, green, take_from_credit, "PRE-1", "", Decimal(1), "EUR") is False
    await do(committer, green, top_up, ids[0], Decimal("10.10"), "EUR")
    assert await do(committer, green, take_from_credit, "pre-1", "ISO14443", Decimal("10.05"), "EUR") is True
    assert await do(committer, green, take_from_credit, "PRE-1", "", Decimal("5"), "SGD") is False
    left = await do(committer, green, allowance_of, "PRE-1")
    assert left == Allowance(credit=Decimal("0.05"), credit_currency="EUR")
    decision = await do(committer, green, decide, "PRE-1", LONG_AGO)
    assert (decision.status, decision.exclusive, decision.cache_until) == ("Accepted", True, LONG_AGO)
    assert await do(committer, green, take_from_credit, "PRE-1", "", Decimal("0.05"), "EUR") is True
    assert (await do(committer, green, decide, "PRE-1", LONG_AGO)).status == "NoCredit"
    assert (await do(committer, blue, decide, "PRE-1", LONG_AGO)).status == "Accepted"
    with pytest.raises(NotFoundError):
        await do(committer, blue, top_up, ids[0], Decimal(1), "EUR")


async def test_limits_are_set_and_what_cannot_be_is_refused(committer: Committer, two_tenants: TwoTenants):
    green = two_tenants.green
    token = await do(committer, green, create_id_token, "LIMITED", now=LONG_AGO)
    await do(committer, green, set_allowance, token.id, max_cost=Decimal("7.50"), max_time_s=60)
    assert await do(committer, green, allowance_of, "LIMITED") == Allowance(Decimal("7.50"), None, 60)
    await do(committer, green, set_allowance, token.id)
    assert await do(committer, green, allowance_of, "LIMITED") is None
    with pytest.raises(InvalidInputError):
        await do(committer, green, set_allowance, token.id, max_energy_wh=0)
    with pytest.raises(InvalidInputError):
        await do(committer, green, top_up, token.id, Decimal("NaN"), "EUR")

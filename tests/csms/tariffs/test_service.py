"""Which tariff holds where, and since when; for two tenants."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from csms.errors import InvalidInputError, NotFoundError
from csms.tariffs.service import TariffChoice, add_version, create_tariff, tariff_for
from csms.work import Committer, Work
from models import Connector, Location
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import LONG_AGO, SmallTenant, TwoTenants

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def write(committer: Committer, tenant: SmallTenant, unit: Any) -> Any:
    with tenant_scope(tenant.id):
        return await committer.run(unit)


async def choice(database: Database, tenant: SmallTenant, at: datetime = NOW, evse: int = 1) -> TariffChoice | None:
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            return await tariff_for(session, tenant.station, evse, 1, at)


async def create(committer: Committer, tenant: SmallTenant, price: str) -> int:
    async def unit(work: Work) -> int | None:
        session = work.session()
        return (await create_tariff(session, "Other", "EUR", {"energy_per_kwh": price}, valid_from=LONG_AGO)).id

    return await write(committer, tenant, unit)


async def assign(committer: Committer, tenant: SmallTenant, model: Any, tariff_id: int) -> None:
    async def unit(work: Work) -> None:
        where = col(Connector.evse_number) == 1 if model is Connector else True
        await work.session().execute(update(model).where(where).values(tariff_id=tariff_id))

    await write(committer, tenant, unit)


async def test_connector_before_location_before_default(
    database: Database, committer: Committer, two_tenants: TwoTenants
):
    green, blue = two_tenants.green, two_tenants.blue
    found = await choice(database, green)
    assert found is not None
    assert (found.tariff_version_id, found.currency, found.name) == (green.tariff_version_id, "EUR", "Standard")
    await assign(committer, green, Location, await create(committer, green, "0.40"))
    await assign(committer, green, Connector, await create(committer, green, "0.50"))
    by_evse = [await choice(database, green, evse=evse) for evse in (1, 2)]
    assert [found and found.prices.energy_per_kwh for found in by_evse] == [Decimal("0.50"), Decimal("0.40")]
    other = await choice(database, blue)
    assert other is not None
    assert (other.tariff_version_id, other.currency) == (blue.tariff_version_id, "SGD")


async def test_the_version_is_the_newest_valid_at_the_moment(
    database: Database, committer: Committer, two_tenants: TwoTenants
):
    green = two_tenants.green

    async def raise_prices(work: Work) -> None:
        await add_version(work.session(), green.tariff_id, {"energy_per_kwh": "0.90"}, valid_from=NOW)

    await write(committer, green, raise_prices)
    before, after = await choice(database, green, NOW - timedelta(seconds=1)), await choice(database, green, NOW)
    assert before is not None
    assert after is not None
    assert (before.prices.energy_per_kwh, after.prices.energy_per_kwh) == (Decimal("0.30"), Decimal("0.90"))
    assert await choice(database, green, LONG_AGO - timedelta(days=1)) is None


async def test_what_cannot_be_a_tariff_is_refused(committer: Committer, two_tenants: TwoTenants):
    async def wrong_currency(work: Work) -> None:
        await create_tariff(work.session(), "x", "euro", {}, valid_from=NOW)

    async def another_tenant_s(work: Work) -> None:
        await add_version(work.session(), two_tenants.blue.tariff_id, {}, valid_from=NOW)

    with pytest.raises(InvalidInputError):
        await write(committer, two_tenants.green, wrong_currency)
    with pytest.raises(NotFoundError):
        await write(committer, two_tenants.green, another_tenant_s)

"""Tariffs in stations; for two tenants, in both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

from csms.tariffs.queries import station_tariffs, tariffs_in_use
from csms.tariffs.station_tariffs import TariffAssigned, TariffSent, note_cleared, note_report, note_sent
from csms.work import Committer
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import SmallTenant, TwoTenants

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def write(committer: Committer, tenant: SmallTenant, verb: Any, *about: Any) -> None:
    with tenant_scope(tenant.id):
        await committer.run(lambda work: verb(work, tenant.station, *about))


async def held(database: Database, tenant: SmallTenant) -> list[tuple[int, str]]:
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            return [(row.evse_number, row.tariff_id) for row in await tariffs_in_use(session, tenant.station.id)]


def sent(name: str, evse: int = 0, begins: datetime | None = None, status: str = "Accepted") -> TariffSent:
    return TariffSent({"tariffId": name, "currency": "EUR"}, status, evse, valid_from=begins)


async def test_what_replaces_what(database: Database, committer: Committer, two_tenants: TwoTenants):
    green, blue = two_tenants.green, two_tenants.blue
    await write(committer, blue, note_sent, sent("BLUE"), NOW)
    for tariff in (
        sent("ALL"),
        sent("ONE", 1),
        sent("LATER", 0, NOW + timedelta(days=1)),
        sent("NO", status="Rejected"),
    ):
        await write(committer, green, note_sent, tariff, NOW)
    assert await held(database, green) == [(0, "ALL"), (1, "ONE"), (0, "LATER")]
    await write(committer, green, note_sent, sent("SOONER", 0, NOW + timedelta(hours=1)), NOW)
    assert await held(database, green) == [(0, "ALL"), (1, "ONE"), (0, "SOONER")]
    await write(committer, green, note_sent, sent("NEW"), NOW)
    assert await held(database, green) == [(0, "NEW")]
    assert await held(database, blue) == [(0, "BLUE")]
    with tenant_scope(green.id):
        async with database.reading() as session:
            told = {row.tariff_id: row.state for row in await station_tariffs(session, green.station.id)}
    assert told["NO"] == "rejected"
    assert told["ONE"] == "replaced"


async def test_reports_and_clearing(database: Database, committer: Committer, two_tenants: TwoTenants):
    green, blue = two_tenants.green, two_tenants.blue
    for tenant in (green, blue):
        await write(committer, tenant, note_sent, sent("A", 1), NOW)
        await write(committer, tenant, note_sent, sent("B", 2), NOW)
    await write(committer, green, note_report, 1, [TariffAssigned("C", "DefaultTariff", (1,))], NOW)
    assert await held(database, green) == [(2, "B"), (1, "C")]
    await write(committer, green, note_cleared, ["B"], NOW, 1)
    assert await held(database, green) == [(2, "B"), (1, "C")]
    await write(committer, green, note_cleared, None, NOW)
    assert (await held(database, green), await held(database, blue)) == ([], [(1, "A"), (2, "B")])

"""What a tenant says of itself: kept, recorded, told to every process; the currency stays once there are sessions."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from csms.access.policy import Actor
from csms.clock import ManualClock
from csms.errors import ConflictError, InvalidInputError, PermissionDeniedError
from csms.tenants.directory import TenantDirectory
from csms.tenants.organisation import Organisation, change_organisation, has_transactions, organisation
from csms.work import Committer
from models import AuditEntry, Role, Transaction
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import LONG_AGO, SmallTenant, TwoTenants

WANTED = Organisation(
    name=" Green Energy ",
    locale="de-DE",
    time_zone="Europe/Vienna",
    currency="CHF",
    map_latitude=48.2,
    map_longitude=16.4,
    map_zoom=11,
    postal_address="Ring 1\n1010 Wien\n",
    legal_text="FN 1234",
    support_phone="+43  1 2345",
    support_email="Help@green.example",
)


def admin_of(tenant: SmallTenant, role: Role = Role.ADMIN) -> Actor:
    return Actor(None, "Ann", f"ann@{tenant.key}.example", tenant.id, role)


@pytest.fixture
async def directory(database: Database, two_tenants: TwoTenants) -> TenantDirectory:
    directory = TenantDirectory(database)
    await directory.load()
    return directory


async def test_it_is_kept_recorded_and_seen_everywhere(
    database: Database,
    committer: Committer,
    clock: ManualClock,
    two_tenants: TwoTenants,
    directory: TenantDirectory,
) -> None:
    elsewhere = TenantDirectory(database)
    await elsewhere.load()
    with tenant_scope(two_tenants.green.id):
        kept = await change_organisation(committer, directory, clock, admin_of(two_tenants.green), WANTED)
        async with database.reading() as session:
            assert await organisation(session, admin_of(two_tenants.green)) == kept
            [entry] = (await session.scalars(select(AuditEntry))).all()
    assert (kept.name, kept.postal_address, kept.support_phone, kept.support_email) == (
        "Green Energy",
        "Ring 1\n1010 Wien",
        "+43 1 2345",
        "help@green.example",
    )
    assert (entry.action, entry.details["before"]["currency"], entry.details["after"]["currency"]) == (
        "tenant.changed",
        "EUR",
        "CHF",
    )
    await elsewhere.refresh()
    for one in (directory, elsewhere):
        told = one.by_host("green.localhost")
        assert told is not None
        assert (told.name, told.locale, told.support_phone, told.legal_text) == (
            "Green Energy",
            "de-DE",
            "+43 1 2345",
            "FN 1234",
        )
        blue = one.by_host("blue.localhost")
        assert blue is not None
        assert (blue.name, blue.currency, blue.support_phone) == ("Blue", "SGD", "")


async def test_the_currency_stays_once_there_are_sessions(
    database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants, directory: TenantDirectory
) -> None:
    async def charge(work: Any) -> None:
        station = two_tenants.green.station
        work.session().add(
            Transaction(
                station_id=station.id,
                location_id=station.location_id,
                evse_number=1,
                ocpp_id="1",
                started_at=LONG_AGO,
                start_received_at=LONG_AGO,
                start_key="1",
            )
        )

    with tenant_scope(two_tenants.green.id):
        await committer.run(charge)
        async with database.reading() as session:
            assert await has_transactions(session)
        with pytest.raises(ConflictError, match="Currency:"):
            await change_organisation(committer, directory, clock, admin_of(two_tenants.green), WANTED)
        same = replace(WANTED, currency="EUR")
        assert (await change_organisation(committer, directory, clock, admin_of(two_tenants.green), same)).name
    with tenant_scope(two_tenants.blue.id):
        async with database.reading() as session:
            assert not await has_transactions(session)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Name:"),
        ({"time_zone": "Mars"}, "Time zone:"),
        ({"locale": "xx"}, "Language:"),
        ({"currency": "XXQ"}, "Currency:"),
        ({"support_phone": "call me"}, "Phone:"),
        ({"support_email": "nobody"}, "E-mail:"),
        ({"map_latitude": 91.0}, "Map:"),
        ({"map_zoom": 1}, "Map:"),
        ({"map_longitude": float("nan")}, "Map:"),
    ],
)
async def test_what_is_wrong_is_named(
    committer: Committer,
    clock: ManualClock,
    two_tenants: TwoTenants,
    directory: TenantDirectory,
    changes: dict[str, Any],
    words: str,
) -> None:
    with tenant_scope(two_tenants.green.id), pytest.raises(InvalidInputError, match=words):
        await change_organisation(committer, directory, clock, admin_of(two_tenants.green), replace(WANTED, **changes))


async def test_only_admins_change_it(
    committer: Committer, clock: ManualClock, two_tenants: TwoTenants, directory: TenantDirectory, database: Database
) -> None:
    with tenant_scope(two_tenants.green.id):
        for role in (Role.OPERATOR, Role.VIEWER):
            with pytest.raises(PermissionDeniedError):
                await change_organisation(committer, directory, clock, admin_of(two_tenants.green, role), WANTED)
    with platform_scope():
        async with database.reading() as session:
            assert (await session.scalars(select(AuditEntry))).all() == []

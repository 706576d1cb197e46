"""Founding a tenant: all in one commit, reachable at once, or nothing at all."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from csms.access.policy import Actor
from csms.access.service import PLATFORM_OWNER
from csms.errors import ConflictError, InvalidInputError
from models import AuditEntry, Tenant
from models.scope import PLATFORM, platform_scope
from pages.platform.founding import NewTenant, currencies, found_tenant, free_key, time_zones
from pages.services import Services
from tests.pages.conftest import Visitor, sign_in

OWNER = Actor(1, "Olivia", "owner@example.com", PLATFORM, PLATFORM_OWNER)
FORM = NewTenant("Rote Säule", " Rot.LocalHost. ", "CHF", "Europe/Zurich", "Ada", "Ada@Rot.example")


async def test_the_tenant_answers_at_once_and_its_admin_signs_in(services: Services, visitor: Visitor) -> None:
    founded = await found_tenant(services, OWNER, FORM)
    assert (founded.hostname, len(founded.password or "")) == ("rot.localhost", 19)
    tenant = services.directory.by_host("rot.localhost")
    assert tenant is not None
    assert (tenant.key, tenant.currency, tenant.time_zone) == ("rote-saule", "CHF", "Europe/Zurich")
    assert (await sign_in(visitor("rot.localhost"), "ada@rot.example", founded.password or "")).status_code == 303
    assert (await sign_in(visitor("green.localhost"), "ada@rot.example", founded.password or "")).status_code == 401
    with platform_scope():
        async with services.database.reading() as session:
            entry = (await session.execute(select(AuditEntry).where(col(AuditEntry.action) == "tenant.created"))).one()
    assert (entry[0].actor, entry[0].tenant_id) == ("owner@example.com", founded.tenant_id)


async def test_somebody_with_an_account_keeps_their_password(services: Services, visitor: Visitor) -> None:
    founded = await found_tenant(services, OWNER, replace(FORM, admin_email="admin@green.example"))
    assert founded.password is None
    assert (await sign_in(visitor("rot.localhost"), "admin@green.example")).status_code == 303


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Name:"),
        ({"name": "x" * 41}, "Name:"),
        ({"hostname": ""}, "Hostname:"),
        ({"hostname": "http://x.example"}, "Hostname:"),
        ({"hostname": "x.example/y"}, "Hostname:"),
        ({"hostname": "-x.example"}, "Hostname:"),
        ({"hostname": "a b"}, "Hostname:"),
        ({"currency": "XXQ"}, "Currency:"),
        ({"time_zone": "Mars/Base"}, "Time zone:"),
        ({"admin_name": ""}, "Admin's name:"),
        ({"admin_email": "nobody"}, "is not an e-mail address"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    services: Services, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words):
        await found_tenant(services, OWNER, replace(FORM, **changes))
    async with services.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(Tenant))).scalar_one() == 2


@pytest.mark.parametrize("hostname", ["green.localhost", "GREEN.localhost.", "platform.localhost"])
async def test_a_hostname_belongs_to_one(services: Services, hostname: str) -> None:
    with pytest.raises(ConflictError, match="taken"):
        await found_tenant(services, OWNER, replace(FORM, hostname=hostname))


def test_keys_are_short_and_free() -> None:
    assert free_key("Grüne Energie GmbH", set()) == "grune-energie-gmbh"
    assert free_key("Green", {"green", "green-2"}) == "green-3"
    assert free_key("绿色", set()) == "tenant"


def test_what_can_be_chosen() -> None:
    assert {"EUR", "SGD", "CHF"} <= set(currencies())
    assert {"Europe/Berlin", "Asia/Singapore"} <= set(time_zones())

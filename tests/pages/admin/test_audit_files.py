"""The audit log as a file: the own tenant's alone, narrowed as asked, safe to open in a spreadsheet."""

import csv
import io

import orjson
import pytest

from csms.access import audit
from csms.access.policy import Actor
from csms.work import Work
from models import Role
from models.scope import platform_scope
from pages.services import Services
from tests.pages.conftest import Visitor, sign_in
from tests.tenancy import TwoTenants


@pytest.fixture
async def recorded(services: Services, two_tenants: TwoTenants) -> None:
    def unit(work: Work) -> None:
        for tenant in (two_tenants.green, two_tenants.blue):
            actor = Actor(None, "Ann", f"ann@{tenant.key}.example", tenant.id, Role.ADMIN, address="203.0.113.5")
            audit.record(
                work, actor, "station.reset", f"station {tenant.key}", {"type": "Soft"}, at=services.clock.now()
            )
            audit.record(work, actor, "webhook.added", "=HYPERLINK(1)", at=services.clock.now())

    with platform_scope():
        await services.committer.run(unit)


async def test_json_lines_of_the_own_tenant(visitor: Visitor, recorded: None) -> None:
    browser = visitor()
    await sign_in(browser, "viewer@green.example")
    answer = await browser.get("/data/audit.jsonl?show=station")
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-green-')
    [line] = [orjson.loads(line) for line in answer.content.splitlines()]
    assert (line["actor"], line["subject"], line["address"]) == ("ann@green.example", "station green", "203.0.113.5")
    assert line["details"] == {"type": "Soft"}


async def test_no_formula_reaches_a_spreadsheet(visitor: Visitor, recorded: None) -> None:
    browser = visitor("blue.localhost")
    await sign_in(browser, "admin@blue.example")
    answer = await browser.get("/data/audit.csv?q=HYPERLINK")
    [row] = list(csv.DictReader(io.StringIO(answer.text)))
    assert row["subject"] == "'=HYPERLINK(1)"


async def test_strangers_get_nothing(visitor: Visitor, recorded: None) -> None:
    answer = await visitor().get("/data/audit.csv")
    assert answer.status_code in (303, 401)
    assert b"station" not in answer.content

"""Labels as a PDF, and the page that their codes lead to: for everybody, in the tenant's brand, without a script."""

import json
import re

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.stations import label_sheet as sheets
from csms.stations.labels import labelled
from models import Connector, Evse, Location
from models.scope import tenant_scope
from pages.services import Services
from tests.pages.conftest import Visitor, sign_in
from tests.tenancy import SmallTenant, TwoTenants


async def codes(services: Services, tenant: SmallTenant) -> list[str]:
    with tenant_scope(tenant.id):
        async with services.database.reading() as session:
            query = select(col(Connector.label_code)).order_by(col(Connector.id))
            return [code or "" for code in (await session.execute(query)).scalars()]


async def change(services: Services, tenant: SmallTenant) -> None:
    """Give the first EVSE a sticker text, and the location a phone."""

    async def unit(work: object) -> None:
        session = work.session()  # type: ignore[attr-defined]
        evse = (await session.execute(select(Evse).order_by(col(Evse.id)))).scalars().first()
        evse.evse_id = "DE*GRN*E1*1"
        (await session.get_one(Location, tenant.location_id)).support_phone = "+49 30 1234"

    with tenant_scope(tenant.id):
        await services.committer.run(unit)


async def test_labels_are_printed_and_lead_to_the_connector(
    services: Services, visitor: Visitor, two_tenants: TwoTenants
) -> None:
    green, blue = two_tenants.green, two_tenants.blue
    await change(services, green)
    operator = visitor()
    await sign_in(operator, "operator@green.example")
    answer = await operator.get("/data/labels.pdf?form=a4-21")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    given = await codes(services, green)
    assert len(set(given)) == 4
    assert all(re.fullmatch("[2-9A-Z]{7}", code) for code in given)
    await operator.get(f"/data/labels.pdf?form=single-62&stations={green.station.id}")
    assert await codes(services, green) == given, "an address on a sticker never changes"
    assert await codes(services, blue) == [""] * 4

    driver = visitor()
    page = await driver.get(f"/c/{given[0].lower()}")
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>", " ", page.text)
    for words in ("GREEN-1", "Green yard", "EVSE 1", "Not reachable", "€0.30", "per kWh", "+49 30 1234", "DE*GRN*E1*1"):
        assert words in text, words
    assert "Start charging" not in text
    assert page.text.count("<script") == 1, "only the mode, which goes without"
    assert (await driver.get("/c/de*grn*e1*1")).status_code == 200
    assert (await driver.get("/c/NOSUCH1")).status_code == 404
    assert (await visitor("blue.localhost").get(f"/c/{given[0]}")).status_code == 404


async def test_who_may_print(services: Services, visitor: Visitor, two_tenants: TwoTenants) -> None:
    assert (await visitor().get("/data/labels.pdf")).status_code == 401
    viewer, operator = visitor(), visitor()
    await sign_in(viewer, "viewer@green.example")
    assert (await viewer.get("/data/labels.pdf")).status_code == 403
    await sign_in(operator, "operator@green.example")
    assert (await operator.get(f"/data/labels.pdf?stations={two_tenants.blue.station.id}")).status_code == 422
    assert (await operator.get("/data/labels.pdf?form=none")).status_code == 404
    with tenant_scope(two_tenants.blue.id):
        async with services.database.reading() as session:
            assert await labelled(session, "DE*GRN*E1*1") == []


def test_a_label_says_what_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    row = sheets.LabelRow(
        "7KQ2M9X", "X-1", 'Gate "1" #let x', "Yard", "UTC", "", 1, 1, 2, 1, 2, "DE*X", "", "Available", True, None
    )
    label = sheets._label(row, "https://charge.example", "+49 1")
    assert label["place"] == "EVSE 2 · plug 1"
    assert label["shown"] == "charge.example/c/7KQ2M9X"
    assert label["phone"] == "+49 1"
    assert label["qr"].startswith("<svg")
    assert json.dumps(label)
    brand = sheets.LabelBrand("Green #Energy", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    for form in sheets.FORMS.values():
        assert sheets.label_sheet([row], form, brand, "https://charge.example").startswith(b"%PDF-")

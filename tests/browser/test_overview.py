"""The overview moves with the chargers of its own tenant, and with nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.charger import Charger
from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser


def test_from_frame_to_screen(site: Site, visit: Visit) -> None:
    green, blue = visit("green"), visit("blue")
    expect(_figure(green, "Stations online")).to_have_text("0/ 2")
    with site.charger("GREEN-1") as charger:
        charger.call("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})
        expect(_figure(green, "Stations online")).to_have_text("1/ 2")
        transaction = _start(charger, site.tenants.green.token)
        row = green.locator(f"[data-key='{transaction}']")
        expect(row).to_contain_text("GREEN-1")
        _meter(charger, transaction, energy_wh=4200, power_w=11040, soc=40)
        expect(row.locator("[data-field=energy]")).to_have_text("4.2 kWh")
        expect(row.locator("[data-field=power]")).to_have_text("11.0 kW")
        expect(row.locator("[data-field=soc]")).to_have_text("40 %")
        expect(row.locator("[data-field=cost]")).to_have_text("€1.26")
        expect(_figure(green, "Power now")).to_have_text("11.0kW")
        expect(_figure(green, "Sessions running")).to_have_text("1")
        before = row.locator("[data-field=elapsed]").inner_text()
        expect(row.locator("[data-field=elapsed]")).not_to_have_text(before)
        charger.call("StopTransaction", _stop(transaction, 5000))
        expect(row).to_have_count(0)
        expect(green.get_by_text("Nothing is charging")).to_be_visible()
    expect(_figure(green, "Stations online")).to_have_text("0/ 2")
    expect(_figure(blue, "Stations online")).to_have_text("0/ 2")
    expect(_figure(blue, "Sessions running")).to_have_text("0")
    expect(blue.get_by_text("GREEN-1")).to_have_count(0)


def test_problems_come_and_go_with_a_link(site: Site, visit: Visit) -> None:
    page = visit("blue")
    problems = page.locator(".problems")
    with site.charger("BLUE-1") as charger:
        charger.call("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})
        _status(charger, "Faulted", "GroundFailure")
        expect(problems).to_contain_text("earth fault")
        expect(_figure(page, "Faults")).to_have_text("1")
        _status(charger, "Available", "NoError")
        expect(page.get_by_text("earth fault")).to_have_count(0)
        expect(_figure(page, "Faults")).to_have_text("0")
    expect(problems.get_by_role("link").first).to_have_attribute("href", "/stations/BLUE-1")


def test_the_map_has_the_tenants_stations(visit: Visit) -> None:
    page = visit("green")
    rows = page.evaluate("fetch('/data/map').then(answer => answer.json())")
    assert {row[0] for row in rows} == {"GREEN-1", "GREEN-2"}
    expect(page.locator(".leaflet-container")).to_be_visible()


def test_a_session_opens_from_its_line(site: Site, visit: Visit) -> None:
    page = visit("green")
    with site.charger("GREEN-2") as charger:
        charger.call("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})
        transaction = _start(charger, site.tenants.green.token)
        page.locator(f"[data-key='{transaction}'] [data-field=power]").click()
        page.wait_for_url(site.address("green", f"/transactions/{transaction}"))
        charger.call("StopTransaction", _stop(transaction, 0))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_one_column_on_a_phone(visit: Visit, mode: str) -> None:
    page = visit("blue", width=390, mode=mode)
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(page.locator(".problems, .vd-empty").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def _figure(page: Page, label: str) -> Locator:
    card = page.locator(".vd-kpi", has=page.get_by_text(label, exact=True))
    return card.locator(".vd-kpi__line")


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _start(charger: Charger, token: str) -> int:
    began = (datetime.now(UTC) - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    answer = charger.call("StartTransaction", {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": began})
    return int(answer["transactionId"])


def _stop(transaction: int, energy_wh: int) -> dict[str, object]:
    return {"transactionId": transaction, "meterStop": energy_wh, "timestamp": _now(), "reason": "Local"}


def _status(charger: Charger, status: str, error_code: str) -> None:
    report = {"connectorId": 1, "status": status, "errorCode": error_code, "timestamp": _now()}
    charger.call("StatusNotification", report)


def _meter(charger: Charger, transaction: int, *, energy_wh: int, power_w: int, soc: int) -> None:
    samples = [
        {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "value": str(energy_wh)},
        {"measurand": "Power.Active.Import", "unit": "W", "value": str(power_w)},
        {"measurand": "SoC", "unit": "Percent", "value": str(soc)},
    ]
    charger.call(
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": transaction,
            "meterValue": [{"timestamp": _now(), "sampledValue": samples}],
        },
    )

"""Chargers by self-service, as people do it: added, seen to connect, checked; imported; claimed."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus

from tests.browser.axe import check_both_modes
from tests.browser.conftest import Site, Visit
from tests.browser.stranger import Stranger

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger(site: Site) -> Iterator[Callable[..., Stranger]]:
    """stranger("ID", "password") -> a charger that is connected."""
    running: list[Stranger] = []

    def come(identity: str, password: str) -> Stranger:
        address = f"ws://green.localhost:{site.ocpp_port}/ocpp/{identity}"
        running.append(Stranger(address, password).start())
        return running[-1]

    yield come
    for one in running:
        one.stop()


def test_a_charger_is_added_seen_and_checked(visit: Visit, stranger: Callable[..., Stranger]) -> None:
    page = visit("green", "/stations/new")
    page.get_by_label("Identity").fill("green 1")
    page.get_by_role("button", name="Add the charger").click()
    expect(page.get_by_role("alert").filter(has_text="a blank is not allowed")).to_be_visible()
    page.get_by_label("Identity").fill("NEW-77")
    page.get_by_label("Name").first.fill("Gate")
    page.get_by_role("button", name="Add the charger").click()
    expect(page.get_by_test_id("address")).to_contain_text("ws://green.localhost")
    password = page.get_by_test_id("password").locator("code").inner_text()
    expect(page.get_by_test_id("waiting")).to_contain_text("Waiting for the charger")
    with pytest.raises(InvalidStatus):
        stranger("NEW-77", "wrong-password-here")
    expect(page.get_by_test_id("tries")).to_contain_text("The password was wrong")
    stranger("NEW-77", password)
    expect(page.get_by_test_id("waiting")).to_contain_text("The charger is here")
    expect(page.get_by_text("Acme")).to_be_visible()
    expect(page.get_by_test_id("tries")).to_have_count(0)
    page.get_by_role("link", name="Acceptance check").click()
    page.get_by_role("button", name="Begin the check").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("Passed", timeout=30_000)
    expect(page.locator("[data-step=heartbeat]")).to_contain_text("Every 300 s")
    expect(page.locator("[data-step=reset]")).to_contain_text("Not asked for")


def test_a_charger_that_knocks_is_claimed(site: Site, visit: Visit, stranger: Callable[..., Stranger]) -> None:
    page, other = visit("green", "/stations/inbox"), visit("blue", "/stations/inbox")
    expect(page.get_by_test_id("knocks")).to_contain_text("No unknown chargers")
    with pytest.raises(InvalidStatus):
        stranger("KNOCK-1", "its-own-password-8")
    line = page.locator("[data-identity=KNOCK-1]")
    expect(line).to_contain_text("Sent a password")
    line.get_by_role("button", name="Claim").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Accept the password it uses").click()
    dialog.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_text("goes on with the password that it uses already")).to_be_visible()
    stranger("KNOCK-1", "its-own-password-8")
    expect(page.get_by_test_id("waiting")).to_contain_text("The charger is here")
    expect(other.get_by_test_id("knocks")).to_contain_text("No unknown chargers")


def test_a_table_is_looked_at_before_it_is_added(visit: Visit, tmp_path: Path) -> None:
    page = visit("green", "/stations/import")
    heading = "identity;name;location;latitude;longitude\n"
    bad = tmp_path / "bad.csv"
    bad.write_text(f"{heading}TAB-1;One;Green yard;;\nGREEN-1;Two;Green yard;;\nTAB-3;Three;Nowhere;;\n")
    page.locator("input[type=file]").set_input_files(bad)
    preview = page.get_by_test_id("preview")
    expect(preview).to_contain_text("it is taken already")
    expect(preview).to_contain_text("give its latitude and longitude")
    expect(page.get_by_role("button", name="Add all 3 chargers")).to_be_disabled()
    good = tmp_path / "good.csv"
    good.write_text(f"{heading}TAB-1;One;Green yard;;\nTAB-2;Two;Harbour;53.5;10.0\n")
    page.locator("input[type=file]").set_input_files(good)
    page.get_by_role("button", name="Add all 2 chargers").click()
    expect(page.get_by_role("heading", name="2 chargers were added")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the passwords").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "identity,url,user_name,password"
    assert lines[1].startswith("TAB-1,ws://green.localhost")


def test_a_charger_is_edited_and_removed(visit: Visit) -> None:
    page = visit("blue", "/stations/BLUE-2/edit")
    page.get_by_label("Name").first.fill("Pier 2")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved")).to_be_visible()
    page.get_by_role("button", name="New password").click()
    page.get_by_role("alertdialog").get_by_role("button", name="New password").click()
    expect(page.get_by_test_id("password").locator("code")).to_have_text(re.compile(r"^[A-Za-z0-9]{20}$"))
    page.get_by_role("button", name="Remove the station").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(page.locator("tbody a.vd-row__link")).to_have_text(["BLUE-1"])


PAGES = (
    "/stations/new",
    "/stations/inbox",
    "/stations/import",
    "/stations/GREEN-1/edit",
    "/stations/GREEN-1/check",
    "/locations",
    "/locations/new",
)


@pytest.mark.parametrize("path", PAGES)
def test_accessible_and_no_wider_than_a_phone(visit: Visit, path: str) -> None:
    page = visit("green", path, width=390, mode="light")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    check_both_modes(page, path)


def settled(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".vd-card").first).to_be_visible()

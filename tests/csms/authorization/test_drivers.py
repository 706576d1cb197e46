"""Drivers, their cars and their data: in both databases and for two tenants."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from csms.access.policy import Actor
from csms.authorization.drivers import (
    DriverForm,
    VehicleForm,
    add_driver,
    add_vehicle,
    archive_driver,
    change_driver,
    change_vehicle,
    delete_driver,
    delete_vehicle,
    restore_driver,
)
from csms.authorization.limits import Limits
from csms.authorization.personal_data import erase_driver, export_driver
from csms.authorization.queries import DriverQuery, list_drivers, vehicles_of
from csms.authorization.tokens import TokenForm, add_token
from csms.clock import ManualClock
from csms.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from csms.work import Committer, Work
from models import AuditEntry, Driver, Role, Transaction, Vehicle
from models.db import Database
from models.scope import tenant_scope
from tests.csms.authorization.test_tokens import Desk
from tests.tenancy import TwoTenants


@pytest.fixture
def green(committer: Committer, database: Database, clock: ManualClock, two_tenants: TwoTenants) -> Desk:
    return Desk(committer, database, clock, two_tenants.green)


@pytest.fixture
def blue(committer: Committer, database: Database, clock: ManualClock, two_tenants: TwoTenants) -> Desk:
    return Desk(committer, database, clock, two_tenants.blue)


async def session_of(desk: Desk, driver_id: int, token: str, *, is_open: bool = False) -> None:
    """A session in the books."""
    at, ref = desk.clock.now(), desk.tenant.station
    row = Transaction(station_id=ref.id, location_id=ref.location_id, evse_number=1, start_key=f"1|{token}|{at}|0")
    row.id_token, row.stop_id_token, row.driver_id, row.is_open = token, token.lower(), driver_id, is_open
    row.started_at = row.start_received_at = at
    row.energy_wh = 1_000

    async def unit(work: Work) -> None:
        work.session().add(row)

    with tenant_scope(desk.tenant.id):
        await desk.committer.run(unit)


async def test_a_driver_is_added_changed_archived_and_taken_back(green: Desk, blue: Desk) -> None:
    row = await green.do(add_driver, DriverForm("Bo Example", "Bo@Example.test", language="de"))
    token = await green.do(add_token, TokenForm("BO-1", driver_id=row.id))
    form = replace(DriverForm.of(row), phone="+49 30 1", limits=Limits(max_energy_day_wh=20_000))
    await green.do(change_driver, row.id, form)
    with pytest.raises(NotFoundError):
        await blue.do(change_driver, row.id, form)
    await green.do(archive_driver, row.id)
    assert await green.status(token.value) == "Blocked"
    assert [e.driver.name for e in (await green.read(list_drivers, DriverQuery()))[0]] == ["Ada Example"]
    archived, _ = await green.read(list_drivers, DriverQuery(states=frozenset({"archived"})))
    assert [(one.driver.name, one.cards) for one in archived] == [("Bo Example", 1)]
    await green.do(restore_driver, row.id)
    assert await green.status(token.value) == "Accepted"
    actions = [entry.action for entry in await green.all(AuditEntry) if entry.subject == f"driver {row.id}"]
    assert actions == ["driver.add", "driver.change", "driver.archive", "driver.restore"]


@pytest.mark.parametrize(
    "form", [DriverForm("  "), DriverForm("Bo", "not an address"), DriverForm("Bo", limits=Limits(max_transactions=0))]
)
async def test_what_cannot_be_is_refused(green: Desk, form: DriverForm) -> None:
    with pytest.raises(InvalidInputError):
        await green.do(add_driver, form)


async def test_a_viewer_may_nothing_of_it(green: Desk) -> None:
    green.actor = Actor(None, "Vera", "vera@example.test", green.tenant.id, Role.VIEWER)
    for verb in (archive_driver, erase_driver, export_driver, delete_driver):
        with pytest.raises(PermissionDeniedError):
            await green.do(verb, green.tenant.driver_id)


async def test_cars_come_and_go(green: Desk, blue: Desk) -> None:
    driver_id = green.tenant.driver_id
    car = await green.do(add_vehicle, driver_id, VehicleForm("Blue hatchback", "B-AE 123", battery_wh=58_000))
    await green.do(change_vehicle, car.id, VehicleForm("Blue hatchback", "B-AE 124", vin="wvwzzz1"))
    with pytest.raises(NotFoundError):
        await blue.do(delete_vehicle, car.id)
    [row] = await green.read(vehicles_of, driver_id)
    assert (row.plate, row.vin, row.battery_wh) == ("B-AE 124", "WVWZZZ1", None)
    found, _ = await green.read(list_drivers, DriverQuery(text="ae 124"))
    assert [one.vehicles for one in found] == [1]
    await green.do(delete_vehicle, car.id)
    assert await green.all(Vehicle) == []
    with pytest.raises(InvalidInputError):
        await green.do(add_vehicle, driver_id, VehicleForm("Bus", battery_wh=0))


async def test_who_has_charged_is_archived_not_deleted(green: Desk) -> None:
    new = await green.do(add_driver, DriverForm("Never Charged"))
    token = await green.do(add_token, TokenForm("UNUSED", driver_id=new.id))
    await green.do(delete_driver, new.id)
    assert [row.name for row in await green.all(Driver)] == ["Ada Example"]
    assert await green.status(token.value) == "Accepted"  # the card stays
    await session_of(green, green.tenant.driver_id, green.tenant.token)
    with pytest.raises(ConflictError, match="sessions, which are kept"):
        await green.do(delete_driver, green.tenant.driver_id)


async def test_a_driver_gets_everything_known_and_is_forgotten(green: Desk, blue: Desk) -> None:
    driver_id, token = green.tenant.driver_id, green.tenant.token
    await green.do(change_driver, driver_id, DriverForm("Ada Example", "ada@example.test", notes="Prefers bay 2"))
    await green.do(add_vehicle, driver_id, VehicleForm("Blue hatchback", "B-AE 123"))
    await session_of(green, driver_id, token)
    green.clock.forward(60)
    known = await green.do(export_driver, driver_id)
    assert (known["driver"]["email"], known["cards"][0]["value"]) == ("ada@example.test", token)
    assert (known["sessions"][0]["energy_wh"], known["vehicles"][0]["plate"]) == (1_000, "B-AE 123")
    with pytest.raises(NotFoundError):
        await blue.do(export_driver, driver_id)
    await session_of(green, driver_id, token, is_open=True)
    with pytest.raises(ConflictError, match="still runs"):
        await green.do(erase_driver, driver_id)
    await end_all(green)
    await green.do(erase_driver, driver_id)
    [driver] = await green.all(Driver)
    assert (driver.name, driver.email, driver.notes) == (f"Erased driver {driver_id}", "", "")
    assert driver.erased_at == driver.archived_at == green.clock.now()
    rows = await green.all(Transaction)
    assert {(row.id_token, row.stop_id_token, row.driver_id) for row in rows} == {
        (f"erased-{driver_id}", f"erased-{driver_id}", driver_id)
    }
    assert sum(row.energy_wh for row in rows) == 2_000
    assert await green.status(token) == "Invalid"
    written = str([(entry.subject, entry.details) for entry in await green.all(AuditEntry)])
    assert not any(word in written for word in ("ada@", "Ada", token, "B-AE", "bay 2"))
    with pytest.raises(ConflictError):
        await green.do(restore_driver, driver_id)
    with pytest.raises(ConflictError):
        await green.do(add_token, TokenForm("NEW", driver_id=driver_id))


async def end_all(desk: Desk) -> None:
    async def unit(work: Work) -> None:
        for row in await _rows(work):
            row.is_open, row.ended_at = False, desk.clock.now() + timedelta(minutes=1)

    with tenant_scope(desk.tenant.id):
        await desk.committer.run(unit)


async def _rows(work: Work) -> list[Transaction]:
    return list((await work.session().execute(select(Transaction))).scalars())

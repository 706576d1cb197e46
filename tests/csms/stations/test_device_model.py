"""Pending values, monitors, wishes, alerts, capabilities and vendors, in both databases."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from sqlmodel import col, select

from csms.bus.events import Event, RegistrationChanged, StationEventRecorded
from csms.clock import ManualClock
from csms.stations.abilities import is_read, keep_capabilities, note_attempt, was_attempted
from csms.stations.availability import wanted_availability
from csms.stations.history import ALERT
from csms.stations.limits import message_limits
from csms.stations.ref import StationRef
from csms.stations.service import (
    BootReport,
    EventReport,
    MonitorReport,
    StatusReport,
    VariableReport,
    boot,
    clear_alerts,
    forget_all_monitors,
    forget_monitors,
    raise_alert,
    report_status,
    set_registration,
    severity_of,
    store_monitors,
    store_pending,
    store_variables,
    want_availability,
)
from csms.stations.vendors import is_accepted_vendor
from csms.work import Committer, Work
from models import ChargingStation, Registration, StationEvent, StationMonitor, StationVariable
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import TwoTenants

T = TypeVar("T")


class Desk:
    """Runs verbs for Green's station and reads what is kept."""

    def __init__(self, database: Database, committer: Committer, tenants: TwoTenants, clock: ManualClock) -> None:
        self.database, self.committer, self.clock = database, committer, clock
        self.ref: StationRef = tenants.green.station

    async def do(self, unit: Callable[[Work], Awaitable[T]]) -> T:
        self.clock.forward(1)
        with tenant_scope(self.ref.tenant_id):
            return await self.committer.run(unit)

    async def rows(self, model: Any) -> list[Any]:
        with tenant_scope(self.ref.tenant_id):
            async with self.database.reading() as session:
                return list((await session.execute(select(model).order_by(col(model.id)))).scalars())

    async def station(self) -> ChargingStation:
        return (await self.rows(ChargingStation))[0]


@pytest.fixture
def desk(database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock) -> Desk:
    return Desk(database, committer, two_tenants, clock)


async def test_tc_021_a_value_waits_for_the_boot(desk: Desk) -> None:
    async def written(value: str, *, at_once: bool) -> None:
        report = VariableReport("Interval", value, "Ctrlr")
        if at_once:
            await desk.do(lambda work: store_variables(work, desk.ref, [report], desk.clock.now(), written=True))
        else:
            await desk.do(lambda work: store_pending(work, desk.ref, [report], desk.clock.now()))

    async def booted() -> tuple[str | None, str | None]:
        await desk.do(lambda work: boot(work, desk.ref, BootReport("V", "M"), desk.clock.now()))
        [row] = await desk.rows(StationVariable)
        return row.value, row.pending_value

    await written("60", at_once=False)  # never read before
    assert await booted() == ("60", None)
    await written("90", at_once=False)
    await written("30", at_once=True)  # which replaces what waited
    assert await booted() == ("30", None)
    await written("90", at_once=False)
    [row] = await desk.rows(StationVariable)
    assert (row.value, row.pending_value, row.pending_at) == ("30", "90", desk.clock.now())
    secret = VariableReport("BasicAuthPassword", "hunter2hunter2hu", "SecurityCtrlr")
    await desk.do(lambda work: store_pending(work, desk.ref, [secret], desk.clock.now()))
    assert [row.pending_value for row in await desk.rows(StationVariable)] == ["90", None]


async def test_n_04_monitors_are_kept_replaced_and_forgotten(desk: Desk) -> None:
    def monitor(number: int, severity: int) -> MonitorReport:
        return MonitorReport(number, "EVSE", "Power", "UpperThreshold", 11.5, severity, details={"x": 1})

    for severity in (5, 2):
        reports = [monitor(number, severity) for number in (1, 2, 2**40)]
        await desk.do(lambda work, reports=reports: store_monitors(work, desk.ref, reports, desk.clock.now()))
    assert [row.severity for row in await desk.rows(StationMonitor)] == [2, 2, 2]
    assert await desk.do(lambda work: severity_of(work, desk.ref, 1)) == 2
    assert await desk.do(lambda work: severity_of(work, desk.ref, 9)) is None
    await desk.do(lambda work: forget_monitors(work, desk.ref, [1]))
    assert [row.monitor_id for row in await desk.rows(StationMonitor)] == [2, 2**40]
    await desk.do(lambda work: forget_all_monitors(work, desk.ref))
    assert await desk.rows(StationMonitor) == []


@pytest.mark.quirk(66)
async def test_an_alert_is_entered_once_and_ends(desk: Desk, told: list[Event]) -> None:
    def alert(source: str) -> EventReport:
        return EventReport(ALERT, "problem", "Lock", desk.clock.now(), 1, 1, {"eventId": 1}, source)

    for source in ("a", "a", "b"):
        await desk.do(lambda work, source=source: raise_alert(work, desk.ref, alert(source)))
    await desk.do(lambda work: clear_alerts(work, desk.ref, "a", desk.clock.now()))
    rows = await desk.rows(StationEvent)
    assert [(row.source, row.resolved_at is None) for row in rows] == [("a", False), ("b", True)]
    assert len([event for event in told if isinstance(event, StationEventRecorded)]) == 2
    await desk.do(lambda work: raise_alert(work, desk.ref, alert("a")))  # after its end it is a new one
    assert len(await desk.rows(StationEvent)) == 3


async def test_g_03_wishes_are_kept_and_compared(desk: Desk) -> None:
    async def want(evse: int, operative: bool, scheduled: bool = False) -> None:
        await desk.do(
            lambda work: want_availability(
                work,
                desk.ref,
                evse_number=evse,
                connector_number=0,
                operative=operative,
                scheduled=scheduled,
                at=desk.clock.now(),
            )
        )

    await want(0, True)
    await want(1, True)
    await want(1, False, True)
    report = StatusReport(2, 1, "Available", desk.clock.now())
    await desk.do(lambda work: report_status(work, desk.ref, report))
    with tenant_scope(desk.ref.tenant_id):
        async with desk.database.reading() as session:
            wanted = await wanted_availability(session, desk.ref.id)
    assert [(wish.evse_number, wish.operative, wish.fulfilment) for wish in wanted] == [
        (0, True, "done"),
        (1, False, "pending"),
    ]


async def test_capabilities_are_of_one_firmware(desk: Desk) -> None:
    async def booted(version: str) -> ChargingStation:
        await desk.do(lambda work: boot(work, desk.ref, BootReport("V", "M", "", version), desk.clock.now()))
        return await desk.station()

    station = await booted("1.0")
    await desk.do(lambda work: note_attempt(work, desk.ref, "all keys"))
    assert not is_read(station)
    assert was_attempted(await desk.station(), "all keys")
    assert not was_attempted(await booted("1.1"), "all keys")
    report = VariableReport("ItemsPerMessage", "4", "DeviceDataCtrlr", variable_instance="GetVariables")
    await desk.do(lambda work: store_variables(work, desk.ref, [report], desk.clock.now()))
    await desk.do(lambda work: keep_capabilities(work, desk.ref, "FullInventory", desk.clock.now()))
    station = await desk.station()
    assert is_read(station)
    assert station.capabilities["limits"] == {"DeviceDataCtrlr.ItemsPerMessage[GetVariables]": 4}
    assert not is_read(await booted("1.2"))
    with tenant_scope(desk.ref.tenant_id):
        async with desk.database.reading() as session:
            assert (await message_limits(session, desk.ref.id, "GetVariables")).items == 4


async def test_b_02_an_operator_decides_on_registration(desk: Desk, told: list[Event]) -> None:
    await desk.do(lambda work: set_registration(work, desk.ref, Registration.PENDING, desk.clock.now()))
    answer = await desk.do(lambda work: boot(work, desk.ref, BootReport("V", "M"), desk.clock.now()))
    assert answer == "Pending"
    assert [event.registration for event in told if isinstance(event, RegistrationChanged)] == ["Pending"]


@pytest.mark.quirk(30)
@pytest.mark.parametrize(
    ("vendor", "message", "accepted"),
    [("com.friend", "", True), ("COM.Friend", "any", True), ("EN+", "GatewayInfo", True), ("com.nobody", "x", False)],
)
async def test_quirk_30_vendors_that_must_be_accepted(desk: Desk, vendor: str, message: str, accepted: bool) -> None:
    async def befriend(work: Work) -> None:
        (await work.session().get_one(ChargingStation, desk.ref.id)).accepted_vendors = ["com.friend"]

    await desk.do(befriend)
    assert await desk.do(lambda work: is_accepted_vendor(work, desk.ref, vendor, message)) is accepted

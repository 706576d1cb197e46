"""Reservations on both databases, for two tenants, with a clock that obeys."""

from datetime import timedelta
from typing import Any

from csms.bus.events import Event, ReservationChanged
from csms.clock import ManualClock
from csms.reservations.queries import live_reservations, reservations
from csms.reservations.reports import ReserveReport
from csms.reservations.service import note_cancelled, note_ended, note_out_of_order, note_reserved, note_used
from csms.stations.ref import StationRef
from csms.work import Committer
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import TwoTenants


def reserved(clock: ManualClock, ocpp_id: int = 1, evse_number: int | None = 1, status: str = "Accepted") -> Any:
    expires_at = clock.now() + timedelta(minutes=10)
    return ReserveReport(ocpp_id, evse_number, "CARD", None, expires_at, status, clock.now())


async def keep(committer: Committer, ref: StationRef, *reports: ReserveReport) -> None:
    with tenant_scope(ref.tenant_id):
        for report in reports:
            await committer.run(lambda work, report=report: note_reserved(work, ref, report))


async def states(database: Database, ref: StationRef, clock: ManualClock) -> dict[int, str]:
    with tenant_scope(ref.tenant_id):
        async with database.reading() as session:
            rows = await reservations(session, clock.now(), station_id=ref.id)
            live = await live_reservations(session, clock.now(), station_id=ref.id)
    found = {row.reservation.ocpp_id: str(row.state) for row in rows}
    assert {row.reservation.ocpp_id for row in live} == {number for number, word in found.items() if word == "live"}
    return found


async def test_expiry_needs_no_timer(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    ref = two_tenants.green.station
    await keep(committer, ref, reserved(clock), reserved(clock, 2, None, "Occupied"))
    assert await states(database, ref, clock) == {1: "live", 2: "declined"}
    clock.forward(599)
    assert (await states(database, ref, clock))[1] == "live"
    clock.forward(1)
    assert (await states(database, ref, clock))[1] == "expired"


async def test_the_same_id_at_two_tenants(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock, told: list[Event]
) -> None:
    here, there = two_tenants.green.station, two_tenants.blue.station
    await keep(committer, here, reserved(clock))
    await keep(committer, there, reserved(clock))
    with tenant_scope(here.tenant_id):
        await committer.run(lambda work: note_cancelled(work, here, 1, accepted=True, at=clock.now()))
    assert await states(database, here, clock) == {1: "cancelled"}
    assert await states(database, there, clock) == {1: "live"}
    assert [event.state for event in told if isinstance(event, ReservationChanged)] == ["live", "live", "cancelled"]


async def test_what_is_used_stays_used(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    ref = two_tenants.green.station
    await keep(committer, ref, reserved(clock))
    with tenant_scope(ref.tenant_id):
        await committer.run(lambda work: note_used(work, ref, 1, at=clock.now(), wire_id="nobody's"))
        await committer.run(lambda work: note_ended(work, ref, 1, "Removed", clock.now()))
        await committer.run(lambda work: note_cancelled(work, ref, 1, accepted=False, at=clock.now()))
        await committer.run(lambda work: note_cancelled(work, ref, 77, accepted=True, at=clock.now()))
        await committer.run(lambda work: note_used(work, ref, 0, at=clock.now()))
    assert await states(database, ref, clock) == {1: "used"}


async def test_what_is_out_of_order_keeps_nothing(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    ref = two_tenants.green.station
    await keep(committer, ref, reserved(clock), reserved(clock, 2, 2), reserved(clock, 3, None))
    with tenant_scope(ref.tenant_id):
        await committer.run(lambda work: note_out_of_order(work, ref, 2, clock.now()))
        assert await states(database, ref, clock) == {1: "live", 2: "removed", 3: "live"}
        await committer.run(lambda work: note_out_of_order(work, ref, 0, clock.now()))
    assert await states(database, ref, clock) == {1: "removed", 2: "removed", 3: "removed"}


async def test_odd_numbers_are_harmless(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    ref = two_tenants.green.station
    with tenant_scope(ref.tenant_id):
        await committer.run(lambda work: note_ended(work, ref, 2**40, "Expired", clock.now()))
        await committer.run(lambda work: note_used(work, ref, -(2**40), at=clock.now()))
        await committer.run(lambda work: note_reserved(work, ref, reserved(clock, 2**40)))
    await keep(committer, ref, reserved(clock, -5, -2))
    assert await states(database, ref, clock) == {-5: "live"}

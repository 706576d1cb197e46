"""What is known of stations' lists, on both databases and for two tenants."""

from csms.authorization.list_plan import ListEntry, ListPart
from csms.authorization.lists import known_list, list_entries, note_sent, note_version, stations_holding
from csms.bus.events import Event, LocalListChanged
from csms.clock import ManualClock
from csms.stations.ref import StationRef
from csms.work import Committer
from models import LocalList
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import TwoTenants


def entry(value: str, status: str | None = "Accepted", group: str | None = None) -> ListEntry:
    return ListEntry(value, "ISO14443", status, None, group)


async def known(database: Database, ref: StationRef) -> tuple[LocalList | None, list[ListEntry]]:
    with tenant_scope(ref.tenant_id):
        async with database.reading() as session:
            return await known_list(session, ref.id), await list_entries(session, ref.id)


async def sent(committer: Committer, ref: StationRef, part: ListPart, status: str, clock: ManualClock) -> None:
    with tenant_scope(ref.tenant_id):
        await committer.run(lambda work: note_sent(work, ref, part, status, clock.now()))


async def said(committer: Committer, ref: StationRef, version: int, clock: ManualClock) -> None:
    with tenant_scope(ref.tenant_id):
        await committer.run(lambda work: note_version(work, ref, version, clock.now()))


async def test_full_then_different(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock, told: list[Event]
) -> None:
    here, there = two_tenants.green.station, two_tenants.blue.station
    assert await known(database, here) == (None, [])
    full = ListPart(1, True, (entry("A"), entry("B"), entry("b", group="G")))
    for ref in (here, there):
        await sent(committer, ref, full, "Accepted", clock)
    await sent(committer, here, ListPart(2, False, (entry("A", None), entry("C", "Blocked"))), "Accepted", clock)
    row, entries = await known(database, here)
    assert row is not None
    assert (row.version, row.is_certain) == (2, True)
    assert entries == [entry("b", group="G"), entry("C", "Blocked")]
    assert (await known(database, there))[1] == [entry("A"), entry("b", group="G")]
    with tenant_scope(two_tenants.green.id):
        async with database.reading() as session:
            assert await stations_holding(session, "b") == [here.id]
    assert [event.version for event in told if isinstance(event, LocalListChanged)] == [1, 1, 2]


async def test_what_is_not_taken_changes_nothing(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    ref = two_tenants.green.station
    await sent(committer, ref, ListPart(1, True, (entry("A"),)), "Accepted", clock)
    for status, is_certain in (("Failed", True), ("NotSupported", True), ("VersionMismatch", False)):
        await sent(committer, ref, ListPart(2, True, ()), status, clock)
        row, entries = await known(database, ref)
        assert row is not None
        assert (row.version, row.last_status, row.is_certain, len(entries)) == (1, status, is_certain, 1)


async def test_versions(database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock) -> None:
    ref = two_tenants.green.station
    await sent(committer, ref, ListPart(1, True, (entry("A"),)), "Accepted", clock)
    for version, is_certain, number in ((1, True, 1), (4, False, 1), (2**40, False, 1), (0, True, 0), (-1, True, 0)):
        await said(committer, ref, version, clock)
        row, entries = await known(database, ref)
        assert row is not None
        assert (row.version, row.is_certain, len(entries)) == (min(version, 4), is_certain, number)

"""Jobs, reports and messages in both databases, and never across tenants."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from csms.bus.events import Event, MaintenanceJobChanged, ReportReceived
from csms.clock import ManualClock
from csms.maintenance.queries import display_messages, jobs, report, reports, text_of
from csms.maintenance.service import (
    DisplayReport,
    JobNews,
    JobRequest,
    PartReport,
    ReportRequest,
    begin_job,
    delete_old_texts,
    forget_absent_messages,
    forget_message,
    note_asked,
    note_boot,
    note_progress,
    note_transaction_end,
    note_unpublished,
    receive_part,
    store_messages,
)
from csms.stations.ref import StationRef
from csms.work import Committer, Work
from models import JobKind, MaintenanceJob, ReportKind
from models.db import Database
from models.scope import TenantScopeError, platform_scope, tenant_scope
from tests.tenancy import TwoTenants

T = TypeVar("T")


class Desk:
    """Runs verbs for Green's station and reads what is kept."""

    def __init__(self, database: Database, committer: Committer, tenants: TwoTenants, clock: ManualClock) -> None:
        self.database, self.committer, self.clock = database, committer, clock
        self.ref: StationRef = tenants.green.station
        self.blue = tenants.blue

    async def do(self, unit: Callable[[Work], Awaitable[T]]) -> T:
        self.clock.forward(1)
        with tenant_scope(self.ref.tenant_id):
            return await self.committer.run(unit)

    async def begin(self, kind: JobKind, status: str = "Accepted", **more: Any) -> None:
        request = JobRequest(kind, "Asked", status, more.pop("request", {}), **more)
        await self.do(lambda work: begin_job(work, self.ref, request, self.clock.now()))

    async def tell(self, kind: JobKind, status: str, request_id: int | None = None) -> None:
        news = JobNews(kind, status, request_id)
        await self.do(lambda work: note_progress(work, self.ref, news, self.clock.now()))

    async def jobs(self) -> list[MaintenanceJob]:
        with tenant_scope(self.ref.tenant_id):
            async with self.database.reading() as session:
                return list(reversed(await jobs(session, self.ref.id)))


@pytest.fixture
def desk(database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock) -> Desk:
    return Desk(database, committer, two_tenants, clock)


async def test_news_that_overtakes_the_answer_belongs_to_the_same_job(desk: Desk, told: list[Event]) -> None:
    await desk.tell(JobKind.FIRMWARE, "Downloading", 7)
    await desk.begin(JobKind.FIRMWARE, request_id=7, request={"secret": "x", "location": "here"})
    await desk.tell(JobKind.FIRMWARE, "Installed", 7)
    [job] = await desk.jobs()
    assert (job.state, job.status, job.action) == ("done", "Installed", "Asked")
    assert [entry["status"] for entry in job.progress] == ["Downloading", "Installed"]
    assert job.request == {"secret": "***", "location": "here"}
    assert [event.state for event in told if isinstance(event, MaintenanceJobChanged)] == ["running", "done"]


async def test_without_numbers_the_newest_job_is_meant(desk: Desk) -> None:
    await desk.begin(JobKind.LOG, file_name="a")
    await desk.begin(JobKind.LOG, file_name="b")
    await desk.tell(JobKind.LOG, "Uploaded")
    await desk.tell(JobKind.LOG, "Uploaded")  # said again, it is still the same
    await desk.tell(JobKind.LOG, "Uploading")  # but this begins another
    states = [(job.file_name, job.state) for job in await desk.jobs()]
    assert states == [("a", "cancelled"), ("b", "done"), ("", "running")]


async def test_a_boot_ends_resets_and_proves_updates(desk: Desk) -> None:
    await desk.begin(JobKind.RESET)
    await desk.begin(JobKind.RESET, "Scheduled", evse_number=2)
    await desk.tell(JobKind.FIRMWARE, "Downloading")
    for version in ("", "1.1"):
        await desk.do(lambda work, version=version: note_boot(work, desk.ref, version, desk.clock.now()))
    whole, evse, update = await desk.jobs()
    assert (whole.state, evse.state, update.state) == ("done", "running", "running")  # no version before: no proof
    await desk.do(lambda work: note_transaction_end(work, desk.ref, 2, desk.clock.now()))
    assert (await desk.jobs())[1].state == "done"


async def test_what_is_unpublished_has_no_addresses(desk: Desk) -> None:
    await desk.begin(JobKind.PUBLISH, request_id=1, request={"checksum": "ab"})
    news = JobNews(JobKind.PUBLISH, "Published", 1, ["http://x"])
    await desk.do(lambda work: note_progress(work, desk.ref, news, desk.clock.now()))
    for checksum, count in (("other", 1), ("ab", 0)):
        await desk.do(
            lambda work, checksum=checksum: note_unpublished(work, desk.ref, checksum, "Unpublished", desk.clock.now())
        )
        assert len((await desk.jobs())[0].locations) == count


async def test_parts_that_overtake_the_answer_belong_to_the_same_report(desk: Desk, told: list[Event]) -> None:
    kind = ReportKind.CUSTOMER_INFORMATION
    asked = ReportRequest(kind, "CustomerInformation", 3, "Accepted", {"report": True})
    for number, tbc in ((1, False), (0, True), (0, True)):
        part = PartReport(kind, 3, number, tbc, 1, f"part {number};")
        await desk.do(lambda work, part=part: receive_part(work, desk.ref, part, desk.clock.now()))
        await desk.do(lambda work: note_asked(work, desk.ref, asked, desk.clock.now())) if number else None
    with tenant_scope(desk.ref.tenant_id):
        async with desk.database.reading() as session:
            [found] = await reports(session, desk.ref.id, kind=kind)
            assert await report(session, found.id or 0) is not None
    assert (found.state, found.entries, text_of(found)) == ("complete", 2, "part 0;part 1;")
    assert found.asked_at is not None
    assert any(isinstance(event, ReportReceived) and event.request_id == 3 for event in told)
    with platform_scope():
        await desk.committer.run(lambda work: delete_old_texts(work, desk.clock.now() + timedelta(seconds=1)))
    with tenant_scope(desk.ref.tenant_id):
        async with desk.database.reading() as session:
            [found] = await reports(session, desk.ref.id)
    assert text_of(found) == ""


async def test_messages_on_a_display(desk: Desk) -> None:
    def shown(number: int) -> DisplayReport:
        return DisplayReport(number, "NormalCycle", f"Text {number}", "UTF8")

    async def ids() -> list[int]:
        with tenant_scope(desk.ref.tenant_id):
            async with desk.database.reading() as session:
                return [row.message_id for row in await display_messages(session, desk.ref.id)]

    await desk.do(lambda work: store_messages(work, desk.ref, [shown(1), shown(2), shown(3)], desk.clock.now()))
    await desk.do(lambda work: forget_message(work, desk.ref, 2))
    assert await ids() == [1, 3]
    desk.clock.forward(60)
    since = desk.clock.now()
    await desk.do(lambda work: store_messages(work, desk.ref, [shown(3)], desk.clock.now()))
    await desk.do(lambda work: forget_absent_messages(work, desk.ref, since))
    assert await ids() == [3]


async def test_no_read_crosses_tenants_or_forgets_them(desk: Desk) -> None:
    await desk.begin(JobKind.LOG)
    async with desk.database.reading() as session:
        with tenant_scope(desk.blue.id):
            assert await jobs(session, desk.ref.id, kinds=[JobKind.LOG], open_only=True) == []
            assert await reports(session, desk.ref.id) == []
            assert await display_messages(session, desk.ref.id) == []
        with pytest.raises(TenantScopeError):
            await jobs(session, desk.ref.id)

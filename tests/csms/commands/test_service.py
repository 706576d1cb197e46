"""Commands: permission first, then the record, durable before anything is sent; then the outcome, whatever it is."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Actor
from csms.bus.events import CommandChanged, Event
from csms.cause import because_of
from csms.clock import ManualClock
from csms.commands.commands import (
    GetVariables,
    RawRequest,
    RequestStart,
    RequestStop,
    Reset,
    SetVariable,
    StationCommand,
)
from csms.commands.port import Delivery
from csms.commands.queries import command, recent_commands
from csms.commands.service import Commands, give_up_unanswered
from csms.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    StationBusyError,
    StationOfflineError,
    StationRefusedError,
    StationTimeoutError,
    UnsupportedActionError,
)
from csms.stations.ref import StationRef
from csms.work import Committer, Work
from models import AuditEntry, Command, Role, Transaction, User
from models.db import Database
from models.scope import TenantScopeError, platform_scope, tenant_scope
from tests.tenancy import TwoTenants


class Line:
    """A CommandPort on which a test says what the station does, and what was durable when it was asked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.answer: Callable[[StationCommand], Delivery] | Exception = lambda _: Delivery("Reset", {}, "Accepted")
        self.asked: list[tuple[StationRef, StationCommand]] = []
        self.recorded: list[tuple[int, int]] = []
        self.hold: asyncio.Event | None = None
        self.rang = asyncio.Event()

    async def deliver(self, ref: StationRef, command: StationCommand) -> Delivery:
        self.asked.append((ref, command))
        self.rang.set()
        async with self.database.reading() as session:
            rows = (await session.execute(select(Command).where(col(Command.state) == "asked"))).scalars().all()
            entries = (await session.execute(select(AuditEntry))).scalars().all()
        self.recorded.append((len(rows), len(entries)))
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(command)


@pytest.fixture
def line(database: Database) -> Line:
    return Line(database)


@pytest.fixture
def commands(committer: Committer, database: Database, clock: ManualClock, line: Line) -> Commands:
    return Commands(committer, database, clock, line, b"platform key")


@pytest.fixture
async def ann(committer: Committer, two_tenants: TwoTenants, clock: ManualClock) -> Actor:
    """Green's operator."""

    async def unit(work: Work) -> int:
        user = User(email="ann@green.example", name="Ann", password_hash="-", created_at=clock.now())
        work.session().add(user)
        await work.session().flush()
        return user.id

    with platform_scope():
        user_id = await committer.run(unit)
    return Actor(user_id, "Ann", "ann@green.example", two_tenants.green.id, Role.OPERATOR)


async def rows(database: Database, tenant_id: int, model: Any) -> list[Any]:
    with tenant_scope(tenant_id):
        async with database.reading() as session:
            return list((await session.execute(select(model).order_by(model.id))).scalars())


async def test_it_is_recorded_before_it_is_sent(
    commands: Commands, line: Line, ann: Actor, database: Database, told: list[Event], two_tenants: TwoTenants
) -> None:
    with because_of("the-click"):
        result = await commands.reset(ann, "green-1", immediate=False)
    assert line.recorded == [(1, 1)]
    assert line.asked == [(two_tenants.green.station, Reset(immediate=False))]
    assert (result.state, result.answer_status, result.error, result.succeeded) == ("answered", "Accepted", None, True)
    [row] = await rows(database, ann.tenant_id, Command)
    assert (row.id, row.state, row.answer_status, row.cause_id) == (
        result.command_id,
        "answered",
        "Accepted",
        "the-click",
    )
    assert (row.user_id, row.station_id) == (ann.user_id, two_tenants.green.station.id)
    [entry] = await rows(database, ann.tenant_id, AuditEntry)
    assert (entry.action, entry.subject, entry.actor, entry.cause_id) == (
        "station.reset",
        "station GREEN-1",
        "ann@green.example",
        "the-click",
    )
    assert entry.details == {"command_id": row.id, "immediate": False, "evse_number": None}
    assert [(e.state, e.cause_id) for e in told if isinstance(e, CommandChanged)] == [
        ("asked", "the-click"),
        ("answered", "the-click"),
    ]


async def test_a_viewer_may_not_and_nothing_is_left_behind(
    commands: Commands, line: Line, ann: Actor, database: Database
) -> None:
    viewer = Actor(ann.user_id, ann.name, ann.email, ann.tenant_id, Role.VIEWER)
    for attempt in (
        commands.reset(viewer, "GREEN-1", immediate=True),
        commands.request_stop(viewer, 1),
        commands.get_variables(viewer, "GREEN-1"),
        commands.send_raw(viewer, "GREEN-1", "Reset", {}),
    ):
        with pytest.raises(PermissionDeniedError):
            await attempt
    assert line.asked == []
    assert await rows(database, ann.tenant_id, Command) == []


async def test_another_tenants_station_does_not_exist(
    commands: Commands, line: Line, ann: Actor, two_tenants: TwoTenants
) -> None:
    for station in ("BLUE-1", two_tenants.blue.station.id, "nobody", 999):
        with pytest.raises(NotFoundError):
            await commands.clear_cache(ann, station)
    assert line.asked == []


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (StationOfflineError("x"), "undelivered", "not connected, so nothing was sent"),
        (StationBusyError("x"), "undelivered", "Too many requests"),
        (UnsupportedActionError("x"), "undelivered", "OCPP version"),
        (InvalidInputError("evseId must be a number"), "undelivered", "evseId must be a number. Nothing was sent"),
        (ConflictError("The registration is pending"), "undelivered", "pending. Nothing was sent"),
        (StationTimeoutError("x"), "unknown", "may still have acted"),
        (StationRefusedError("NotSupported", "no such profile"), "refused", "NotSupported: no such profile"),
        (RuntimeError("a bug"), "unknown", "Something went wrong here"),
    ],
)
async def test_each_failure_is_recorded_and_explained(
    commands: Commands,
    line: Line,
    ann: Actor,
    database: Database,
    told: list[Event],
    error: Exception,
    state: str,
    words: str,
) -> None:
    line.answer = error
    result = await commands.unlock_connector(ann, "GREEN-1", 1)
    assert (result.state, result.succeeded) == (state, False)
    assert words in (result.error or "")
    [row] = await rows(database, ann.tenant_id, Command)
    assert (row.state, row.action) == (state, "UnlockConnector")
    assert row.answered_at is not None
    assert [e.state for e in told if isinstance(e, CommandChanged)] == ["asked", state]


async def test_a_no_of_the_station_is_an_answer_and_explained(commands: Commands, line: Line, ann: Actor) -> None:
    line.answer = lambda _: Delivery("UnlockConnector", {"connectorId": 1}, "UnlockFailed", {"status": "UnlockFailed"})
    result = await commands.unlock_connector(ann, "GREEN-1", 1)
    assert (result.state, result.answer_status) == ("answered", "UnlockFailed")
    assert "somebody must go and look" in (result.error or "")


async def test_what_went_over_the_wire_replaces_our_words(
    commands: Commands, line: Line, ann: Actor, database: Database
) -> None:
    line.answer = lambda _: Delivery("RemoteStartTransaction", {"idTag": "CARD"}, "Accepted", {"status": "Accepted"})
    result = await commands.request_start(ann, "GREEN-1", 1, "CARD")
    [(_, asked)] = line.asked
    assert isinstance(asked, RequestStart)
    assert result.remote_start_id == asked.remote_start_id > 0
    [row] = await rows(database, ann.tenant_id, Command)
    assert (row.action, row.payload, row.remote_start_id) == (
        "RemoteStartTransaction",
        {"idTag": "CARD"},
        asked.remote_start_id,
    )
    assert row.answer == {"status": "Accepted"}


async def test_secrets_are_masked_in_row_audit_and_result(
    commands: Commands, line: Line, ann: Actor, database: Database
) -> None:
    secret = "00112233445566778899aabbccddeeff"
    answer = {"configurationKey": [{"key": "AuthorizationKey", "value": secret}]}
    line.answer = lambda asked: Delivery("X", {"key": "AuthorizationKey", "value": secret}, None, answer)
    results = [
        await commands.set_variable(ann, "GREEN-1", SetVariable("VendorPassword", secret)),
        await commands.send_raw(ann, "GREEN-1", "DataTransfer", {"secret": secret}),
        await commands.request(ann, "GREEN-1", GetVariables()),
    ]
    line.answer = StationOfflineError("x")
    results.append(await commands.set_variable(ann, "GREEN-1", SetVariable("VendorPassword", secret)))
    stored = [*await rows(database, ann.tenant_id, Command), *await rows(database, ann.tenant_id, AuditEntry)]
    assert len(stored) == 8
    assert secret not in repr([results, [row.model_dump() for row in stored]])
    assert [asked.value for _, asked in line.asked if isinstance(asked, SetVariable)] == [secret, secret]


async def test_the_outcome_is_recorded_when_nobody_waits_any_more(
    commands: Commands, line: Line, ann: Actor, database: Database, told: list[Event], bus: Any
) -> None:
    line.hold = asyncio.Event()
    answered = asyncio.Event()
    bus.subscribe(CommandChanged, lambda event: answered.set() if event.state == "answered" else None)
    waiting = asyncio.create_task(commands.reset(ann, "GREEN-1", immediate=True))
    await asyncio.wait_for(line.rang.wait(), 5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    line.hold.set()
    await asyncio.wait_for(answered.wait(), 5)
    [row] = await rows(database, ann.tenant_id, Command)
    assert row.state == "answered"


async def test_what_a_stopped_process_left_open_is_unknown(
    commands: Commands, line: Line, ann: Actor, database: Database, committer: Committer, clock: ManualClock
) -> None:
    line.hold = asyncio.Event()
    waiting = asyncio.create_task(commands.reset(ann, "GREEN-1", immediate=True))
    await asyncio.wait_for(line.rang.wait(), 5)
    with platform_scope():
        await committer.run(lambda work: give_up_unanswered(work, clock.now()))
    [row] = await rows(database, ann.tenant_id, Command)
    assert (row.state, row.answered_at) == ("unknown", clock.now())
    line.hold.set()
    await waiting


async def test_stopping_finds_the_transaction_on_its_station(
    commands: Commands, line: Line, ann: Actor, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    async def unit(work: Work, tenant: Any, is_open: bool, ocpp_id: str | None) -> int:
        row = Transaction(
            station_id=tenant.stations[1].id,
            location_id=tenant.location_id,
            evse_number=1,
            start_key=f"{is_open}{ocpp_id}",
            ocpp_id=ocpp_id,
            is_open=is_open,
            started_at=clock.now(),
            start_received_at=clock.now(),
        )
        work.session().add(row)
        await work.session().flush()
        return row.id

    green, blue = two_tenants.green, two_tenants.blue
    with tenant_scope(green.id):
        running = await committer.run(lambda work: unit(work, green, True, "tx-1"))
        ended = await committer.run(lambda work: unit(work, green, False, "tx-2"))
    with tenant_scope(blue.id):
        theirs = await committer.run(lambda work: unit(work, blue, True, "tx-3"))
    assert (await commands.request_stop(ann, running)).succeeded
    assert line.asked == [(green.stations[1], RequestStop("tx-1"))]
    with pytest.raises(ConflictError):
        await commands.request_stop(ann, ended)
    for unknown in (theirs, 10**6):
        with pytest.raises(NotFoundError):
            await commands.request_stop(ann, unknown)


async def test_every_verb_reaches_the_station(commands: Commands, line: Line, ann: Actor) -> None:
    await commands.change_availability(ann, "GREEN-1", operative=False, evse_number=1)
    await commands.trigger_message(ann, "GREEN-1", "StatusNotification", 1)
    await commands.get_variables(ann, "GREEN-1")
    await commands.clear_cache(ann, "GREEN-1")
    await commands.send_raw(ann, "GREEN-1", "GetDiagnostics", {"location": "ftp://x"}, validate=False)
    names = [type(asked).__name__ for _, asked in line.asked]
    assert names == ["ChangeAvailability", "TriggerMessage", "GetVariables", "ClearCache", "RawRequest"]
    assert line.asked[-1][1] == RawRequest("GetDiagnostics", {"location": "ftp://x"}, validate=False)


async def test_commands_are_read_newest_first_by_their_own_tenant(
    commands: Commands, line: Line, ann: Actor, database: Database, two_tenants: TwoTenants
) -> None:
    for immediate in (True, False, True):
        await commands.reset(ann, "GREEN-1", immediate=immediate)
    station_id = two_tenants.green.station.id
    async with database.reading() as session:
        with tenant_scope(two_tenants.green.id):
            newest = await recent_commands(session, station_id, limit=2)
            older = await recent_commands(session, station_id, before_id=newest[-1][0].id)
            assert await command(session, newest[0][0].id) is not None
        ids = [row.id for row, _ in [*newest, *older]]
        assert ids == sorted(ids, reverse=True)
        assert len(ids) == 3
        assert {who for _, who in newest} == {"ann@green.example"}
        session.expunge_all()
        with tenant_scope(two_tenants.blue.id):
            assert await recent_commands(session, station_id) == []
            assert await command(session, ids[0]) is None
        for read in (lambda: recent_commands(session, station_id), lambda: command(session, ids[0])):
            with pytest.raises(TenantScopeError):
                await read()

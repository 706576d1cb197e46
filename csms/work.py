"""The unit of work, and the group commit that makes "durable before acknowledged" cheap (DESIGN section 3, rule 1).

Units that arrive while a commit is in flight share the next one: they run one after the other inside a single
transaction, their appended rows are written by one statement per table, and one commit makes all of them durable.
A unit that fails takes back its own changes and nobody else's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context, ContextVar, copy_context
from datetime import datetime
from types import CoroutineType
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Executable, Row, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from csms import metrics
from csms.bus.bus import Bus
from csms.bus.events import Event
from csms.cause import current_cause
from csms.obligations import Obligation
from models import OutboxEntry
from models.bulk import Rows
from models.db import Database
from models.row_security import narrow_async
from models.scope import check_row, current_scope

log = structlog.get_logger(__name__)
T = TypeVar("T")
_inside: ContextVar[bool] = ContextVar("inside_unit_of_work", default=False)
MAX_UNITS_PER_COMMIT = 256


class Work:
    """One unit of work. All or nothing; what it announces is told only after the commit."""

    __slots__ = ("_connection", "callbacks", "dialect", "events", "opened_session", "owes", "rows")

    def __init__(self, connection: AsyncConnection, dialect: str) -> None:
        self._connection = connection
        self.dialect = dialect
        """Name of the database's SQL dialect: sqlite or postgresql."""
        self.opened_session: AsyncSession | None = None
        self.rows: list[tuple[Executable, dict[str, Any]]] = []
        self.events: list[Event] = []
        self.callbacks: list[Callable[[], None]] = []
        self.owes = False

    def session(self) -> AsyncSession:
        """A session inside the shared transaction, for units that read before they write. Never commit it yourself."""
        if self.opened_session is None:
            self.opened_session = AsyncSession(
                self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            )
        return self.opened_session

    async def read(self, statement: Executable, values: dict[str, Any]) -> Sequence[Row[Any]]:
        """Rows of a Core query inside the shared transaction, without the cost of a session and its savepoint.

        For hot paths. The query names the tenant itself: no guard stands behind it. Appended rows are not seen yet.
        """
        await narrow_async(self._connection, current_scope())
        return (await self._connection.execute(statement, values)).all()

    def append(self, table: "type[Any] | Executable", row: dict[str, Any]) -> None:
        """Add a row by a Core statement shared with the other units of the commit: the hot path.

        `table` is a model, or an insert/update statement with bind parameters that names its own columns. Values are
        plain; defaults of the model are not applied. The row is not visible to queries before the commit.
        """
        statement = insert_into(table) if isinstance(table, type) else table
        if "tenant_id" in row:
            check_row(row)
        self.rows.append((statement, row))

    def announce(self, event: Event) -> None:
        """Publish `event` after the commit."""
        self.events.append(event)

    def owe(self, obligation: Obligation, *, at: datetime, tenant_id: int | None = None) -> None:
        """Make sure that `obligation` is met after the commit, whatever becomes of this process; `at` is now.

        It belongs to `tenant_id`, else to the tenant in scope, else to the platform.
        """
        row = {
            "tenant_id": tenant_id or current_scope() or None,
            "kind": type(obligation).__name__,
            "payload": obligation.to_payload(),
            "cause_id": current_cause(),
            "created_at": at,
            "due_at": at,
            "leased_until": None,
            "attempts": 0,
            "last_error": "",
            "done_at": None,
            "dead_at": None,
        }
        self.rows.append((insert_into(OutboxEntry), row))
        self.owes = True

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the commit is durable; for caches that mirror the database."""
        self.callbacks.append(callback)


_inserts: dict[type[Any], Executable] = {}


def insert_into(model: type[Any]) -> Executable:
    """The one insert statement of a model's table, so that rows of many units can share it."""
    statement = _inserts.get(model)
    if statement is None:
        table: Table = model.__table__
        statement = _inserts[model] = insert(table)
    return statement


Done = Callable[[Any, BaseException | None], None]
"""Told how a unit ended: its result, or the error that kept it from being written. Quick, and never raises."""


class _Unit:
    __slots__ = ("context", "done", "error", "result", "run", "work")

    def __init__(self, run: Callable[[Work], Any], context: Context, done: Done) -> None:
        self.run = run
        self.context = context
        self.done = done
        self.work: Work | None = None
        self.result: Any = None
        self.error: BaseException | None = None


def context_for_units() -> Context:
    """A copy of the present context variables (tenant, cause) in which units may run, one at a time."""
    context = copy_context()
    context.run(_inside.set, True)
    return context


def context_beside(context: Context) -> Context:
    """The variables of a context for units, for a task that is no unit and may run some."""
    context = context.copy()
    context.run(_inside.set, False)
    return context


class Committer:
    """Runs units of work. One per process; `start()` before use, `stop()` to drain."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._waiting: list[_Unit] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._owed: Callable[[], None] = _nobody
        self._oblige: Callable[[Work], None] | None = None

    def on_owed(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that holds an obligation."""
        self._owed = listener

    def oblige(self, hook: Callable[[Work], None]) -> None:
        """Let `hook` write into each unit what its events owe to others, such as webhooks. It only appends."""
        self._oblige = hook

    def start(self) -> None:
        """Begin committing."""
        self._task = asyncio.create_task(self._commit_forever(), name="committer")

    async def stop(self) -> None:
        """Commit what waits, then end."""
        task, self._task = self._task, None
        self._wake.set()
        if task is not None:
            await task

    async def run(self, unit: Callable[[Work], Awaitable[T] | T]) -> T:
        """Run `unit` in the next commit and return its result once that is durable.

        A plain function that only appends rows is the cheapest kind; a coroutine function may use `work.session()`.

        The unit may be run twice when a neighbour's row spoils the shared commit, so it changes nothing outside its
        `Work` (use `after_commit`), and it waits for nothing but the database. Raises what the unit raises, or the
        database's error; then nothing of it was kept.
        """
        if _inside.get():
            raise RuntimeError("a unit of work inside a unit of work would wait for itself")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def done(result: Any, error: BaseException | None) -> None:
            if future.done():  # whoever asked has gone away; what is committed stays
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        self.submit(unit, context_for_units(), done)
        return await future

    def submit(self, unit: Callable[[Work], Any], context: Context, done: Done) -> None:
        """Run `unit` in the next commit as `run` does, in a context of `context_for_units`, and call `done` after it.

        For hot paths: costs no task and no future.
        """
        if self._task is None:
            raise RuntimeError("the committer is not running")
        self._waiting.append(_Unit(unit, context, done))
        self._wake.set()

    async def _commit_forever(self) -> None:
        while self._task is not None or self._waiting:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_UNITS_PER_COMMIT], self._waiting[MAX_UNITS_PER_COMMIT:]
                await self._commit(batch)

    async def _commit(self, batch: list[_Unit]) -> None:
        try:
            with metrics.commit_seconds.time():
                await self._write(batch)
        except Exception as error:
            await self._database.drop_writing()
            await self._retry_alone(batch, error)
            return
        metrics.commit_units.observe(len(batch))
        self._tell(batch)

    async def _write(self, batch: list[_Unit]) -> None:
        connection = await self._database.writing()
        dialect = connection.dialect.name
        rows: Rows = {}
        for unit in batch:
            unit.work = work = Work(connection, dialect)
            unit.error = None
            try:
                result = unit.context.run(unit.run, work)
            except Exception as error:
                unit.error = error
                continue
            if type(result) is CoroutineType:
                await self._finish(unit, work, cast(Coroutine[Any, Any, Any], result), connection)
            else:
                unit.result = result
            if unit.error is None:
                if work.events and self._oblige is not None:
                    unit.context.run(_call, self._oblige, work)
                for statement, row in work.rows:
                    of_statement = rows.get(statement)
                    if of_statement is None:
                        rows[statement] = [row]
                    else:
                        of_statement.append(row)
        if rows or connection.in_transaction():
            await self._database.commit(rows)

    async def _finish(
        self, unit: _Unit, work: Work, result: Coroutine[Any, Any, Any], connection: AsyncConnection
    ) -> None:
        """Run a coroutine unit to its end, its queries inside the shared transaction.

        Only a coroutine may query, so the transaction begins with the first of them; units that merely append leave it
        to the commit. It runs with the context variables (tenant, cause) of whoever asked for it.
        """

        async def finish() -> Any:
            value = await result
            if work.opened_session is not None:
                await work.opened_session.flush()  # here, where the tenant is still in scope
            return value

        try:
            if not connection.in_transaction():
                await connection.begin()
            unit.result = await asyncio.get_running_loop().create_task(finish(), context=unit.context)
            if work.opened_session is not None:
                await work.opened_session.commit()  # releases its savepoint; the shared commit comes later
        except Exception as error:
            unit.error = error
            if work.opened_session is not None:
                await work.opened_session.rollback()
        finally:
            if work.opened_session is not None:
                await work.opened_session.close()

    async def _retry_alone(self, batch: list[_Unit], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].done(None, error)
            return
        log.warning("shared commit failed; its units are committed one by one", error=str(error), units=len(batch))
        for unit in batch:
            await self._commit([unit])

    def _tell(self, batch: list[_Unit]) -> None:
        """First the mirrors of the database, then those who asked, then the world."""
        for unit in batch:
            if unit.error is None:
                for callback in cast(Work, unit.work).callbacks:
                    _call(callback)
        for unit in batch:
            try:
                unit.done(unit.result, unit.error)
            except Exception:  # one asker's fault must not end the commits of all
                log.exception("whoever asked for a unit of work could not be told")
        publish = self._bus.publish
        for unit in batch:
            if unit.error is None and (events := cast(Work, unit.work).events):
                publish(events)
        if any(unit.error is None and cast(Work, unit.work).owes for unit in batch):
            _call(self._owed)


def _nobody() -> None:
    """Where nobody meets obligations: another process does."""


def _call(callback: Callable[..., None], *arguments: Any) -> None:
    """A fault of whoever listens must not undo what a station was promised."""
    try:
        callback(*arguments)
    except Exception:
        log.exception("callback of a commit failed")

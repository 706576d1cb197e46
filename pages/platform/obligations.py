"""What is owed and could not be delivered yet: mails, webhooks. Given-up ones can be tried again."""

from typing import Any, Final

from nicegui import ui

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Filter, Page, Query
from components.details import Details
from components.empty import Empty
from components.form_dialog import FormDialog
from csms.errors import VoltdeckError
from csms.jobs.obligations import UnmetRow, try_again, unmet
from pages.operator.words import readable
from pages.platform.session import PlatformContext
from themes.markup import Tag

COLUMNS: Final = (
    Column("kind", "What", kind="link", mobile="title"),
    Column("state", "State", mobile="side"),
    Column("tenant", "Tenant", kind="muted"),
    Column("error", "Why not yet"),
    Column("at", "Owed since", kind="age", align="right"),
)
FILTERS: Final = (Filter("given_up", "Given up"), Filter("waiting", "Tried again"))
NOTHING: Final = Empty(
    "Everything was delivered", "Mails and webhooks that fail appear here until they get through.", icon="circle-check"
)


async def obligations(context: PlatformContext) -> None:
    """The list of what failed; delivered ones are not shown."""
    Obligations(context)


class Obligations:
    """The table, and a dialog for one."""

    def __init__(self, context: PlatformContext) -> None:
        self._context = context
        self._rows: dict[str, UnmetRow] = {}
        self._place = ui.context.slot.parent
        with context.frame.heading("Undelivered", sub="Mails and webhooks that did not get through at once."):
            button("Reload", icon="refresh-cw", on_click=lambda: self._table.reload())
        with card(flush=True):
            Tag("h2", "All that is undelivered", "vd-hidden")
            self._table = DataTable(
                COLUMNS, self._fetch, filters=FILTERS, empty=NOTHING, on_open=self._open, title="Undelivered"
            )

    async def _fetch(self, query: Query) -> Page:
        given_up = "given_up" in query.filters if len(query.filters) == 1 else None
        async with self._context.reading() as session:
            rows, total = await unmet(session, given_up=given_up, offset=query.offset, limit=query.limit)
        self._rows = {str(row.id): row for row in rows}
        return Page([_cells(row) for row in rows], total)

    def _open(self, key: str) -> None:
        row = self._rows.get(key)
        if row is None:
            return

        async def again() -> None:
            services = self._context.services
            async with self._context.acting() as actor:
                await try_again(services.committer, services.clock, actor, [row.id])
            ui.notify("It is being tried again.")
            await self._table.reload()

        with self._place, FormDialog(readable(row.kind), "Try again now", again, errors=VoltdeckError):
            facts = {"Tenant": row.tenant or "The platform", "State": _words(row), "Attempts": str(row.attempts)}
            Details({**facts, "Why not yet": row.last_error})


def _cells(row: UnmetRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": readable(row.kind),
        "state": Cell(_words(row), status="Faulted" if row.dead_at else "Preparing"),
        "tenant": row.tenant or "The platform",
        "error": row.last_error,
        "at": row.created_at.isoformat(),
        "opens": True,
    }


def _words(row: UnmetRow) -> str:
    return "Given up" if row.dead_at else "Tried again"

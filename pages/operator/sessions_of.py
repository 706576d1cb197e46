"""The sessions of a card or a driver, as a table on their page."""

from typing import Any, Final

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Page, Query
from components.empty import Empty
from csms.transactions.queries import TransactionQuery, TransactionRow, search_transactions
from pages.operator.transaction_rows import transaction_row
from pages.session import PageContext

COLUMNS: Final = (
    Column("started_at", "Started", kind="link", sortable=True, mobile="title"),
    Column("state", "State", mobile="side"),
    Column("station", "Station"),
    Column("energy_wh", "Energy", kind="num", align="right"),
    Column("cost", "Cost", kind="num", align="right"),
)


class SessionsOf:
    """Newest first; `driver_id` or `id_token_id` says whose."""

    def __init__(
        self, context: PageContext, *, driver_id: int | None = None, id_token_id: int | None = None, search: str = ""
    ) -> None:
        self._context = context
        self._driver_id, self._id_token_id = driver_id, id_token_id
        with card("Sessions", flush=True) as frame:
            if search:
                with frame.actions:
                    button("All of them", icon="zap", kind="quiet", href=f"/transactions?q={search}")
            DataTable(
                COLUMNS,
                self._fetch,
                page_size=10,
                sort="started_at",
                descending=True,
                empty=Empty("No sessions yet", "A session appears here when a car starts to charge.", icon="zap"),
                title="Sessions",
            )

    async def _fetch(self, query: Query) -> Page:
        wanted = TransactionQuery(
            driver_id=self._driver_id,
            id_token_id=self._id_token_id,
            sort=query.sort or "started_at",
            descending=query.descending,
            offset=query.offset,
            limit=query.limit,
        )
        async with self._context.reading() as session:
            rows, total = await search_transactions(session, wanted)
        return Page([self._row(row) for row in rows], total)

    def _row(self, row: TransactionRow) -> dict[str, Any]:
        shown = transaction_row(row, self._context)
        if row.authorization_status not in ("", "Accepted"):
            shown["state"] = Cell(shown["state"].text, sub=f"Not authorized: {row.authorization_status}")
        return shown

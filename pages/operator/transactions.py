"""All sessions of the tenant: found and sorted on the server; those that run are live as long as they are looked at."""

from datetime import datetime
from typing import Any, Final

from nicegui import ui

from components.controls import card
from components.data_table import DataTable, Filter, Page, Query
from components.empty import Empty
from components.live import follow
from csms.access.policy import Permission, require
from csms.stations.queries import locations
from csms.transactions.queries import TransactionQuery, search_transactions
from models import Location
from pages.operator.address import AddressBar, ListAddress
from pages.operator.location_filter import chosen_location, location_filter
from pages.operator.period import PERIODS, period_filter, period_start
from pages.operator.transaction_rows import COLUMNS, live_cells, transaction_row
from pages.session import PageContext
from themes.markup import Tag

ADDRESS: Final = ListAddress("/transactions", sort="started_at", descending=True)
FILTERS: Final = (Filter("running", "Running"), Filter("ended", "Ended"))
NONE_YET: Final = Empty(
    "No sessions yet", "A session appears here when a car starts to charge at one of your stations.", icon="zap"
)


async def transactions(
    context: PageContext,
    q: str = "",
    show: str = "",
    sort: str = "",
    page: str = "",
    at: str = "",
    period: str = "",
) -> None:
    """The parameters come from the address: search, running or ended, order, page, location and period."""
    require(context.actor, Permission.TRANSACTIONS_VIEW)
    heading = context.frame.heading("Sessions")
    async with context.reading() as session:
        places = await locations(session)
    begin = ADDRESS.query(q, show, sort, page)
    TransactionList(context, places, begin, chosen_location(places, at), period if period in PERIODS else "", heading)


class TransactionList:
    """The table, the choices beside it, and the address that follows them."""

    def __init__(
        self,
        context: PageContext,
        places: list[Location],
        begin: Query,
        location_id: int | None,
        period: str,
        heading: ui.element,
    ) -> None:
        self._context = context
        self._location_id = location_id
        self._period = period
        self._zones = {place.id: place.time_zone for place in places}
        self._open: dict[str, str] = {}
        self._address = AddressBar(ADDRESS.path, self._parameters(begin))
        with heading:
            period_filter(period, self._choose_period)
            location_filter(places, location_id, self._choose_location)
        with card(flush=True):
            Tag("h2", "All sessions", "vd-hidden")
            self._following = follow(context.services.board, context.tenant.id, (), self._update)
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                search="Search station, place, token, id",
                filters=FILTERS,
                page_size=ADDRESS.page_size,
                start=begin,
                empty=NONE_YET,
                on_rows=self._watch,
                title="Sessions",
            )

    async def _fetch(self, query: Query) -> Page:
        self._address.show(self._parameters(query))
        async with self._context.reading() as session:
            rows, total = await search_transactions(session, self._wanted(query))
        self._open = {str(row.id): row.location_time_zone for row in rows if row.is_open}
        return Page([transaction_row(row, self._context) for row in rows], total)

    def _wanted(self, query: Query) -> TransactionQuery:
        one = len(query.filters) == 1
        return TransactionQuery(
            text=query.search,
            is_open=("running" in query.filters) if one else None,
            location_id=self._location_id,
            since=self._since(),
            sort=query.sort or ADDRESS.sort,
            descending=query.descending,
            offset=query.offset,
            limit=query.limit,
        )

    def _since(self) -> datetime | None:
        zone = self._zones.get(self._location_id, self._context.tenant.time_zone)
        return period_start(self._period, self._context.services.clock.now(), zone)

    async def _choose_location(self, location_id: int | None) -> None:
        self._location_id = location_id
        await self._table.restart()

    async def _choose_period(self, period: str) -> None:
        self._period = period
        await self._table.restart()

    def _watch(self, keys: list[str]) -> None:
        self._following.watch([f"transaction:{key}" for key in keys if key in self._open])

    def _update(self, snapshot: dict[str, Any]) -> None:
        key = str(snapshot["id"])
        formats = self._context.formats.at(self._open.get(key, self._context.tenant.time_zone))
        self._table.patch_row(key, live_cells(snapshot, formats))

    def _parameters(self, query: Query) -> dict[str, str]:
        return ADDRESS.parameters(query, at=str(self._location_id or ""), period=self._period)

"""All stations of the tenant: found, narrowed and sorted on the server, and live as long as they are looked at."""

from typing import Final

from nicegui import ui

from components.controls import card
from components.data_table import Column, DataTable, Filter, Page, Query
from components.empty import Empty
from components.live import Following, follow
from components.status import STATUSES
from csms.access.policy import Permission, require
from csms.stations.queries import StationQuery, locations, search_stations
from models import Location
from pages.operator.address import AddressBar, ListAddress
from pages.operator.location_filter import chosen_location, location_filter
from pages.operator.station_rows import live_cells, station_row
from pages.session import PageContext
from themes.markup import Tag

ADDRESS: Final = ListAddress("/stations", sort="identity")
COLUMNS: Final = (
    Column("identity", "Station", kind="link", sortable=True, mobile="title"),
    Column("status", "Status", kind="status", sortable=True, mobile="side"),
    Column("connectors", "Connectors"),
    Column("power", "Power", kind="num", align="right"),
    Column("location", "Location", sortable=True),
    Column("vendor", "Model", kind="muted", sortable=True, mobile="hide"),
    Column("last_seen_at", "Last seen", kind="age", align="right", sortable=True),
)
STATUS_FILTERS: Final = ("Available", "Charging", "Occupied", "Faulted", "Unavailable", "Offline")
NONE_YET: Final = Empty(
    "No stations yet",
    "Register a station with `python main.py station add`; then point the station at the address that it prints.",
    icon="ev-charger",
)


async def stations(
    context: PageContext, q: str = "", show: str = "", sort: str = "", page: str = "", at: str = ""
) -> None:
    """The parameters come from the address: search, statuses, order, page and location."""
    require(context.actor, Permission.STATIONS_VIEW)
    heading = context.frame.heading("Stations")
    async with context.reading() as session:
        places = await locations(session)
    StationList(context, places, ADDRESS.query(q, show, sort, page), chosen_location(places, at), heading)


class StationList:
    """The table, the location beside it, and the address that follows both."""

    def __init__(
        self, context: PageContext, places: list[Location], begin: Query, location_id: int | None, heading: ui.element
    ) -> None:
        self._context = context
        self._location_id = location_id
        self._address = AddressBar(ADDRESS.path, self._parameters(begin))
        with heading:
            location_filter(places, location_id, self._choose)
        with card(flush=True):
            Tag("h2", "All stations", "vd-hidden")
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                search="Search name, identity, model, place",
                filters=[Filter(status, STATUSES[status].word) for status in STATUS_FILTERS],
                page_size=ADDRESS.page_size,
                start=begin,
                empty=NONE_YET,
                on_rows=self._watch,
                title="Stations",
            )
            self._following: Following = follow(context.services.board, context.tenant.id, (), self._update)

    async def _fetch(self, query: Query) -> Page:
        self._address.show(self._parameters(query))
        wanted = StationQuery(
            text=query.search,
            statuses=sorted(query.filters),
            location_id=self._location_id,
            sort=query.sort or ADDRESS.sort,
            descending=query.descending,
            offset=query.offset,
            limit=query.limit,
        )
        async with self._context.reading() as session:
            rows, total = await search_stations(session, wanted)
        return Page([station_row(row, self._context) for row in rows], total)

    async def _choose(self, location_id: int | None) -> None:
        self._location_id = location_id
        await self._table.restart()

    def _watch(self, keys: list[str]) -> None:
        self._following.watch([f"station:{key}" for key in keys])

    def _update(self, snapshot: dict[str, object]) -> None:
        self._table.patch_row(str(snapshot["id"]), live_cells(snapshot, self._context))

    def _parameters(self, query: Query) -> dict[str, str]:
        return ADDRESS.parameters(query, at=str(self._location_id or ""))

"""All stations of the tenant: found, narrowed and sorted on the server, and live as long as they are looked at."""

from typing import Final

from nicegui import ui

from components.controls import button, card
from components.data_table import Column, DataTable, Filter, Page, Query
from components.empty import Empty
from components.live import Following, follow
from components.status import STATUSES
from csms.access.policy import Permission, require
from csms.stations.knocking import knocks_waiting
from csms.stations.queries import StationQuery, locations, search_stations
from models import Location
from pages.operator.address import AddressBar, ListAddress
from pages.operator.label_dialog import label_dialog
from pages.operator.location_filter import chosen_location, location_filter
from pages.operator.menu import menu_entry, menu_link
from pages.operator.station_rows import live_cells, station_row
from pages.session import PageContext
from themes.markup import Tag

ADDRESS: Final = ListAddress("/stations", sort="identity")
MOST_LABELLED: Final = 200
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
    "Add your first charger: you get the address and the password to enter at it, and see it connect.",
    icon="ev-charger",
    action=("Add a charger", "/stations/new"),
)
NONE_TO_SEE: Final = Empty("No stations yet", "An Operator or Admin can add the first one.", icon="ev-charger")


async def stations(
    context: PageContext, q: str = "", show: str = "", sort: str = "", page: str = "", at: str = ""
) -> None:
    """The parameters come from the address: search, statuses, order, page and location."""
    require(context.actor, Permission.STATIONS_VIEW)
    heading = context.frame.heading("Stations")
    manages = context.may(Permission.STATIONS_MANAGE)
    async with context.reading() as session:
        places = await locations(session)
        knocking = await knocks_waiting(session) if manages else 0
    StationList(context, places, ADDRESS.query(q, show, sort, page), chosen_location(places, at), heading, knocking)


class StationList:
    """The table, the location beside it, and the address that follows both."""

    def __init__(
        self,
        context: PageContext,
        places: list[Location],
        begin: Query,
        location_id: int | None,
        heading: ui.element,
        knocking: int,
    ) -> None:
        self._context = context
        self._location_id = location_id
        self._address = AddressBar(ADDRESS.path, self._parameters(begin))
        manages = context.may(Permission.STATIONS_MANAGE)
        with heading:
            location_filter(places, location_id, self._choose)
            if manages:
                self._fleet_buttons(knocking)
        with card(flush=True):
            Tag("h2", "All stations", "vd-hidden")
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                search="Search name, identity, model, place",
                filters=[Filter(status, STATUSES[status].word) for status in STATUS_FILTERS],
                page_size=ADDRESS.page_size,
                start=begin,
                empty=NONE_YET if manages else NONE_TO_SEE,
                on_rows=self._watch,
                title="Stations",
            )
            self._following: Following = follow(context.services.board, context.tenant.id, (), self._update)

    def _fleet_buttons(self, knocking: int) -> None:
        """Ways to more chargers, to their labels and places."""
        if knocking:
            words = "1 charger knocks" if knocking == 1 else f"{knocking} chargers knock"
            button(words, icon="inbox", href="/stations/inbox")
        with button("More", icon="chevron-down") as opener, ui.menu() as menu:
            opener.props["aria-haspopup"] = "menu"
            menu.classes("vd-actions")
            menu_link("inbox", "Charger inbox", "Unknown chargers, failed connections", "/stations/inbox")
            menu_link("file-text", "Import a table", "Many chargers at once, from CSV", "/stations/import")
            menu_link("map-pin", "Locations", "Addresses, coordinates, time zones", "/locations")
            menu_entry("hash", "Labels…", "QR codes of all shown here", self._labels)
        button("Add a charger", icon="plus", kind="primary", href="/stations/new")

    async def _labels(self) -> None:
        """Of what the list is narrowed to: the search, the statuses, the location."""
        query = self._table.query
        wanted = StationQuery(query.search, sorted(query.filters), self._location_id, limit=MOST_LABELLED)
        if not query.search and not query.filters:
            label_dialog(self._context, location_id=self._location_id)
            return
        async with self._context.reading() as session:
            rows, _ = await search_stations(session, wanted)
        label_dialog(self._context, stations=[row.id for row in rows])

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

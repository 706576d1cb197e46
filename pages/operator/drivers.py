"""Everybody who charges: found, narrowed and sorted on the server."""

from typing import Any, Final

from nicegui import ui

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Filter, Page, Query
from components.empty import Empty
from csms.access.policy import Permission, require
from csms.authorization.queries import DriverEntry, DriverQuery, list_drivers
from pages.operator.address import AddressBar, ListAddress
from pages.operator.card_words import driver_address
from pages.operator.driver_form import add_driver_dialog
from pages.session import PageContext
from themes.markup import Tag

ADDRESS: Final = ListAddress("/drivers", sort="name")
COLUMNS: Final = (
    Column("name", "Driver", kind="link", sortable=True, mobile="title"),
    Column("email", "Contact", kind="muted"),
    Column("cards", "Cards", kind="num", align="right"),
    Column("vehicles", "Cars", kind="num", align="right"),
    Column("last_charged_at", "Last charge", kind="age", align="right", sortable=True),
)
FILTERS: Final = (Filter("active", "Active"), Filter("archived", "Archived"))


async def drivers(context: PageContext, q: str = "", show: str = "", sort: str = "", page: str = "") -> None:
    """The parameters come from the address: search, active or archived, order and page."""
    require(context.actor, Permission.TOKENS_VIEW)
    DriverList(context, ADDRESS.query(q, show, sort, page))


class DriverList:
    """The table and the address that follows it."""

    def __init__(self, context: PageContext, begin: Query) -> None:
        self._context = context
        self._place = ui.context.slot.parent
        self._address = AddressBar(ADDRESS.path, ADDRESS.parameters(begin))
        may = context.may(Permission.TOKENS_MANAGE)
        with context.frame.heading("Drivers"):
            if may:
                button("Add a driver", icon="plus", kind="primary", on_click=self._add)
        with card(flush=True):
            Tag("h2", "All drivers", "vd-hidden")
            DataTable(
                COLUMNS,
                self._fetch,
                search="Search name, e-mail, card, number plate",
                filters=FILTERS,
                page_size=ADDRESS.page_size,
                start=begin,
                empty=Empty(
                    "No drivers yet",
                    "A driver has cards and cars, and limits if you like. Add one here, or adopt a card that was held "
                    "to a charger and type its driver's name.",
                    icon="users",
                    action=("Add a driver", self._add) if may else None,
                ),
                title="Drivers",
            )

    def _add(self) -> None:
        with self._place:
            add_driver_dialog(self._context)

    async def _fetch(self, query: Query) -> Page:
        self._address.show(ADDRESS.parameters(query))
        wanted = DriverQuery(
            text=query.search,
            states=query.filters,
            sort=query.sort or ADDRESS.sort,
            descending=query.descending,
            offset=query.offset,
            limit=query.limit,
        )
        async with self._context.reading() as session:
            rows, total = await list_drivers(session, wanted)
        return Page([_row(row) for row in rows], total)


def _row(entry: DriverEntry) -> dict[str, Any]:
    row = entry.driver
    state = "Data erased" if row.erased_at else "Archived" if row.archived_at else row.external_reference
    return {
        "id": str(row.id),
        "href": driver_address(row.id),
        "name": Cell(row.name, sub=state),
        "email": Cell(row.email or row.phone, sub=row.phone if row.email else ""),
        "cards": str(entry.cards),
        "vehicles": str(entry.vehicles),
        "last_charged_at": entry.last_charged_at.isoformat() if entry.last_charged_at else "",
    }

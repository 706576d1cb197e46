"""Every card of the tenant, the unknown ones that wait, their groups, and the lists that stations hold."""

from typing import Any, Final

from nicegui import ui

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Filter, Page, Query
from components.empty import Empty
from components.live import follow
from csms.access.policy import Permission, require
from csms.authorization.queries import TokenEntry, TokenQuery, list_tokens
from pages.operator.address import AddressBar, ListAddress
from pages.operator.card_form import add_card_dialog
from pages.operator.card_groups import CardGroups
from pages.operator.card_import import CardImport
from pages.operator.card_lists import CardLists
from pages.operator.card_words import card_address, driver_address, kind_words, state_cell
from pages.operator.unknown_cards import UnknownCards
from pages.session import PageContext
from themes.markup import Tag

ADDRESS: Final = ListAddress("/cards", sort="created_at", descending=True)
COLUMNS: Final = (
    Column("value", "Card", kind="link", sortable=True, mobile="title"),
    Column("state", "State", mobile="side"),
    Column("driver", "Driver", sortable=True),
    Column("group", "Group", kind="muted", sortable=True),
    Column("used_at", "Last used", kind="age", align="right"),
)
FILTERS: Final = (
    Filter("accepted", "Accepted"),
    Filter("blocked", "Blocked"),
    Filter("expired", "Expired"),
    Filter("not_yet", "Not valid yet"),
    Filter("unassigned", "Without a driver"),
)


async def cards(context: PageContext, q: str = "", show: str = "", sort: str = "", page: str = "") -> None:
    """The parameters come from the address: search, states, order and page."""
    require(context.actor, Permission.TOKENS_VIEW)
    inbox = CardPage(context, ADDRESS.query(q, show, sort, page)).inbox
    await inbox.load()


class CardPage:
    """Heading, inbox, table, groups and lists."""

    def __init__(self, context: PageContext, begin: Query) -> None:
        self._context = context
        self._address = AddressBar(ADDRESS.path, ADDRESS.parameters(begin))
        self._place = ui.context.slot.parent
        self._heading()
        with Tag("div", classes="vd-stack vd-stack--wide"):
            self.inbox = UnknownCards(context)
            with card(flush=True):
                Tag("h2", "All cards", "vd-hidden")
                self._table = DataTable(
                    COLUMNS,
                    self._fetch,
                    search="Search number, label, driver, group",
                    filters=FILTERS,
                    page_size=ADDRESS.page_size,
                    start=begin,
                    empty=self._empty(),
                    title="Cards",
                )
                follow(context.services.board, context.tenant.id, ["cards"], self._changed)
            CardGroups(context)
            CardLists(context)

    def _heading(self) -> None:
        with self._context.frame.heading("Cards"):
            button("Export", icon="download", href="/data/cards.csv")
            if self._context.may(Permission.TOKENS_MANAGE):
                button("Import", icon="layers", on_click=self._import)
                button("Add a card", icon="plus", kind="primary", on_click=lambda: add_card_dialog(self._context))

    def _empty(self) -> Empty:
        text = "Hold a card to a charger and adopt it here, add one by its number, or import a list."
        if not self._context.may(Permission.TOKENS_MANAGE):
            return Empty("No cards yet", "An Operator can add them.", icon="nfc")
        return Empty("No cards yet", text, icon="nfc", action=("Add a card", lambda: add_card_dialog(self._context)))

    def _import(self) -> None:
        with self._place:
            CardImport(self._context)

    async def _fetch(self, query: Query) -> Page:
        self._address.show(ADDRESS.parameters(query))
        wanted = TokenQuery(
            text=query.search,
            states=query.filters,
            sort=query.sort or ADDRESS.sort,
            descending=query.descending,
            offset=query.offset,
            limit=query.limit,
        )
        async with self._context.reading() as session:
            rows, total = await list_tokens(session, wanted, self._context.services.clock.now())
        return Page([card_row(row, self._context) for row in rows], total)

    def _changed(self, batch: dict[str, Any]) -> None:
        """Somebody, perhaps elsewhere, changed cards; a card that was merely seen changes nothing here."""
        if any("value" not in one for one in batch["cards"]):
            ui.timer(0, self._table.reload, once=True)


def card_row(entry: TokenEntry, context: PageContext) -> dict[str, Any]:
    """A row of a table of cards."""
    row = entry.token
    about = " · ".join(filter(None, (row.label, kind_words(row.type))))
    driver = Cell(entry.driver, href=driver_address(row.driver_id)) if row.driver_id else Cell("")
    return {
        "id": str(row.id),
        "href": card_address(row.id),
        "value": Cell(row.value, sub=about),
        "state": state_cell(entry, context.services.clock.now(), context.formats),
        "driver": driver,
        "group": row.group or "",
        "used_at": entry.last_used_at.isoformat() if entry.last_used_at else "",
    }

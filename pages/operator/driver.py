"""One driver: who they are, their cards and cars, what they may use, their sessions, and their data."""

from typing import Any, Final

from nicegui import ui

from components.confirm import confirm
from components.controls import button, card, icon_button
from components.data_table import Column, DataTable, Page, Query
from components.details import details
from components.empty import Empty
from components.undo import offer_undo
from csms.access.policy import Permission, require
from csms.authorization.drivers import (
    archive_driver,
    delete_driver,
    delete_vehicle,
    find_driver,
    restore_driver,
)
from csms.authorization.limits import Allotment, Limits, Use
from csms.authorization.personal_data import erase_driver
from csms.authorization.queries import TokenQuery, list_tokens, vehicles_of
from csms.errors import NotFoundError, VoltdeckError
from csms.transactions.use import books_of, use_of
from models import Driver, Vehicle
from pages.operator.card import number_in
from pages.operator.card_form import add_card_dialog
from pages.operator.cards import card_row
from pages.operator.driver_form import change_driver_dialog, vehicle_dialog
from pages.operator.limit_fields import use_bars
from pages.operator.sessions_of import SessionsOf
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

CARDS: Final = (
    Column("value", "Card", kind="link", mobile="title"),
    Column("state", "State", mobile="side"),
    Column("used_at", "Last used", kind="age", align="right"),
)


async def driver(context: PageContext, driver_id: str) -> None:
    """Raises NotFoundError for a driver who is unknown, or another tenant's."""
    require(context.actor, Permission.TOKENS_VIEW)
    await DriverPage(context, number_in(driver_id, "This driver")).show()


class DriverPage:
    """Built anew after each change."""

    def __init__(self, context: PageContext, driver_id: int) -> None:
        self._context = context
        self._id = driver_id
        self._place = ui.context.slot.parent
        self._body = Tag("div", classes="vd-stack vd-stack--wide")

    async def show(self) -> None:
        """Read and build."""
        now = self._context.services.clock.now()
        async with self._context.reading() as session:
            try:
                row = await find_driver(session, self._id)
            except NotFoundError:
                raise NotFoundError("This driver") from None
            vehicles = await vehicles_of(session, self._id)
            limits = Limits.of(row)
            books = await books_of(session, self._context.tenant.id)
            use = await use_of(session, Allotment("driver", self._id, limits), now, books)
        if self._body.is_deleted:
            return
        self._may = self._context.may(Permission.TOKENS_MANAGE) and row.erased_at is None
        self._heading(row)
        self._body.clear()
        with self._body:
            self._state(row)
            with Tag("div", classes="vd-grid-main"):
                with Tag("div", classes="vd-stack vd-stack--wide"):
                    self._cards(row)
                    SessionsOf(self._context, driver_id=self._id)
                with Tag("div", classes="vd-stack vd-stack--wide"):
                    self._profile(row)
                    self._limits(limits, use)
                    self._cars(vehicles)
                    if self._may:
                        self._data(row)

    def _heading(self, row: Driver) -> None:
        with self._context.frame.heading(row.name, sub=row.email or row.phone, crumb=("/drivers", "Drivers")):
            if not self._may:
                return
            button("Change", icon="pencil", on_click=lambda: self._change(row))
            if row.archived_at is None:
                button("Archive", icon="inbox", on_click=self._archive)
            else:
                button("Take back", icon="rotate-ccw", on_click=lambda: self._do(restore_driver))

    def _state(self, row: Driver) -> None:
        if row.archived_at is None:
            return
        said = "The personal data was erased; sessions are kept." if row.erased_at else "Archived: no card is accepted."
        with Tag("div", classes="vd-notice", data_tone="info"):
            icon("info")
            Tag("span", said)

    def _profile(self, row: Driver) -> None:
        with card("Profile"):
            details(
                {
                    "E-mail": row.email,
                    "Phone": row.phone,
                    "Language": row.language or "As the tenant",
                    "Other number": row.external_reference,
                    "Added": self._context.formats.date(row.created_at),
                    "Notes": row.notes,
                }
            )

    def _limits(self, limits: Limits, use: Use) -> None:
        with card("Limits", sub="All cards of this driver together"):
            if limits.any:
                use_bars(limits, use, self._context.formats)
            else:
                Tag("p", "None. “Change” sets how much energy or money a day or a month may bring.", "vd-muted")

    def _cards(self, row: Driver) -> None:
        async def fetch(query: Query) -> Page:
            wanted = TokenQuery(driver_id=self._id, offset=query.offset, limit=query.limit)
            async with self._context.reading() as session:
                rows, total = await list_tokens(session, wanted, self._context.services.clock.now())
            return Page([card_row(one, self._context) for one in rows], total)

        with card("Cards", flush=True) as frame:
            if self._may:
                with frame.actions:
                    button("Add a card", icon="plus", on_click=lambda: self._add_card(row))
            DataTable(
                CARDS,
                fetch,
                page_size=10,
                empty=Empty("No cards", "Add one by its number, or adopt one that was held to a charger.", icon="nfc"),
                title="Cards",
            )

    def _cars(self, vehicles: list[Vehicle]) -> None:
        with card("Cars") as frame:
            if self._may:
                with frame.actions:
                    button("Add a car", icon="plus", on_click=lambda: self._car(None))
            if not vehicles:
                Tag("p", "No car is known. Its MAC address or EVCCID lets it charge when it is plugged in.", "vd-muted")
            for row in vehicles:
                self._one_car(row)

    def _one_car(self, row: Vehicle) -> None:
        battery = self._context.formats.energy(row.battery_wh) if row.battery_wh else ""
        ids = (row.plate, battery, row.vin and f"VIN {row.vin}", row.evcc_id, row.mac_address)
        with Tag("div", classes="vd-car"):
            icon("car")
            with Tag("div", classes="vd-car__text"):
                Tag("b", row.name)
                Tag("div", " · ".join(filter(None, ids)), "vd-arrival__sub")
            if self._may:
                icon_button("pencil", f"Change {row.name}", on_click=lambda: self._car(row))
                icon_button("trash-2", f"Delete {row.name}", on_click=lambda: self._delete_car(row))

    def _data(self, row: Driver) -> None:
        with card("Personal data", sub="What a person may ask of you"), Tag("div", classes="vd-rights"):
            button("Export as JSON", icon="download", href=f"/data/drivers/{self._id}.json")
            button("Erase personal data", icon="eraser", kind="danger", on_click=lambda: self._erase(row))
            button("Delete", icon="trash-2", kind="danger", on_click=lambda: self._delete(row))

    def _change(self, row: Driver) -> None:
        with self._place:
            change_driver_dialog(self._context, row, self.show)

    async def _add_card(self, row: Driver) -> None:
        with self._place:
            await add_card_dialog(self._context, driver=(self._id, row.name))

    def _car(self, row: Vehicle | None) -> None:
        with self._place:
            vehicle_dialog(self._context, self._id, row, self.show)

    async def _delete_car(self, row: Vehicle) -> None:
        if await confirm(f"Delete {row.name}?", verb="Delete", danger=True):
            await self._do(delete_vehicle, row.id)

    async def _archive(self) -> None:
        await self._do(archive_driver)
        with self._place:  # the button that was pressed is gone
            offer_undo("The driver is archived; no card is accepted.", lambda: self._do(restore_driver))

    async def _erase(self, row: Driver) -> None:
        text = (
            "Name, contact, notes, cards and cars go for good, and the card's number disappears from sessions. "
            "Sessions stay with their energy and cost. This cannot be undone."
        )
        if await confirm(f"Erase the personal data of {row.name}?", text, verb="Erase", danger=True):
            await self._do(erase_driver)

    async def _delete(self, row: Driver) -> None:
        text = "Only a driver who never charged can be deleted. Cards stay, without a driver."
        if await confirm(f"Delete {row.name}?", text, verb="Delete", danger=True) and await self._do(
            delete_driver, again=False
        ):
            ui.navigate.to("/drivers")

    async def _do(self, verb: Any, of: int | None = None, *, again: bool = True) -> bool:
        """Whether it was done; why not is told."""
        at, done = self._context.services.clock.now(), True
        try:
            async with self._context.acting() as actor:
                await self._context.run(lambda work: verb(work, actor, of or self._id, at))
        except VoltdeckError as error:
            done = False
            ui.notify(str(error), type="warning")
        if again and not self._body.is_deleted:
            with self._body:
                await self.show()
        return done

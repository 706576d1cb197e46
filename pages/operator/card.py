"""One card: how it stands, what it may use, and the sessions it began."""

from datetime import datetime
from typing import Any

from nicegui import ui

from components.age import Age
from components.confirm import confirm
from components.controls import button, card
from components.details import details
from components.status import status_chip
from components.undo import offer_undo
from csms.access.policy import Permission, require
from csms.authorization.limits import Allotment, Limits
from csms.authorization.queries import TokenEntry, token_entry
from csms.authorization.tokens import block_token, delete_token, expire_token, unblock_token
from csms.errors import NotFoundError, VoltdeckError
from csms.transactions.use import books_of, use_of
from pages.operator.card_form import change_card_dialog
from pages.operator.card_words import STATES, driver_address, kind_words
from pages.operator.limit_fields import use_bars
from pages.operator.sessions_of import SessionsOf
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag


async def card_page(context: PageContext, token_id: str) -> None:
    """Raises NotFoundError for a card that is unknown, or another tenant's."""
    require(context.actor, Permission.TOKENS_VIEW)
    number = number_in(token_id, "This card")
    await CardPage(context, number).show()


def number_in(text: str, what: str) -> int:
    """The id in an address. Raises NotFoundError for what is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFoundError(what)
    return int(text)


class CardPage:
    """Built anew after each change."""

    def __init__(self, context: PageContext, token_id: int) -> None:
        self._context = context
        self._id = token_id
        self._may = context.may(Permission.TOKENS_MANAGE)
        self._place = ui.context.slot.parent
        self._body = Tag("div", classes="vd-stack vd-stack--wide")

    async def show(self) -> None:
        """Read and build."""
        now = self._context.services.clock.now()
        async with self._context.reading() as session:
            try:
                entry = await token_entry(session, self._id)
            except NotFoundError:
                raise NotFoundError("This card") from None
            limits = Limits.of(entry.token)
            books = await books_of(session, self._context.tenant.id)
            use = await use_of(session, Allotment("token", self._id, limits), now, books)
        if self._body.is_deleted:
            return
        self._heading(entry)
        self._body.clear()
        with self._body:
            self._refusal(entry)
            with Tag("div", classes="vd-grid-main"):
                with Tag("div", classes="vd-stack vd-stack--wide"):
                    SessionsOf(self._context, id_token_id=self._id)
                with Tag("div", classes="vd-stack vd-stack--wide"):
                    with card("Card") as frame:
                        with frame.actions:
                            status_chip(STATES[entry.state(now)][0]).set_word(STATES[entry.state(now)][1])
                        self._about(entry)
                    if limits.any:
                        with card("Limits", sub="What this card has used of them"):
                            use_bars(limits, use, self._context.formats)

    def _heading(self, entry: TokenEntry) -> None:
        row = entry.token
        sub = " · ".join(filter(None, (row.label, kind_words(row.type), entry.driver)))
        with self._context.frame.heading(row.value, sub=sub, crumb=("/cards", "Cards")):
            if not self._may:
                return
            if row.status == "Blocked":
                button("Unblock", icon="lock-open", on_click=lambda: self._block(False))
            else:
                button("Block", icon="ban", kind="danger", on_click=lambda: self._block(True))
            button("Change", icon="pencil", on_click=lambda: self._change(entry))
            button("End now", icon="clock", on_click=lambda: self._expire(entry))
            button("Delete", icon="trash-2", kind="danger", on_click=lambda: self._delete(entry))

    def _refusal(self, entry: TokenEntry) -> None:
        row = entry.token
        if row.refused_at is None:
            return
        with Tag("div", classes="vd-notice", data_tone="info"):
            icon("info")
            with Tag("span"):
                Tag("span", "Last refused ")
                Age(row.refused_at)
                Tag("span", f": {refusal_words(row.refusal)}")

    def _about(self, entry: TokenEntry) -> None:
        row, formats = entry.token, self._context.formats
        each = (
            formats.energy(row.max_energy_wh) if row.max_energy_wh else "",
            formats.money(row.max_cost) if row.max_cost is not None else "",
            formats.duration(row.max_time_s) if row.max_time_s else "",
        )
        credit = None if row.credit is None else formats.money(row.credit, row.credit_currency or None)
        details(
            {
                "Number": row.value,
                "Kind": kind_words(row.type),
                "Group": row.group,
                "Valid from": formats.moment(row.valid_from) if row.valid_from else None,
                "Valid until": formats.moment(row.expires_at) if row.expires_at else None,
                "Each session at most": ", ".join(filter(None, each)) or None,
                "Credit": credit,
                "Added": formats.moment(row.created_at),
                "Last used": formats.moment(entry.last_used_at),
            }
        )
        if row.driver_id:
            button("Open the driver", icon="user-round", href=driver_address(row.driver_id))

    async def _block(self, blocked: bool) -> None:
        await self._do(block_token if blocked else unblock_token)
        word = "blocked" if blocked else "unblocked"
        with self._place:  # the button that was pressed is gone
            offer_undo(f"The card is {word}.", lambda: self._do(unblock_token if blocked else block_token))

    async def _expire(self, entry: TokenEntry) -> None:
        text = "No station accepts it from now on. Change its end to take it back."
        if await confirm(f"End the validity of {entry.token.value}?", text, verb="End now", danger=True):
            await self._do(expire_token)

    async def _delete(self, entry: TokenEntry) -> None:
        text = "Stations then take it for unknown. Its sessions stay. To keep it out for good, block it instead."
        if not await confirm(f"Delete {entry.token.value}?", text, verb="Delete", danger=True):
            return
        at = self._context.services.clock.now()
        async with self._context.acting() as actor:
            await self._context.run(lambda work: delete_token(work, actor, self._id, at))
        ui.navigate.to("/cards")

    async def _change(self, entry: TokenEntry) -> None:
        with self._place:
            await change_card_dialog(self._context, entry, self.show)

    async def _do(self, verb: Any) -> None:
        at: datetime = self._context.services.clock.now()
        try:
            async with self._context.acting() as actor:
                await self._context.run(lambda work: verb(work, actor, self._id, at))
        except VoltdeckError as error:
            ui.notify(str(error), type="warning")
        if not self._body.is_deleted:
            with self._body:
                await self.show()


def refusal_words(refusal: str) -> str:
    """Why a station heard no: a sentence as it is, a bare status in words."""
    words = {
        "Blocked": "it is blocked.",
        "Expired": "its time is over.",
        "Invalid": "it is not known.",
        "NoCredit": "nothing is left on it.",
        "NotAtThisLocation": "it is not good at that location.",
        "NotAtThisTime": "it is not good yet.",
        "ConcurrentTx": "it had a session running already.",
    }
    return words.get(refusal, refusal)

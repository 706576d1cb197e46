"""One webhook: what it is told of, every delivery with its answer, and the ways to try, repeat and change it."""

from typing import Any, Final

import orjson
from nicegui import ui

from components.confirm import confirm
from components.controls import button, card
from components.copyable import Copyable
from components.data_table import Cell, Column, DataTable, Filter, Page, Query
from components.details import Details
from components.empty import Empty
from components.form_dialog import FormDialog, show_once
from csms.access.policy import Permission, require
from csms.errors import VoltdeckError
from csms.notify.webhooks import queries
from csms.notify.webhooks.service import WebhookForm
from models import DeliveryState, Webhook, WebhookDelivery
from pages.admin.webhook_form import SHOWN_ONCE, WebhookFields
from pages.admin.webhook_words import answer_words, delivery_state, state_of
from pages.session import PageContext
from themes.markup import Tag

COLUMNS: Final = (
    Column("event", "Event", kind="link", mobile="title"),
    Column("state", "State"),
    Column("answer", "Answer", kind="muted"),
    Column("duration", "Took", kind="num", align="right"),
    Column("at", "When", kind="age", align="right"),
)
FILTERS: Final = (
    Filter(DeliveryState.DELIVERED, "Delivered"),
    Filter(DeliveryState.WAITING, "Waiting"),
    Filter(DeliveryState.GIVEN_UP, "Given up"),
)


async def webhook(context: PageContext, webhook_id: str) -> None:
    """The page of one webhook."""
    require(context.actor, Permission.PROGRAMS_MANAGE)
    async with context.reading() as session:
        row = await queries.webhook(session, int(webhook_id) if webhook_id.isdecimal() and len(webhook_id) < 9 else 0)
    WebhookPage(context, row)


class WebhookPage:
    """Heading with actions, facts, and the log."""

    def __init__(self, context: PageContext, row: Webhook) -> None:
        self._context = context
        self._row = row
        self._id = row.id or 0
        self._place = ui.context.slot.parent
        self._deliveries: dict[str, WebhookDelivery] = {}
        with context.frame.heading(row.description or "Webhook", sub=row.url, crumb=("/settings/webhooks", "Webhooks")):
            button("Send a test", icon="send", kind="primary", on_click=self._try_out)
            button("Change", icon="pencil", on_click=self._change)
            button("Turn off" if row.is_active else "Turn on", icon="power", on_click=self._switch)
            button("New secret", icon="key-round", on_click=self._rotate)
            button("Remove", icon="trash-2", kind="danger", on_click=self._remove)
        with card("What it is told"):
            status, words = state_of(row, None if row.failing_since else DeliveryState.DELIVERED)
            Details({"State": words, "Events": ", ".join(row.events), "Added": context.formats.moment(row.created_at)})
            if status == "Unavailable":
                Tag("p", "While it is off, nothing is kept for it. What was given up can be sent again.", "vd-muted")
        with card("Deliveries", sub="Kept for 30 days", flush=True) as frame:
            with frame.actions:
                button("Reload", icon="refresh-cw", kind="quiet", on_click=lambda: self._table.reload())
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                filters=FILTERS,
                empty=Empty("Nothing delivered yet", "“Send a test” shows at once whether it works.", icon="send"),
                on_open=self._open,
                title="Deliveries",
            )

    async def _fetch(self, query: Query) -> Page:
        async with self._context.reading() as session:
            rows, total = await queries.deliveries(
                session, self._id, states=sorted(query.filters), offset=query.offset, limit=query.limit
            )
        self._deliveries = {row.key: row for row in rows}
        return Page([_cells(row) for row in rows], total)

    def _open(self, key: str) -> None:
        delivery = self._deliveries.get(key)
        if delivery is None:
            return

        async def send_again() -> None:
            async with self._context.acting() as actor:
                await self._context.services.webhooks.send_again(actor, self._id, [key])
            ui.notify("It is being sent again.")
            await self._table.reload()

        with self._place, FormDialog(delivery.event, "Send again", send_again, errors=VoltdeckError, wide=True):
            Details(
                {
                    "State": delivery_state(delivery)[1],
                    "Id": delivery.key,
                    "Attempts": str(delivery.attempts),
                    "Answer": answer_words(delivery),
                    "Repeats": delivery.replay_of,
                }
            )
            body = orjson.dumps(delivery.body, option=orjson.OPT_INDENT_2).decode()
            Tag("pre", body, "vd-sheet__answer", tabindex="0", aria_label="What was sent")
            if delivery.response_text and delivery.response_status is not None:
                Tag("pre", delivery.response_text, "vd-sheet__answer", tabindex="0", aria_label="What it answered")

    async def _try_out(self) -> None:
        async with self._context.acting() as actor:
            await self._context.services.webhooks.try_out(actor, self._id)
        ui.notify("A test is on its way. Reload the deliveries to see what it answered.")
        await self._table.reload()

    def _change(self) -> None:
        async def change() -> None:
            await self._save(fields.read(is_active=self._row.is_active))

        with self._place, FormDialog("Change the webhook", "Save", change, errors=VoltdeckError, wide=True):
            fields = WebhookFields(self._row)

    async def _switch(self) -> None:
        row = self._row
        if row.is_active and not await confirm(
            "Turn this webhook off?", "What happens until it is on again is not told to it.", verb="Turn off"
        ):
            return
        try:
            await self._save(WebhookForm(row.url, tuple(row.events), row.description, not row.is_active))
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")

    async def _save(self, form: WebhookForm) -> None:
        async with self._context.acting() as actor:
            await self._context.services.webhooks.change(actor, self._id, form)
        ui.navigate.to(f"/settings/webhooks/{self._id}")
        ui.navigate.reload()

    async def _rotate(self) -> None:
        text = "The present one stops working at once: your program refuses requests until it knows the new one."
        if not await confirm("Make a new signing secret?", text, verb="Make a new one", danger=True):
            return
        async with self._context.acting() as actor:
            secret = await self._context.services.webhooks.rotate_secret(actor, self._id)
        with self._place:
            show_once(
                "A new signing secret", SHOWN_ONCE, lambda: Copyable(secret, "Signing secret"), verb="I have kept it"
            )

    async def _remove(self) -> None:
        if not await confirm("Remove this webhook?", "Its log goes with it.", verb="Remove", danger=True):
            return
        async with self._context.acting() as actor:
            await self._context.services.webhooks.remove(actor, self._id)
        ui.navigate.to("/settings/webhooks")


def _cells(row: WebhookDelivery) -> dict[str, Any]:
    status, words = delivery_state(row)
    return {
        "id": row.key,
        "event": Cell(row.event, sub="sent again" if row.replay_of else ""),
        "state": Cell(words, status=status),
        "answer": Cell(answer_words(row), title=row.response_text),
        "duration": f"{row.duration_ms} ms" if row.duration_ms is not None else "–",
        "at": (row.last_attempt_at or row.created_at).isoformat(),
        "opens": True,
    }

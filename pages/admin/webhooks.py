"""Programs that are told of events: the list, and the way to a new one."""

from typing import Any, Final

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Page, Query
from components.empty import Empty
from csms.access.policy import Permission, require
from csms.notify.webhooks.queries import WebhookRow, webhooks
from pages.admin.settings import CRUMB
from pages.admin.webhook_form import add_dialog
from pages.admin.webhook_words import state_of
from pages.session import PageContext
from themes.markup import Tag

COLUMNS: Final = (
    Column("url", "Address", kind="link", mobile="title"),
    Column("state", "State"),
    Column("events", "Events", kind="num", align="right"),
    Column("last_at", "Last delivery", kind="age", align="right"),
)


async def webhook_list(context: PageContext) -> None:
    """Every webhook of the tenant, with how its last delivery went."""
    require(context.actor, Permission.PROGRAMS_MANAGE)
    sub = "Programs of yours are told of events by signed HTTPS requests, repeated until they arrive."
    with context.frame.heading("Webhooks", sub=sub, crumb=CRUMB):
        button("Add a webhook", icon="plus", kind="primary", on_click=lambda: add_dialog(context))

    async def fetch(_: Query) -> Page:
        async with context.reading() as session:
            rows = await webhooks(session)
        return Page([_row(row) for row in rows], len(rows))

    with card(flush=True):
        Tag("h2", "All webhooks", "vd-hidden")
        DataTable(
            COLUMNS,
            fetch,
            empty=Empty(
                "No webhooks yet",
                "Add one, and your program hears of sessions, faults and connections as they happen.",
                icon="webhook",
                action=("Add a webhook", lambda: add_dialog(context)),
            ),
            title="Webhooks",
        )


def _row(row: WebhookRow) -> dict[str, Any]:
    webhook = row.webhook
    status, words = state_of(webhook, row.last_state)
    return {
        "id": str(webhook.id),
        "url": Cell(webhook.url, sub=webhook.description, href=f"/settings/webhooks/{webhook.id}"),
        "state": Cell(words, status=status),
        "events": str(len(webhook.events)),
        "last_at": row.last_at.isoformat() if row.last_at else None,
    }

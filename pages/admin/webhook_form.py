"""The fields of a webhook: where to, what of, what for."""

from typing import Final

from nicegui import ui

from components.copyable import Copyable
from components.form_dialog import FormDialog, show_once
from csms.bus.outside import BY_NAME
from csms.errors import VoltdeckError
from csms.notify.webhooks.service import WebhookForm
from models import Webhook
from pages.session import PageContext
from themes.markup import Tag

USUAL: Final = ("transaction.started", "transaction.ended", "station.event_recorded")
SHOWN_ONCE: Final = (
    "Your program checks the signature of every request with it (Standard Webhooks). It is shown only now."
)


class WebhookFields:
    """Build it inside a form; `read()` tells what was chosen."""

    def __init__(self, row: Webhook | None) -> None:
        self._url = ui.input("Address", value=row.url if row else "", placeholder="https://example.com/hooks")
        self._url.props("outlined stack-label type=url autofocus")
        self._description = ui.input("What it is for (optional)", value=row.description if row else "")
        self._description.props("outlined maxlength=200")
        chosen = set(row.events) if row else set(USUAL)
        with Tag("fieldset", classes="vd-choices"):
            Tag("legend", "Tell it when")
            self._events = {
                name: ui.checkbox(f"{outside.text} ({name})", value=name in chosen).props("dense")
                for name, outside in BY_NAME.items()
            }

    def read(self, *, is_active: bool) -> WebhookForm:
        """What was chosen."""
        events = tuple(name for name, box in self._events.items() if box.value)
        return WebhookForm(str(self._url.value or ""), events, str(self._description.value or ""), is_active)


def add_dialog(context: PageContext) -> None:
    """Asks for a new webhook; its secret is shown once, then its page opens."""
    place = ui.context.slot.parent

    async def add() -> None:
        async with context.acting() as actor:
            webhook_id, secret = await context.services.webhooks.add(actor, fields.read(is_active=True))
        with place:
            show_once(
                "The webhook is there",
                SHOWN_ONCE,
                lambda: Copyable(secret, "Signing secret"),
                verb="I have kept it",
                on_done=lambda: ui.navigate.to(f"/settings/webhooks/{webhook_id}"),
            )

    with FormDialog("Add a webhook", "Add", add, errors=VoltdeckError, wide=True):
        fields = WebhookFields(None)

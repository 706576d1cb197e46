"""Tells what was done and, for a while, how to take it back."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from components.controls import button
from themes.markup import Tag

LASTS_S = 12.0


def offer_undo(text: str, undo: Callable[[], Awaitable[object]], *, verb: str = "Undo") -> None:
    """Show `text` at the foot of the page with a button that runs `undo`; both go by themselves after a while."""
    with ui.context.client.layout, Tag("div", classes="vd-undo", role="status") as bar:
        Tag("span", text)

        async def take_back() -> None:
            made.set_enabled(False)
            await undo()
            if not bar.is_deleted:
                bar.delete()

        made = button(verb, icon="rotate-ccw", kind="quiet", on_click=take_back)
        ui.timer(LASTS_S, lambda: None if bar.is_deleted else bar.delete(), once=True)

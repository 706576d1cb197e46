"""Lines of a menu: a picture, what it is, and a word on what it is for."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from themes.icons import icon


def menu_entry(picture: str, label: str, sub: str, on_click: Callable[[], Any]) -> None:
    """A line that does something."""
    with ui.menu_item(on_click=lambda: on_click()):
        with ui.item_section().props("avatar"):
            icon(picture)
        with ui.item_section():
            ui.item_label(label)
            ui.item_label(sub).props("caption")


def menu_link(picture: str, label: str, sub: str, href: str) -> None:
    """A line that leads somewhere."""
    menu_entry(picture, label, sub, lambda: ui.navigate.to(href))

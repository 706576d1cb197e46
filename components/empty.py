"""What stands where nothing is yet: what this place is for, and what to do next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from components.controls import button
from themes.icons import icon
from themes.markup import Tag

Action = tuple[str, str | Callable[..., Any]]
"""A label with an address or a callback."""


@dataclass(frozen=True, slots=True)
class Empty:
    """The words of an empty state, for components that show one themselves."""

    title: str
    text: str = ""
    icon: str = "inbox"
    action: Action | None = None


def empty_state(title: str, text: str = "", *, icon: str = "inbox", action: Action | None = None) -> ui.element:
    """Show an empty state in the current place."""
    return show_empty(Empty(title, text, icon, action))


def show_empty(empty: Empty) -> ui.element:
    """Show a prepared empty state in the current place."""
    with Tag("div", classes="vd-empty") as block:
        with Tag("span", classes="vd-empty__icon"):
            icon(empty.icon)
        Tag("h3", empty.title)
        if empty.text:
            Tag("p", empty.text, "vd-empty__text")
        if empty.action:
            label, target = empty.action
            if isinstance(target, str):
                button(label, kind="primary", href=target)
            else:
                button(label, kind="primary", on_click=target)
    return block

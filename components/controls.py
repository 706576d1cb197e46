"""Buttons, cards and the small things every page is put together from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from nicegui import ui

from themes.icons import icon
from themes.markup import Tag

Kind = Literal["plain", "primary", "danger", "danger-solid", "quiet"]


def button(
    label: str, *, icon: str = "", kind: Kind = "plain", on_click: Callable[..., Any] | None = None, href: str = ""
) -> ui.button:
    """A button; with `href` it is a real link that looks like one. One primary button a page is enough."""
    made = _bare_button(on_click, href, f"vd-btn vd-btn--{kind}")
    with made:
        _icon(icon)
        Tag("span", label)
    return made


def icon_button(
    icon: str, label: str, *, kind: Kind = "quiet", on_click: Callable[..., Any] | None = None, href: str = ""
) -> ui.button:
    """A button with an icon alone; `label` is what it is called and shown as its tooltip."""
    made = _bare_button(on_click, href, f"vd-btn vd-btn--icon vd-btn--{kind}")
    made.props["aria-label"] = label
    with made:
        _icon(icon)
        ui.tooltip(label).props("delay=400")
    return made


@contextmanager
def card(title: str = "", *, sub: str = "", flush: bool = False) -> Iterator["Card"]:
    """A card around what is built inside. `flush` leaves out the padding, for tables and maps."""
    made = Card(title, sub, flush=flush)
    with made.body:
        yield made


class Card(Tag):
    """A section with an optional heading; `actions` is the place right of the heading, `body` the content."""

    def __init__(self, title: str, sub: str, *, flush: bool) -> None:
        super().__init__("section", classes="vd-card")
        with self:
            head = Tag("header", classes="vd-card__head")
            with head:
                with Tag("div", classes="vd-card__text"):
                    self.title = Tag("h2", title)
                    self.sub = Tag("p", sub, "vd-card__sub")
                self.actions = Tag("div", classes="vd-card__actions")
            head.set_visibility(bool(title))
            self.body = Tag("div", classes="vd-card__body vd-card__body--flush" if flush else "vd-card__body")
        if title:
            self.attrs(aria_label=title)


def skeleton(lines: int = 3) -> ui.element:
    """Quiet blocks where content will be; delete or clear it when the content is there."""
    with Tag("div", classes="vd-stack", role="status", aria_busy="true", aria_label="Loading") as block:
        for line in range(lines):
            Tag("span", classes="vd-skeleton").style(f"width:{(92, 74, 84, 60)[line % 4]}%;height:14px")
    return block


def _bare_button(on_click: Callable[..., Any] | None, href: str, classes: str) -> ui.button:
    made = ui.button(on_click=on_click, color=None).props("flat no-caps").classes(classes)
    if href:
        made.props["href"] = href
    return made


def _icon(name: str) -> None:
    if name:
        icon(name)

"""Asks before something happens that a driver would feel: a stop, a reset, a lock."""

from nicegui import ui

from components.controls import button
from themes.icons import icon
from themes.markup import Tag


async def confirm(title: str, text: str = "", *, verb: str = "Confirm", danger: bool = False) -> bool:
    """Show a dialog and wait: True if the person chose `verb`, False for Cancel, Esc or a click beside it.

    The safe choice has the focus at first; the dialog keeps the focus until it is answered.
    """
    with ui.dialog() as dialog, ui.card().classes("vd-dialog").props("role=alertdialog") as frame:
        frame.props["aria-label"] = title
        with Tag("div", classes="vd-dialog__head"):
            if danger:
                with Tag("span", classes="vd-dialog__sign"):
                    icon("triangle-alert")
            with Tag("div", classes="vd-stack vd-stack--tight"):
                Tag("h2", title)
                if text:
                    Tag("p", text, "vd-muted")
        with Tag("div", classes="vd-dialog__actions"):
            button("Cancel", on_click=lambda: dialog.submit(False)).props("autofocus")
            kind = "danger-solid" if danger else "primary"
            button(verb, kind=kind, on_click=lambda: dialog.submit(True))
    answer = await dialog
    if not dialog.is_deleted:  # the page may have been closed instead
        dialog.delete()
    return answer is True

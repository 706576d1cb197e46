"""A dialog with a form: what is wrong with it is said above its buttons, and nothing typed is lost."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from components.controls import button
from themes.markup import Tag

Submit = Callable[[], Awaitable[Any]]
"""Does what the form asks for. What it raises of `errors` is shown; the dialog closes when it returns."""


class FormDialog:
    """`with FormDialog("Add a webhook", "Add", add, errors=VoltdeckError) as dialog:` builds the fields, then it opens.

    `errors` are the exceptions whose text people may read. The dialog is deleted when it closes.
    """

    def __init__(
        self,
        title: str,
        verb: str,
        submit: Submit,
        *,
        errors: type[Exception] | tuple[type[Exception], ...],
        text: str = "",
        danger: bool = False,
        wide: bool = False,
    ) -> None:
        self._submit, self._errors = submit, errors
        self._dialog = ui.dialog()
        with self._dialog, ui.card() as sheet:
            sheet.classes("vd-sheet vd-sheet--wide" if wide else "vd-sheet")
            with Tag("div", classes="vd-stack vd-stack--tight"):
                Tag("h2", title)
                Tag("p", text, "vd-muted")
            self.form = Tag("div", classes="vd-stack")
            self._error = Tag("p", classes="vd-sheet__error", role="alert")
            with Tag("div", classes="vd-dialog__actions"):
                button("Cancel", on_click=self._dialog.close)
                self._verb = button(verb, kind="danger-solid" if danger else "primary", on_click=self._send)
        self._dialog.props["aria-label"] = title
        self._dialog.on("hide", self._dialog.delete)

    def __enter__(self) -> "FormDialog":
        self.form.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.form.__exit__()
        for field in self.form.descendants():
            if isinstance(field, ValueElement):
                field.on_value_change(lambda: self._error.set_text(""))
        self._dialog.open()

    def close(self) -> None:
        """Close it."""
        self._dialog.close()

    async def _send(self) -> None:
        self._verb.props("loading")
        try:
            await self._submit()
        except self._errors as error:
            self._error.set_text(str(error))
            return
        finally:
            if not self._verb.is_deleted:
                self._verb.props(remove="loading")
        self._dialog.close()


def show_once(
    title: str, text: str, build: Callable[[], Any], *, verb: str = "Done", on_done: Callable[[], Any] | None = None
) -> None:
    """A dialog that shows what will not be shown again, until the person says that they have it."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("vd-sheet"):
        dialog.props["aria-label"] = title
        with Tag("div", classes="vd-stack vd-stack--tight"):
            Tag("h2", title)
            Tag("p", text, "vd-muted")
        with Tag("div", classes="vd-stack"):
            build()
        with Tag("div", classes="vd-dialog__actions"):
            button(verb, kind="primary", on_click=dialog.close)
    dialog.on("hide", lambda: (dialog.delete(), on_done() if on_done else None))
    dialog.open()

"""The dialog that asks something of a station, and tells truthfully how far it got and why not further."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import orjson
from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from components.age import Age
from components.controls import button
from components.live import follow
from components.steps import Steps
from csms.access.policy import Actor
from csms.commands.service import CommandResult, Commands
from csms.errors import InvalidInputError, VoltdeckError
from pages.operator.station_view import StationView
from pages.operator.words import answer_words
from themes.icons import icon
from themes.markup import Tag

Ask = Callable[[Commands, Actor], Awaitable[CommandResult]]
"""What is sent when the visitor says so."""

Reader = Callable[[], Ask]
"""Reads the dialog's fields. Raises InvalidInputError for what cannot be sent."""

FollowUp = Callable[[Steps, CommandResult], None]
"""Goes on from the station's yes to what really happened."""

ANSWERED: Final = (("asked", "Asked the station"), ("accepted", "Station answered"))


@dataclass(frozen=True, slots=True)
class Asking:
    """One thing that can be asked. `fields` builds the form, if there is anything to choose, and returns its reader.

    `steps` begin with asked and accepted; `follow_up` is responsible for those after.
    """

    title: str
    verb: str
    fields: Callable[[], Reader]
    text: str = ""
    danger: bool = False
    steps: tuple[tuple[str, str], ...] = ANSWERED
    follow_up: FollowUp | None = None
    show_answer: bool = False
    wide: bool = False


def fixed(ask: Ask) -> Callable[[], Reader]:
    """No fields: there is nothing to choose."""
    return lambda: lambda: ask


class AskingDialog:
    """Opens at once. An offline station is explained before anything can be sent."""

    def __init__(self, view: StationView, asking: Asking) -> None:
        self._view = view
        self._asking = asking
        self._busy = False
        with view.place, ui.dialog() as self._dialog, ui.card() as sheet:
            sheet.classes("vd-sheet vd-sheet--wide" if asking.wide else "vd-sheet")
            self._dialog.props["aria-label"] = asking.title
            self._head()
            self._notice = Tag("div")
            self._form = Tag("div", classes="vd-stack")
            with self._form:
                self._read = asking.fields()
            for field in self._form.descendants():
                if isinstance(field, ValueElement):
                    field.on_value_change(lambda: self._error.set_text(""))
            self._error = Tag("p", classes="vd-sheet__error", role="alert")
            self._progress = Tag("div", classes="vd-stack")
            self._actions()
            follow(view.board, view.tenant_id, [view.key], self._look)
        self._dialog.on_value_change(lambda event: None if event.value else self._left())
        self._look(view.now)
        self._dialog.open()

    def _head(self) -> None:
        with Tag("div", classes="vd-stack vd-stack--tight"):
            Tag("h2", self._asking.title)
            Tag("p", f"{self._view.name} · {self._asking.text}" if self._asking.text else self._view.name, "vd-muted")

    def _actions(self) -> None:
        with Tag("div", classes="vd-dialog__actions"):
            self._close = button("Cancel", on_click=self._dialog.close)
            kind = "danger-solid" if self._asking.danger else "primary"
            self._send_button = button(self._asking.verb, kind=kind, on_click=self._send)
            self._again = button("Try again", on_click=self._reset)
            self._again.set_visibility(False)

    def _look(self, snapshot: dict[str, object]) -> None:
        """Sending is only offered while there is a connection to send on."""
        online = bool(snapshot["online"])
        if online == self._send_button.enabled and bool(self._notice.default_slot.children) != online:
            return
        self._send_button.set_enabled(online)
        self._notice.clear()
        if not online:
            with self._notice:
                offline_notice(self._view, snapshot)

    async def _send(self) -> None:
        try:
            ask = self._read()
        except InvalidInputError as error:
            self._error.set_text(str(error))
            return
        self._show_progress()
        with self._progress:
            steps = Steps(self._asking.steps)
        self._busy = True
        try:
            await self._ask(ask, steps)
        finally:
            self._busy = False
        if not self._dialog.value:
            self._tell_in_passing(steps)
            self._dialog.delete()
        elif not self._progress.is_deleted:
            self._again.set_visibility(steps.failed)

    async def _ask(self, ask: Ask, steps: Steps) -> None:
        try:
            async with self._view.context.acting() as actor:
                result = await ask(self._view.context.services.commands, actor)
        except VoltdeckError as error:
            steps.fail(str(error))
            return
        if steps.is_deleted:
            return
        if result.error is not None:
            steps.fail(result.error)
        else:
            steps.advance("accepted", self._answer(result.answer_status))
            if self._asking.follow_up:
                self._asking.follow_up(steps, result)
        if self._asking.show_answer and result.answer is not None:
            with self._progress:
                text = orjson.dumps(result.answer, option=orjson.OPT_INDENT_2).decode()
                Tag("pre", text, "vd-sheet__answer", tabindex="0", aria_label="The station's answer")

    def _answer(self, status: str | None) -> str:
        """The station's word, unless the step itself says as much."""
        said = status is None or (status == "Accepted" and dict(self._asking.steps)["accepted"].startswith("Accepted"))
        return "" if said else answer_words(status)

    def _show_progress(self) -> None:
        self._error.set_text("")
        for field in self._form.descendants():
            if isinstance(field, ui.select):
                field.run_method("hidePopup")  # or Esc would close the list that nobody sees, not the dialog
        self._form.set_visibility(False)
        self._send_button.set_visibility(False)
        self._close.clear()
        with self._close:
            Tag("span", "Close")
        self._progress.clear()

    def _reset(self) -> None:
        self._progress.clear()
        self._again.set_visibility(False)
        self._form.set_visibility(True)
        self._send_button.set_visibility(True)

    def _left(self) -> None:
        if not self._busy:
            self._dialog.delete()

    def _tell_in_passing(self, steps: Steps) -> None:
        """The dialog was closed before the answer came."""
        note = next((step["note"] for step in reversed(steps.props["steps"]) if step["note"]), "The station answered")
        with self._dialog.client.layout:
            ui.notify(f"{self._asking.title}: {note}", type="negative" if steps.failed else "positive")


def offline_notice(view: StationView, snapshot: dict[str, object]) -> None:
    """Why nothing can be asked now, and what helps."""
    with Tag("div", classes="vd-notice", role="status"):
        icon("wifi-off")
        with Tag("div"):
            Tag("b", f"{view.name} is offline, so nothing can be sent.")
            with Tag("div"):
                if snapshot["last_seen_at"]:
                    Tag("span", "Last seen ")
                    Age(str(snapshot["last_seen_at"]))
                    Tag("span", ". ")
                Tag("span", "Check its power and network; this dialog notices when it is back.")

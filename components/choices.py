"""A few things to choose one of, all in sight: radio buttons that look like what they stand for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from themes.markup import Tag

_numbers: Final = count(1)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them. `swatches` are CSS colours shown beside the word; `font` is a CSS font stack to write it in."""

    key: str
    label: str
    swatches: tuple[str, ...] = ()
    font: str = ""


class Choices(Tag):
    """Calls `on_choice` with the key of what was chosen."""

    def __init__(self, legend: str, choices: Sequence[Choice], chosen: str, on_choice: Callable[[str], object]) -> None:
        super().__init__("fieldset", classes="vd-options")
        self._on_choice = on_choice
        self._radios: dict[str, ui.element] = {}
        group = f"choices-{next(_numbers)}"
        with self:
            Tag("legend", legend, "vd-options__legend")
            with Tag("div", classes="vd-options__row"):
                for choice in choices:
                    self._add(choice, group)
        self.set(chosen)

    def set(self, chosen: str) -> None:
        """Show another choice than the one that was made here."""
        for key, radio in self._radios.items():
            if radio.props.get("checked") != (key == chosen):
                radio.props["checked"] = key == chosen
                radio.update()

    def _add(self, choice: Choice, group: str) -> None:
        with Tag("label", classes="vd-option"):
            radio = ui.element("input")
            radio.props.update({"type": "radio", "name": group, "value": choice.key, "checked": False})
            radio.on("change", self._chosen, js_handler="(event) => emit(event.target.value)")
            self._radios[choice.key] = radio
            if choice.swatches:
                with Tag("span", classes="vd-swatches", aria_hidden="true"):
                    for color in choice.swatches:
                        Tag("i").style(f"background:{color}")
            word = Tag("span", choice.label)
            if choice.font:
                word.style(f"font-family:{choice.font}")

    def _chosen(self, event: GenericEventArguments) -> None:
        key = str(event.args)
        if key in self._radios:
            self.set(key)
            self._on_choice(key)

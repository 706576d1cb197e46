"""How chargers of well-known makers are pointed at this platform: short, from vendors.toml."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nicegui import ui

from themes.icons import icon
from themes.markup import Tag


@dataclass(frozen=True, slots=True)
class Vendor:
    """A maker's steps; a note where something stands in the way."""

    name: str
    steps: tuple[str, ...]
    note: str = ""


@lru_cache
def vendors() -> tuple[Vendor, ...]:
    """Every entry of the file."""
    document = tomllib.loads((Path(__file__).parent / "vendors.toml").read_text())
    return tuple(Vendor(one["name"], tuple(one["steps"]), one.get("note", "")) for one in document["vendor"])


class VendorSteps:
    """Steps of the maker that is chosen, with this charger's own values in them."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        names = [one.name for one in vendors()]
        select = ui.select(names, value=names[0], label="Make of the charger").props("outlined").classes("w-full")
        self._place = Tag("div", classes="vd-stack")
        select.on_value_change(lambda event: self._show(str(event.value)))
        self._show(names[0])

    def _show(self, name: str) -> None:
        chosen = next(one for one in vendors() if one.name == name)
        self._place.clear()
        with self._place:
            with Tag("ol", classes="charger-vendor"):
                for step in chosen.steps:
                    Tag("li", step.format(**self._values))
            if chosen.note:
                with Tag("div", classes="charger-warning"):
                    icon("info")
                    Tag("span", chosen.note)

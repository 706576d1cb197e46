"""Narrows a list to one location."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from models import Location

_ALL: Final = 0
_MANY: Final = 12


def chosen_location(places: Sequence[Location], at: str) -> int | None:
    """The location that an address names, if the tenant has it."""
    return next((place.id for place in places if str(place.id) == at), None)


def location_filter(
    places: Sequence[Location], chosen: int | None, on_choose: Callable[[int | None], Awaitable[None]]
) -> None:
    """A list of the tenant's locations; left out when there is nothing to choose between."""
    if len(places) < 2:
        return
    options = {_ALL: "All locations"} | {place.id or _ALL: place.name for place in places}

    async def choose(event: ValueChangeEventArguments) -> None:
        await on_choose(event.value or None)

    select = ui.select(options, value=chosen or _ALL, on_change=choose, with_input=len(places) > _MANY)
    select.props("outlined dense options-dense aria-label=Location").classes("vd-choice")

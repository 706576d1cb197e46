"""The fields of a station that people decide about, for a new one and for one that is changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from csms.stations.managing import PROFILES
from csms.stations.places import LocationPlan
from models import ChargingStation, Location
from pages.operator.forms import text_field
from pages.operator.location_fields import LocationFields
from pages.session import PageContext
from themes.markup import Tag

NEW = 0
"""The choice of a location that is yet to be described."""
_PROFILES = {number: f"{number} · {words}" for number, words in PROFILES.items()}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where it stands: at a known location, or at a new one."""

    location_id: int | None
    location: LocationPlan | None


class PlaceChoice:
    """A list of the tenant's locations, and the fields of a new one when that is chosen."""

    def __init__(self, context: PageContext, places: Sequence[Location], chosen: int | None = None) -> None:
        self._context = context
        self._new: LocationFields | None = None
        options = {place.id or NEW: place.name for place in places} | {NEW: "New location…"}
        first = chosen if chosen in options else next(iter(options))
        self._select = ui.select(options, value=first, label="Location", with_input=len(options) > 8)
        self._select.props("outlined").classes("w-full wide")
        self._place = Tag("div", classes="wide")
        self._select.on_value_change(lambda: self._show())
        self._show()

    def read(self) -> Placed:
        """What was chosen or described. Raises InvalidInputError."""
        if self._new is not None:
            return Placed(None, self._new.read())
        return Placed(int(self._select.value or 0) or None, None)

    def _show(self) -> None:
        if self._select.value == NEW and self._new is None:
            with self._place:
                self._new = LocationFields(self._context)
        elif self._select.value != NEW and self._new is not None:
            self._place.clear()
            self._new = None


def profile_choice(value: int) -> ui.select:
    """The security profile, in words."""
    return ui.select(_PROFILES, value=value, label="Security profile").props("outlined").classes("w-full wide")


def name_field(station: ChargingStation | None = None) -> ui.input:
    """What people call it."""
    return text_field("Name", station.name if station else "", example="By the gate", hint="What people read")

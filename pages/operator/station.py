"""One charging station: what it does at this moment, what it did, what it says, and everything it can be asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from nicegui import background_tasks, ui

from components.controls import skeleton
from csms.access.policy import Permission, require
from pages.operator.address import AddressBar
from pages.operator.station_actions import action_buttons
from pages.operator.station_header import StationHeader
from pages.operator.station_history import sessions_tab
from pages.operator.station_live import live_tab
from pages.operator.station_log import messages_tab
from pages.operator.station_rows import station_address
from pages.operator.station_variables import StationVariables
from pages.operator.station_view import StationView
from pages.session import PageContext
from themes.markup import Tag


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab and what it needs; it is built when it is first looked at, and its live parts begin then."""

    key: str
    label: str
    build: Callable[[StationView], Awaitable[object] | object]
    permission: Permission = Permission.STATIONS_VIEW


TABS: Final = (
    Tab("live", "Live", live_tab),
    Tab("sessions", "Sessions", sessions_tab, Permission.TRANSACTIONS_VIEW),
    Tab("messages", "Messages", messages_tab, Permission.FRAMES_VIEW),
    Tab("settings", "Settings", StationVariables, Permission.STATIONS_CONFIGURE),
)


async def station(context: PageContext, identity: str, tab: str = "") -> None:
    """Raises NotFoundError for an unknown identity, and alike for another tenant's."""
    require(context.actor, Permission.STATIONS_VIEW)
    context.frame.heading(identity, crumb=("/stations", "Stations"))
    place = ui.context.slot.parent
    waiting = skeleton(6)
    view = await StationView.read(context, identity)
    if place.is_deleted:
        return
    waiting.delete()
    with context.frame.heading(view.name, sub=_where(view), crumb=("/stations", "Stations")):
        action_buttons(view)
    StationHeader(view)
    StationTabs(view, tab)


class StationTabs:
    """The tabs; which one is open stands in the address."""

    def __init__(self, view: StationView, chosen: str) -> None:
        self._view = view
        self._tabs = {one.key: one for one in TABS if view.context.may(one.permission)}
        first = chosen if chosen in self._tabs else TABS[0].key
        self._address = AddressBar(station_address(view.identity), {"tab": chosen} if chosen else {})
        self._places: dict[str, Tag] = {}
        with ui.tabs(on_change=lambda event: self._open(str(event.value))) as bar:
            bar.props("align=left no-caps inline-label outside-arrows mobile-arrows").classes("vd-tabs")
            for one in self._tabs.values():
                ui.tab(one.key, one.label)
        self._body = Tag("div", classes="vd-stack vd-stack--wide vd-tabbed")
        bar.set_value(first)

    def _open(self, key: str) -> None:
        """Show one tab. The others are taken down: what is not looked at is not followed."""
        self._address.show({"tab": key} if key != TABS[0].key else {})
        self._body.clear()
        with self._body:
            built = self._tabs[key].build(self._view)
        if isinstance(built, Awaitable):
            background_tasks.create(_in(self._body, built))


async def _in(place: Tag, building: Awaitable[object]) -> None:
    with place:
        await building


def _where(view: StationView) -> str:
    location = view.detail.location
    place = location.name if not location.address else f"{location.name}, {location.address}"
    return f"{view.identity} · {place}" if view.name != view.identity else place

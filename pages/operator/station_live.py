"""The first tab of a station: its connectors, the sessions that run, and what it is."""

from typing import Any

from nicegui import background_tasks

from components.controls import card
from components.details import Details, details
from components.live import follow
from components.status import status_of
from pages.operator.session_card import SessionCard
from pages.operator.station_history import StationEvents
from pages.operator.station_plugs import Plugs
from pages.operator.station_view import StationView
from pages.operator.words import boot_reason_words, readable
from themes.markup import Tag


async def live_tab(view: StationView) -> None:
    """Everything that changes by itself, and the station's latest events."""
    Plugs(view)
    sessions = RunningSessions(view)
    with Tag("div", classes="vd-grid-main"):
        events = StationEvents(view)
        with card("About this station"):
            about(view)
    await sessions.load()
    await events.load()


class RunningSessions:
    """A card per running session; cards come and go with the sessions."""

    def __init__(self, view: StationView) -> None:
        self._view = view
        self._cards: dict[int, SessionCard] = {}
        with Tag("div", classes="vd-stack vd-stack--wide") as self._place:
            follow(view.board, view.tenant_id, [view.key], self._update)
        self._place.set_visibility(False)
        for snapshot in view.running():
            self._add(snapshot)

    async def load(self) -> None:
        """Fill the charts."""
        for one in list(self._cards.values()):
            await one.chart.load()

    def _add(self, snapshot: dict[str, Any]) -> SessionCard:
        with self._place:
            added = SessionCard(self._view.context, snapshot, self._view.formats)
        self._cards[snapshot["id"]] = added
        self._place.set_visibility(True)
        return added

    def _update(self, _: dict[str, Any]) -> None:
        running = {snapshot["id"]: snapshot for snapshot in self._view.running()}
        for gone in self._cards.keys() - running.keys():
            self._cards.pop(gone).frame.delete()
        for number in running.keys() - self._cards.keys():
            background_tasks.create(self._add(running[number]).chart.load())
        self._place.set_visibility(bool(self._cards))


def about(view: StationView) -> Details:
    """What the station is, by its registration and its own word."""
    station, location = view.detail.station, view.detail.location
    address = ", ".join(part for part in (location.address, f"{location.postal_code} {location.city}".strip()) if part)
    return details(
        {
            "Identity": station.identity,
            "Location": location.name,
            "Address": address,
            "Vendor": station.vendor,
            "Model": station.model,
            "Serial number": station.serial_number,
            "Firmware": station.firmware_version,
            "OCPP version": view.now["ocpp_version"],
            "Registration": readable(station.registration),
            "Security profile": str(station.security_profile),
            "Station itself": status_of(station.status).word if view.now["last_seen_at"] else None,
            "Last restart": _booted(view),
        }
    )


def _booted(view: StationView) -> str | None:
    station = view.detail.station
    if station.booted_at is None:
        return None
    reason = f" ({boot_reason_words(station.boot_reason)})" if station.boot_reason else ""
    return view.formats.moment(station.booted_at) + reason

"""The connectors of a station, each live: what it is doing, what is wrong with it, and what can be done."""

from typing import Any

from nicegui import ui

from components.controls import button, icon_button
from components.live import follow
from components.status import StatusChip, status_chip, status_of
from models import Connector, Evse
from pages.operator.station_actions import availability_dialog, unlock_dialog
from pages.operator.station_rows import connector_place, connector_statuses
from pages.operator.station_start import start_dialog, stop_dialog
from pages.operator.station_view import StationView
from pages.operator.words import error_words
from themes.markup import Tag

_STANDARDS = {
    "IEC_62196_T2": "Type 2",
    "IEC_62196_T2_COMBO": "CCS 2",
    "IEC_62196_T1": "Type 1",
    "IEC_62196_T1_COMBO": "CCS 1",
    "CHADEMO": "CHAdeMO",
    "DOMESTIC_F": "Schuko",
}


class Plugs:
    """All connectors. One that the station only now tells of is added."""

    def __init__(self, view: StationView) -> None:
        self._view = view
        self._plugs: dict[str, Plug] = {}
        with Tag("div", classes="vd-plugs") as self._place:
            follow(view.board, view.tenant_id, [view.key], self._update)
        self._update(view.now)

    def _update(self, snapshot: dict[str, Any]) -> None:
        statuses = connector_statuses(snapshot, self._view.board, self._view.tenant_id)
        running = {session["evse_number"]: session for session in self._view.running()}
        for key, connector in snapshot["connectors"].items():
            if key not in self._plugs:
                with self._place:
                    self._plugs[key] = Plug(self._view, key)
            session = running.get(int(key.split("-")[0]))
            self._plugs[key].show(statuses[key], connector, session, online=snapshot["online"])


class Plug:
    """One connector."""

    def __init__(self, view: StationView, key: str) -> None:
        self._view = view
        self._key = key
        self._session: dict[str, Any] | None = None
        self._said: tuple[Any, ...] = ()
        with Tag("section", classes="vd-plug", aria_label=connector_place(key), data_connector=key):
            with Tag("div", classes="vd-plug__head"):
                Tag("h2", connector_place(key))
                self._chip: StatusChip = status_chip("Unknown")
                Tag("div", _what_it_is(view, key), "vd-plug__sub")
            self._trouble = Tag("p", classes="vd-plug__trouble")
            self._actions = Tag("div", classes="vd-plug__actions")

    def show(self, status: str, connector: dict[str, Any], session: dict[str, Any] | None, *, online: bool) -> None:
        """Show what the station says of it; offline, that is only what it said last."""
        said = (status, connector["error_code"], connector["info"], session["id"] if session else None, online)
        if said == self._said:
            return
        self._said, self._session = said, session
        if online:
            self._chip.set(status)
        else:
            word = status_of(status).word.lower()
            self._chip.set("Offline", "" if word in ("unknown", "offline") else f"was {word}")
        self._trouble.set_text(error_words(connector["error_code"], info=connector["info"]) if online else "")
        self._offer(status)

    def _offer(self, status: str) -> None:
        self._actions.clear()
        if not self._view.may_control:
            return
        evse_number = int(self._key.split("-")[0])
        with self._actions:
            if self._session:
                button("Stop", icon="square", kind="danger", on_click=self._stop)
            elif status not in ("Faulted", "Unavailable"):
                button("Start", icon="play", on_click=lambda: start_dialog(self._view, evse_number))
            button("Unlock", icon="lock-open", on_click=lambda: unlock_dialog(self._view, self._key))
            ui.space()
            icon_button("power", "Availability", on_click=lambda: availability_dialog(self._view, self._key))

    def _stop(self) -> None:
        if self._session:
            stop_dialog(self._view, self._session["id"], connector_place(self._key))


def _what_it_is(view: StationView, key: str) -> str:
    evse_number, number = (int(part) for part in key.split("-"))
    evse: Evse | None = next((one for one in view.detail.evses if one.number == evse_number), None)
    same = (one for one in view.detail.connectors if (one.evse_number, one.number) == (evse_number, number))
    connector: Connector | None = next(same, None)
    standard = connector.standard if connector else ""
    power = f"{evse.current_type} {view.formats.power(evse.max_power_w)}" if evse and evse.max_power_w else ""
    sticker = (evse.evse_id or "") if evse else ""
    return " · ".join(part for part in (_STANDARDS.get(standard, standard), power, sticker) if part)

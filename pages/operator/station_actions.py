"""Everything that can be asked of a station, as a menu; each entry opens its dialog."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui

from components.controls import button
from components.live import follow
from components.steps import Steps
from csms.access.policy import Permission
from csms.commands.service import CommandResult
from csms.ocpp.version import OcppVersion
from pages.operator.asking import Asking, AskingDialog, Reader, fixed
from pages.operator.label_dialog import label_dialog
from pages.operator.menu import menu_entry
from pages.operator.station_request import request_dialog
from pages.operator.station_rows import connector_place, station_address
from pages.operator.station_start import start_dialog
from pages.operator.station_view import StationView
from themes.icons import icon
from themes.markup import Tag

RESET_STEPS: Final = (
    ("asked", "Asked the station"),
    ("accepted", "Accepted by the station"),
    ("away", "Station went offline"),
    ("back", "Station is back"),
)
_TRIGGERS_16: Final = (
    "StatusNotification",
    "MeterValues",
    "Heartbeat",
    "BootNotification",
    "FirmwareStatusNotification",
    "DiagnosticsStatusNotification",
)
_TRIGGERS_201: Final = (
    "StatusNotification",
    "MeterValues",
    "TransactionEvent",
    "Heartbeat",
    "BootNotification",
    "FirmwareStatusNotification",
    "LogStatusNotification",
)
_WHOLE: Final = "0"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    icon: str
    label: str
    sub: str
    open: Callable[[], Any]


def action_buttons(view: StationView) -> None:
    """Start, and a menu of the rest. Nothing for visitors who may not control stations."""
    entries = _entries(view)
    if view.may_control:
        button("Start charging", icon="play", kind="primary", on_click=lambda: start_dialog(view))
    if entries:
        with button("Actions", icon="chevron-down") as opener, ui.menu() as menu:
            opener.props["aria-haspopup"] = "menu"
            menu.classes("vd-actions")
            for entry in entries:
                menu_entry(entry.icon, entry.label, entry.sub, entry.open)


def _entries(view: StationView) -> list[Entry]:
    control = [
        Entry("rotate-ccw", "Restart…", "After running sessions, or at once", lambda: reset_dialog(view)),
        Entry("power", "Availability…", "Take out of service, or back into it", lambda: availability_dialog(view)),
        Entry("bell", "Trigger message…", "Have it report its status or meter now", lambda: trigger_dialog(view)),
        Entry("eraser", "Clear token cache…", "Forget remembered authorizations", lambda: clear_cache_dialog(view)),
    ]
    configure = [Entry("send", "Send any request…", "By OCPP action and JSON", lambda: request_dialog(view))]
    address = station_address(view.identity)
    check = Entry(
        "circle-check", "Acceptance check", "Is it ready for drivers?", lambda: ui.navigate.to(f"{address}/check")
    )
    manage = [
        Entry("pencil", "Edit", "Name, place, connectors, password, remove", lambda: ui.navigate.to(f"{address}/edit")),
        Entry(
            "hash", "Labels…", "A QR code for each connector", lambda: label_dialog(view.context, stations=[view.id])
        ),
    ]
    may_manage = view.context.may(Permission.STATIONS_MANAGE)
    return [
        *(control if view.may_control else []),
        *(configure if view.may_configure else []),
        *([check] if view.may_control else []),
        *(manage if may_manage else []),
    ]


def unlock_dialog(view: StationView, key: str) -> None:
    """Release a cable that is stuck."""
    evse_number, number = (int(part) for part in key.split("-"))
    AskingDialog(
        view,
        Asking(
            "Unlock the connector?",
            "Unlock",
            fixed(lambda commands, actor: commands.unlock_connector(actor, view.identity, evse_number, number)),
            text=f"{connector_place(key)}: some stations end a running session when they unlock.",
            danger=True,
        ),
    )


def reset_dialog(view: StationView) -> None:
    """Restart, in good order or at once."""

    def fields() -> Reader:
        choice = ui.radio(
            {
                False: "In good order: after running sessions have ended",
                True: "At once: running sessions are stopped",
            },
            value=False,
        )
        if running := len(view.running()):
            words = "1 session is running" if running == 1 else f"{running} sessions are running"
            with Tag("div", classes="vd-notice"):
                icon("triangle-alert")
                Tag("span", f"{words} at this station.")
        return lambda: lambda commands, actor: commands.reset(actor, view.identity, immediate=bool(choice.value))

    def follow_up(steps: Steps, _: CommandResult) -> None:
        steps.note("away", "It restarts when it is ready; this can take some minutes.")

        def look(snapshot: dict[str, Any]) -> None:
            if steps.done:
                return
            if not snapshot["online"]:
                steps.advance("away")
            elif steps.reached("away"):
                steps.advance("back", "Connected again")

        follow(view.board, view.tenant_id, [view.key], look, owner=steps)
        look(view.now)

    AskingDialog(
        view, Asking("Restart the station?", "Restart", fields, danger=True, steps=RESET_STEPS, follow_up=follow_up)
    )


def availability_dialog(view: StationView, key: str = _WHOLE) -> None:
    """Put the station or a connector in or out of service."""

    def fields() -> Reader:
        places = {_WHOLE: "The whole station"} | {one: connector_place(one) for one in view.now["connectors"]}
        place = ui.select(places, value=key if key in places else _WHOLE, label="What").props("outlined")
        operative = ui.radio({True: "In service", False: "Out of service: nobody can charge"}, value=True)
        if key != _WHOLE:
            operative.value = view.now["connectors"][key]["status"] == "Unavailable"
        return lambda: _availability(view, str(place.value), bool(operative.value))

    AskingDialog(
        view,
        Asking("Change availability", "Change", fields, text="A running session ends first; the change follows then."),
    )


def _availability(view: StationView, place: str, operative: bool) -> Any:
    evse_number, number = (None, None) if place == _WHOLE else (int(part) for part in place.split("-"))
    if view.version is not OcppVersion.V16 and len([k for k in view.now["connectors"] if k[0] == place[0]]) == 1:
        number = None  # an EVSE with one connector is switched as an EVSE (G03)
    return lambda commands, actor: commands.change_availability(
        actor, view.identity, operative=operative, evse_number=evse_number, connector_number=number
    )


def trigger_dialog(view: StationView) -> None:
    """Have the station send a message now; it then appears among its messages."""

    def fields() -> Reader:
        triggers = _TRIGGERS_16 if view.version is OcppVersion.V16 else _TRIGGERS_201
        message = ui.select(list(triggers), value=triggers[0], label="Message").props("outlined")
        places = {_WHOLE: "The whole station"} | {one: connector_place(one) for one in view.now["connectors"]}
        place = ui.select(places, value=_WHOLE, label="About").props("outlined")
        return lambda: _trigger(view, str(message.value), str(place.value))

    AskingDialog(
        view,
        Asking("Trigger a message", "Trigger", fields, text="What it sends then appears under Messages."),
    )


def _trigger(view: StationView, message: str, place: str) -> Any:
    evse_number, number = (None, None) if place == _WHOLE else (int(part) for part in place.split("-"))
    return lambda commands, actor: commands.trigger_message(actor, view.identity, message, evse_number, number)


def clear_cache_dialog(view: StationView) -> None:
    """Have the station forget whom it remembers as authorized."""
    AskingDialog(
        view,
        Asking(
            "Clear the token cache?",
            "Clear",
            fixed(lambda commands, actor: commands.clear_cache(actor, view.identity)),
            text="Every token is checked with Voltdeck again. While offline, the station knows none of them.",
        ),
    )

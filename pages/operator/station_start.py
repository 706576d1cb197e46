"""Starting and stopping a session from the dashboard: asked, accepted, and then what really happened."""

from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from components.controls import button
from components.live import follow
from components.status import status_of
from components.steps import Steps
from csms.authorization.queries import TokenRow, search_tokens
from csms.commands.service import CommandResult
from csms.errors import InvalidInputError
from pages.operator.asking import Ask, Asking, AskingDialog, Reader
from pages.operator.station_rows import connector_place, connector_statuses
from pages.operator.station_view import StationView
from pages.operator.words import stop_reason_words

START_STEPS: Final = (
    ("asked", "Asked the station"),
    ("accepted", "Accepted by the station"),
    ("started", "Session started"),
)
STOP_STEPS: Final = (
    ("asked", "Asked the station"),
    ("accepted", "Accepted by the station"),
    ("ended", "Session ended"),
)
_WAITING: Final = "Waiting for the car. If it is not plugged in yet, plug it in now."
_READY: Final = ("Preparing", "Occupied", "Available", "Finishing", "Reserved")


class TokenSelect(ui.select):
    """A token of the list, or one typed in. The text of a token in the list stands for it, not for a new one."""

    def _handle_new_value(self, value: str) -> Any:
        known = next((token for token, text in dict(self.options).items() if text == value), None)
        return known or super()._handle_new_value(value)


class StartForm:
    """Which connector, and on whose token."""

    def __init__(self, view: StationView, tokens: list[TokenRow], evse_number: int | None) -> None:
        self._view = view
        self._tokens = tokens
        self.evse_number = evse_number
        self.running_before = frozenset[int]()

    def build(self) -> Reader:
        """Build the fields; the reader notes what ran before, so that the new session is told from the old."""
        places = _places(self._view)
        chosen = self.evse_number if self.evse_number in places else _readiest(self._view, places)
        self._place = ui.select(places, value=chosen, label="Connector").props("outlined")
        self._token = TokenSelect(
            _token_options(self._tokens), label="Token (driver, label or number)", new_value_mode="add-unique"
        ).props("outlined popup-content-class=vd-short-list")
        self._token.on("input-value", self._search, throttle=0.3, leading_events=False)
        return self._read

    def _read(self) -> Ask:
        value = str(self._token.value or "").strip()
        if self._place.value is None:
            raise InvalidInputError("Choose a connector.")
        if not value:
            raise InvalidInputError("Choose a token, or type its number: the session is charged to it.")
        if len(value) > 20 and self._view.version == "1.6":
            raise InvalidInputError("OCPP 1.6 allows tokens of at most 20 characters.")
        self.evse_number = int(self._place.value)
        self.running_before = frozenset(self._view.now["transaction_ids"])
        kind = next((token.type for token in self._tokens if token.value == value), "ISO14443")
        return lambda commands, actor: commands.request_start(actor, self._view.identity, self.evse_number, value, kind)

    async def _search(self, event: GenericEventArguments) -> None:
        async with self._view.context.reading() as session:
            found = await search_tokens(session, str(event.args or "")[:100])
        known = {token.value: token for token in (*self._tokens, *found)}
        self._tokens = list(known.values())
        options = _token_options(self._tokens) | self._own_value()
        if not self._token.is_deleted and options != self._token.options:  # what is new takes the mark off an option
            self._token.set_options(options, value=self._token.value)

    def _own_value(self) -> dict[str, str]:
        value = self._token.value
        return {value: value} if value and value not in _token_options(self._tokens) else {}


async def start_dialog(view: StationView, evse_number: int | None = None) -> None:
    """Ask for a session at an EVSE, or let the visitor choose one."""
    async with view.context.reading() as session:
        tokens = await search_tokens(session)
    form = StartForm(view, tokens, evse_number)
    AskingDialog(
        view,
        Asking(
            "Start charging",
            "Start",
            form.build,
            steps=START_STEPS,
            follow_up=lambda steps, result: _await_session(view, form, steps, result),
        ),
    )


def stop_dialog(view: StationView, transaction_id: int, where: str) -> None:
    """Ask for the end of a session, with a warning: a driver would feel it."""
    ending = Ending()

    def fields() -> Reader:
        follow(view.board, view.tenant_id, [f"transaction:{transaction_id}"], ending.look)
        return lambda: lambda commands, actor: commands.request_stop(actor, transaction_id)

    AskingDialog(
        view,
        Asking(
            "Stop charging?",
            "Stop charging",
            fields,
            text=f"{where}: the car stops charging at once, and the driver can leave.",
            danger=True,
            steps=STOP_STEPS,
            follow_up=lambda steps, _: ending.show_in(steps),
        ),
    )


class Ending:
    """The end of a session, which a quick station may report even before it has answered the request."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._steps: Steps | None = None

    def look(self, snapshot: dict[str, Any]) -> None:
        """Take the board's word."""
        if not snapshot["is_open"]:
            self._reason = stop_reason_words(snapshot["stop_reason"])
            self._tell()

    def show_in(self, steps: Steps) -> None:
        """Show the end there, now or when it comes."""
        self._steps = steps
        self._tell()

    def _tell(self) -> None:
        if self._steps is not None and self._reason is not None and not self._steps.done:
            self._steps.advance("ended", self._reason)


def _await_session(view: StationView, form: StartForm, steps: Steps, result: CommandResult) -> None:
    """Accepted means the station will try. The session is there when the station reports it."""
    steps.note("started", _WAITING)

    def look(snapshot: dict[str, Any]) -> None:
        if steps.done:
            return
        if (found := _new_session(view, form, snapshot, result)) is not None:
            steps.advance("started", f"Session {found}")
            with steps.parent_slot.parent if steps.parent_slot else steps:
                button("Open the session", icon="zap", href=f"/transactions/{found}")
        elif not snapshot["online"]:
            steps.fail("The connection was lost while waiting. The session appears here if it starts all the same.")
        elif _is_faulted(snapshot, form.evse_number):
            steps.fail("The connector reports a fault. The car cannot charge here; try another connector.")

    follow(view.board, view.tenant_id, [view.key], look, owner=steps)
    look(view.now)


def _new_session(view: StationView, form: StartForm, snapshot: dict[str, Any], result: CommandResult) -> int | None:
    for number in snapshot["transaction_ids"]:
        session = None if number in form.running_before else view.board.transaction(view.tenant_id, number)
        if session is None:
            continue
        # 1.6 does not carry the id of the request back; then the place must do.
        if session["remote_start_id"] == result.remote_start_id or session["evse_number"] == form.evse_number:
            return number
    return None


def _is_faulted(snapshot: dict[str, Any], evse_number: int | None) -> bool:
    at_evse = [c for key, c in snapshot["connectors"].items() if key.split("-")[0] == str(evse_number)]
    return bool(at_evse) and all(connector["status"] == "Faulted" for connector in at_evse)


def _places(view: StationView) -> dict[int, str]:
    """EVSEs to choose from, with what they are doing."""
    statuses = connector_statuses(view.now, view.board, view.tenant_id)
    places: dict[int, str] = {}
    for key, status in statuses.items():
        places.setdefault(int(key.split("-")[0]), f"{connector_place(key)} · {status_of(status).word}")
    return places


def _readiest(view: StationView, places: dict[int, str]) -> int | None:
    """The EVSE where a car is waiting, else a free one."""
    busy = {session["evse_number"] for session in view.running()}
    statuses = connector_statuses(view.now, view.board, view.tenant_id)
    free = [(key, status) for key, status in statuses.items() if int(key.split("-")[0]) not in busy]
    for wanted in _READY:
        for key, status in free:
            if status == wanted:
                return int(key.split("-")[0])
    return next(iter(places), None)


def _token_options(tokens: list[TokenRow]) -> dict[str, str]:
    return {token.value: _token_words(token) for token in tokens}


def _token_words(token: TokenRow) -> str:
    blocked = "blocked" if token.status != "Accepted" else ""
    return " · ".join(part for part in (token.driver, token.label, token.value, blocked) if part)

"""Any request of the station's OCPP version: its name, a JSON payload checked as one types, and the answer."""

from typing import Any

import orjson
from nicegui import ui

from csms.commands.commands import RawRequest
from csms.errors import InvalidInputError
from csms.ocpp.codec import from_csms, violation_of
from csms.ocpp.version import OcppVersion
from pages.operator.asking import Ask, Asking, AskingDialog, Reader
from pages.operator.station_view import StationView
from themes.markup import Tag


def request_dialog(view: StationView) -> None:
    """Compose a request; it can only be sent when it fits the schema."""
    AskingDialog(
        view,
        Asking(
            "Send any request",
            "Send",
            lambda: _fields(view),
            text=f"as OCPP {view.version} defines it; what is sent is recorded in the audit log.",
            show_answer=True,
            wide=True,
        ),
    )


def _fields(view: StationView) -> Reader:
    actions = sorted(from_csms(view.version))
    action = ui.select(actions, value="TriggerMessage", label="Action", with_input=True).props("outlined")
    payload = ui.textarea("Payload (JSON)", value="{}").props("outlined rows=9 spellcheck=false")
    verdict = Tag("p", classes="vd-small vd-muted", aria_live="polite")

    def judge() -> None:
        problem = payload_problem(view.version, str(action.value or ""), str(payload.value or ""))
        verdict.set_text(problem or "This fits the schema.")

    action.on_value_change(judge)
    payload.on_value_change(judge).props("debounce=250")
    judge()

    def read() -> Ask:
        name, text = str(action.value or ""), str(payload.value or "")
        if problem := payload_problem(view.version, name, text):
            raise InvalidInputError(problem)
        command = RawRequest(name, orjson.loads(text))
        return lambda commands, actor: commands.request(actor, view.identity, command)

    return read


def payload_problem(version: OcppVersion, action: str, text: str) -> str | None:
    """What keeps `text` from being sent as the payload of `action`, in words; None when nothing does."""
    if action not in from_csms(version):
        return "Choose an action." if not action else f"OCPP {version} has no request {action} to a station."
    try:
        payload: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return f"Line {error.lineno}, column {error.colno} is not JSON: {error.msg}."
    if not isinstance(payload, dict):
        return 'The payload must be an object: {"name": value}.'
    violation = violation_of(version, action, "request", payload)
    return None if violation is None else f"Does not fit the schema of {action}: {violation}."

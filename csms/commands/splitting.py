"""Splits a request into as many as the station's limits make necessary: pure (B_08, N_18, X16_16, DS_64)."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar, cast

import orjson

from csms.commands.commands import GetVariables, RawRequest, SetVariables, StationCommand
from csms.stations.limits import MessageLimits

T = TypeVar("T")
_ENVELOPE_BYTES = 128
"""Frame, id, action and the names around the list, with room to spare."""
_LISTS = {
    "GetVariables": "getVariableData",
    "SetVariables": "setVariableData",
    "SetVariableMonitoring": "setMonitoringData",
    "ClearVariableMonitoring": "id",
    "GetConfiguration": "key",
}


def chunks(items: Sequence[T], limits: MessageLimits, size_of: Callable[[T], int]) -> list[list[T]]:
    """The items in order, in lists of at most `limits.items` and, where known, `limits.bytes` together.

    An item that is too large by itself travels alone: whether it fits, the station will say.
    """
    found: list[list[T]] = []
    room = 0
    for item in items:
        size = size_of(item) + 1
        if not found or len(found[-1]) >= limits.items or (limits.bytes is not None and size > room):
            found.append([])
            room = (limits.bytes or 0) - _ENVELOPE_BYTES
        found[-1].append(item)
        room -= size
    return found


def splittable_as(command: StationCommand, version: str | None) -> str | None:
    """The action whose limits may split this command; None when it goes out as it is.

    A raw request that is not to be checked is sent to the letter.
    """
    match command:
        case GetVariables(names) if len(names) > 1:
            return "GetConfiguration" if version == "1.6" else "GetVariables"
        case SetVariables(variables) if len(variables) > 1:
            return "ChangeConfiguration" if version == "1.6" else "SetVariables"
        case RawRequest(action, payload, True) if action in _LISTS:
            items = payload.get(_LISTS[action])
            return action if isinstance(items, list) and len(cast(list[Any], items)) > 1 else None
        case _:
            return None


def split(command: StationCommand, action: str, limits: MessageLimits) -> list[StationCommand]:
    """The command as those to send one after the other; `action` as `splittable_as` says."""
    if action == "ChangeConfiguration":
        limits = MessageLimits(items=1)
    match command:
        case GetVariables(names):
            return [GetVariables(tuple(part)) for part in chunks(names, limits, _bytes_of)]
        case SetVariables(variables):
            return [SetVariables(tuple(part)) for part in chunks(variables, limits, _bytes_of)]
        case RawRequest(action, payload, validate):
            name = _LISTS[action]
            parts = chunks(cast(list[Any], payload[name]), limits, lambda item: len(orjson.dumps(item)))
            return [RawRequest(action, payload | {name: part}, validate) for part in parts]
        case _:
            return [command]


def joined_answer(answers: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The answers to the parts as one: lists end to end, of anything else the last."""
    whole: dict[str, Any] = {}
    for answer in answers:
        for name, value in (answer or {}).items():
            known = whole.get(name)
            are_lists = isinstance(known, list) and isinstance(value, list)
            whole[name] = [*cast(list[Any], known), *cast(list[Any], value)] if are_lists else value
    return whole if any(answer is not None for answer in answers) else None


def _bytes_of(item: Any) -> int:
    """At least what the item takes on the wire: our own field names are longer than OCPP's."""
    return len(orjson.dumps(asdict(item)))

"""Small things both dialects need to write and read payloads."""

import random
from datetime import datetime
from typing import Any, cast

from csms.config import Settings
from csms.ocpp.timestamps import format_timestamp, parse_timestamp
from models import Registration

_JITTER = 0.1
_RETRY_BOOT_S = 60


_RESULTS = (
    "setVariableResult",
    "getVariableResult",
    "setMonitoringResult",
    "clearMonitoringResult",
    "clearTariffsResult",
)


def boot_answer(
    registration: str, now: datetime, settings: Settings, known_interval_s: int | None = None
) -> dict[str, Any]:
    """The answer to a BootNotification (B01 to B03), the same in every version.

    The interval differs a little from station to station, or all of them would beat in step after an outage (TR_86).
    `known_interval_s`, the station's own HeartbeatInterval where we know it, is kept: the answer overwrites that key.
    """
    accepted = registration == Registration.ACCEPTED
    if accepted and known_interval_s is not None:
        return {"status": registration, "currentTime": format_timestamp(now), "interval": known_interval_s}
    interval_s = settings.heartbeat_interval_s if accepted else _RETRY_BOOT_S
    jittered = max(1, round(interval_s * random.uniform(1 - _JITTER, 1 + _JITTER)))
    return {"status": registration, "currentTime": format_timestamp(now), "interval": jittered}


def moment_of(text: object, received_at: datetime) -> datetime:
    """A station's time, or when its message came where it has none that can be read (TR_96)."""
    return parse_timestamp(text) or received_at


def without_none(**fields: Any) -> dict[str, Any]:
    """A payload in the given order, without the fields that have no value."""
    return {name: value for name, value in fields.items() if value is not None}


def status_in(answer: dict[str, Any]) -> str | None:
    """The one word an answer comes down to: its status, or that of all its results when they agree."""
    status = answer.get("status")
    if isinstance(status, str):
        return status
    words = {
        str(result.get("attributeStatus") or result.get("status"))
        for name in _RESULTS
        for result in cast(list[dict[str, Any]], answer.get(name) or [])
    }
    return words.pop() if len(words) == 1 else None

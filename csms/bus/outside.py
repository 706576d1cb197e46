"""Which events the world outside hears of, by dotted names that never change: in webhooks, event streams and audit.

The same words everywhere: `said(event)` is the body that programs read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from csms.bus import events
from csms.bus.events import Event


@dataclass(frozen=True, slots=True)
class OutsideEvent:
    """An event as programs know it. `permission` is what somebody needs to hear it."""

    name: str
    permission: str
    text: str
    """One sentence for people who choose what to hear."""


_STATIONS, _TRANSACTIONS = "stations.view", "transactions.view"

OUTSIDE: dict[type[Event], OutsideEvent] = {
    events.StationConnected: OutsideEvent("station.connected", _STATIONS, "A station's connection was accepted."),
    events.StationDisconnected: OutsideEvent("station.disconnected", _STATIONS, "A station's connection is gone."),
    events.StationBooted: OutsideEvent("station.booted", _STATIONS, "A station started and was registered."),
    events.StationStatusChanged: OutsideEvent("station.status_changed", _STATIONS, "A station as a whole changed."),
    events.ConnectorStatusChanged: OutsideEvent(
        "connector.status_changed", _STATIONS, "A connector is available, occupied, faulted, …"
    ),
    events.StationEventRecorded: OutsideEvent(
        "station.event_recorded", _STATIONS, "Something worth knowing: a fault, an alert, a warning."
    ),
    events.StationAdded: OutsideEvent("station.added", _STATIONS, "A station was made known."),
    events.StationChanged: OutsideEvent("station.changed", _STATIONS, "A station's name, place or setup was changed."),
    events.StationRemoved: OutsideEvent("station.removed", _STATIONS, "A station was taken out of the fleet."),
    events.TransactionStarted: OutsideEvent("transaction.started", _TRANSACTIONS, "A session began."),
    events.TransactionUpdated: OutsideEvent(
        "transaction.updated", _TRANSACTIONS, "A session's energy, power or state moved on; comes often."
    ),
    events.TransactionEnded: OutsideEvent("transaction.ended", _TRANSACTIONS, "A session ended."),
    events.MessageParked: OutsideEvent(
        "message.parked", _TRANSACTIONS, "A message could not be placed and waits in the repair inbox."
    ),
    events.ReservationChanged: OutsideEvent(
        "reservation.changed", _STATIONS, "A reservation was made, declined, used or given up."
    ),
    events.CommandChanged: OutsideEvent("command.changed", _STATIONS, "What was asked of a station went on."),
}
BY_NAME: dict[str, OutsideEvent] = {one.name: one for one in OUTSIDE.values()}


def said(event: Event) -> dict[str, Any]:
    """The event's fields as plain JSON, named as in the API (`energyWh`): amounts as decimal text, times in ISO 8601,
    without whose tenant it is."""
    return {
        _outside(field.name): _plain(getattr(event, field.name))
        for field in fields(event)
        if field.name not in ("tenant_id", "at", "cause_id")
    }


def _outside(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast(Sequence[Any], value)]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in cast(dict[Any, Any], value).items()}
    return value

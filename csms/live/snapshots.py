"""How stations and transactions look on the board: plain dicts that JSON understands, moments as ISO text.

A snapshot's own fields are set in place; nested values are replaced, never changed, so that a shallow copy is safe.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from csms.stations.words import status_word

Snapshot = dict[str, Any]
_MOVED_BY_FRAMES = ("last_seen_at", "sampled_at")
_CENT = Decimal("0.01")


def shown(snapshot: Snapshot) -> Snapshot:
    """A copy to hand out. The moments that every frame moves are kept as they are, and text only here."""
    copy = dict(snapshot)
    for name in _MOVED_BY_FRAMES:
        moment = copy.get(name)
        if isinstance(moment, datetime):
            copy[name] = moment.isoformat()
    return copy


def text_of(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, or None."""
    return None if at is None else at.isoformat()


def amount_of(cost: Decimal | None) -> str | None:
    """Decimal text without needless zeros beyond two places, or None."""
    if cost is None:
        return None
    if cost.same_quantum(_CENT):  # as in nearly every currency: quick, for each meter value of a session passes here
        return str(cost)
    shown = cost.normalize()
    exponent = shown.as_tuple().exponent
    return str(shown.quantize(_CENT) if isinstance(exponent, int) and exponent > -2 else shown)


def connector_key(evse_number: int, connector_number: int) -> str:
    """How a connector is named within its station: 1-1."""
    return f"{evse_number}-{connector_number}"


def connector_snapshot(status: str, error_code: str, info: str) -> Snapshot:
    """One connector's part of its station's snapshot."""
    return {"status": status, "error_code": error_code, "info": info}


def word_of(station: Snapshot, transactions: dict[int, Snapshot]) -> str:
    """The station's one word for the map."""
    states = [transactions[number]["charging_state"] for number in station["transaction_ids"]]
    connectors = [connector["status"] for connector in station["connectors"].values()]
    return status_word(station["online"], station["station_status"], connectors, states)


def power_of(station: Snapshot, transactions: dict[int, Snapshot]) -> float:
    """What its open transactions draw together, in W."""
    return sum(transactions[number]["power_w"] or 0.0 for number in station["transaction_ids"])

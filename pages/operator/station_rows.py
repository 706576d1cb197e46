"""How a station looks as a row: from the database once, and from the live board ever after."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from components.data_table import Cell
from components.status import STATUSES
from csms.live.board import Board
from csms.stations.queries import StationRow
from pages.operator.words import connector_words, error_words
from pages.session import PageContext

Snapshot = Mapping[str, Any]


def station_address(identity: str) -> str:
    """Where a station's page is."""
    return f"/stations/{quote(identity, safe='')}"


def station_row(row: StationRow, context: PageContext) -> dict[str, Any]:
    """A row of the table, with what the board knows better."""
    version = f"OCPP {row.ocpp_version}" if row.ocpp_version else ""
    fixed = {
        "id": str(row.id),
        "href": station_address(row.identity),
        "identity": Cell(row.name or row.identity, sub=row.identity if row.name else ""),
        "location": Cell(row.location, sub=row.city if row.city not in row.location else ""),
        "vendor": Cell(f"{row.vendor} {row.model}".strip() or "–", sub=version),
        "last_seen_at": row.last_seen_at.isoformat() if row.last_seen_at else "",
        "status": row.status,
        "power": context.formats.power(0),
        "connectors": Cell("", marks=tuple((c.status, c.status) for c in row.connectors)),
    }
    snapshot = context.services.board.station(context.tenant.id, row.id)
    return fixed | (live_cells(snapshot, context) if snapshot else {})


def live_cells(snapshot: Snapshot, context: PageContext) -> dict[str, Any]:
    """The cells that change by themselves."""
    online = snapshot["online"]
    return {
        "status": snapshot["status"],
        "power": context.formats.power(snapshot["power_w"] if online else None),
        "connectors": Cell(
            "", marks=_marks(snapshot, connector_statuses(snapshot, context.services.board, context.tenant.id))
        ),
        "last_seen_at": snapshot["last_seen_at"] or "",
    }


def connector_statuses(snapshot: Snapshot, board: Board, tenant_id: int) -> dict[str, str]:
    """What each connector ("1-1") is doing. 2.x says no more than Occupied; the running transaction knows the rest."""
    said: dict[str, str] = {key: connector["status"] for key, connector in snapshot["connectors"].items()}
    for transaction_id in snapshot["transaction_ids"]:
        transaction = board.transaction(tenant_id, transaction_id)
        if transaction is None:
            continue
        key = f"{transaction['evse_number']}-{transaction['connector_number']}"
        if said.get(key) in ("Occupied", "Unknown") and transaction["charging_state"] in STATUSES:
            said[key] = transaction["charging_state"]
    return said


def site_unless_named(station_name: str, location_name: str) -> str:
    """The location, where the station's own name does not begin with it."""
    return "" if station_name.startswith(location_name) else location_name


def connector_place(key: str) -> str:
    """The connector "2-1" in words."""
    evse_number, number = key.split("-")
    return connector_words(int(evse_number), int(number))


def _marks(snapshot: Snapshot, statuses: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(_mark(snapshot, key, status) for key, status in statuses.items())


def _mark(snapshot: Snapshot, key: str, status: str) -> tuple[str, str]:
    word = STATUSES[status].word if status in STATUSES else status
    if not snapshot["online"]:
        return "Offline", f"{connector_place(key)}: offline, last known {word.lower()}"
    trouble = error_words(snapshot["connectors"][key]["error_code"])
    return status, f"{connector_place(key)}: {word.lower()}{f', {trouble}' if trouble else ''}"

"""How a session looks as a row, from the database once and from the live board after that."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from components.data_table import Cell, Column
from components.formats import Formats
from csms.transactions.queries import TransactionRow
from pages.operator.remarks import remark_label
from pages.operator.station_rows import site_unless_named
from pages.operator.words import charging_status, connector_words, stop_reason_words
from pages.session import PageContext

COLUMNS: Final = (
    Column("started_at", "Started", kind="link", sortable=True, mobile="title"),
    Column("state", "State", mobile="side"),
    Column("station", "Station", sortable=True),
    Column("energy_wh", "Energy", kind="num", align="right", sortable=True),
    Column("duration", "Time", kind="num", align="right"),
    Column("cost", "Cost", kind="num", align="right", sortable=True),
    Column("id_token", "Token", kind="mono", mobile="hide"),
    Column("remarks", "Remarks"),
)


def transaction_address(transaction_id: int) -> str:
    """Where a session's page is."""
    return f"/transactions/{transaction_id}"


def transaction_row(row: TransactionRow, context: PageContext) -> dict[str, Any]:
    """A row of the table; times are in the location's zone."""
    formats = context.formats.at(row.location_time_zone)
    name = row.station_name or row.station_identity
    place = (connector_words(row.evse_number, row.connector_number), site_unless_named(name, row.location_name))
    return {
        "id": str(row.id),
        "href": transaction_address(row.id),
        "started_at": Cell(formats.moment(row.started_at).replace(" ", "\u00a0")),
        "state": _state(row, context, formats),
        "station": Cell(name, sub=" · ".join(filter(None, place))),
        "energy_wh": formats.energy(row.energy_wh),
        "duration": "" if row.is_open else formats.duration(row.duration_s),
        "cost": formats.money(row.cost, row.currency or None),
        "id_token": row.id_token,
        "remarks": Cell("", tags=tuple(map(remark_label, row.remarks))) if row.remarks else Cell(""),
    } | ({"duration": running_time(row.started_at, context, formats)} if row.is_open else {})


def running_time(started_at: datetime, context: PageContext, formats: Formats) -> str:
    """How long a session has been running as of now."""
    return formats.duration((context.services.clock.now() - started_at).total_seconds())


def live_cells(snapshot: dict[str, Any], formats: Formats) -> dict[str, Any]:
    """The cells of a running session that change by themselves, and those that its end settles."""
    cost = snapshot["cost"]
    ended = not snapshot["is_open"]
    until = snapshot["ended_at"] if ended else snapshot["sampled_at"]
    seconds = _seconds(snapshot["started_at"], until) if until else None
    state = (
        ended_cell(snapshot["stop_reason"])
        if ended
        else running_cell(snapshot["charging_state"], snapshot["power_w"], formats)
    )
    cells = {
        "state": state,
        "energy_wh": formats.energy(snapshot["energy_wh"]),
        "cost": formats.money(None if cost is None else Decimal(cost), snapshot["currency"] or None),
    }
    return cells | ({} if seconds is None else {"duration": formats.duration(seconds)})


def running_cell(charging_state: str, power_w: float | None, formats: Formats) -> Cell:
    """The state of a running session, with its power where that is known."""
    status = charging_status(charging_state)
    word = {"Charging": "Charging", "SuspendedEV": "Paused by car", "SuspendedEVSE": "Paused by station"}.get(
        status, "Connected"
    )
    return Cell(word, status=status, sub=formats.power(power_w) if power_w else "")


def ended_cell(stop_reason: str | None) -> Cell:
    """That it ended, and why, in few words: the session's own page has the rest."""
    return Cell("Ended", sub=stop_reason_words(stop_reason).partition(",")[0] if stop_reason else "")


def _state(row: TransactionRow, context: PageContext, formats: Formats) -> Cell:
    """As the board tells it, so that a row does not grow with its first live change."""
    if not row.is_open:
        return ended_cell(row.stop_reason)
    live = context.services.board.transaction(context.tenant.id, row.id)
    return running_cell(row.charging_state, live["power_w"] if live else None, formats)


def _seconds(start: str, end: str) -> float:
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())

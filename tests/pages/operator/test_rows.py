"""What the overview writes of a snapshot."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from components.formats import Formats
from csms.transactions.queries import DayTotal
from pages.operator.energy_days import bar_of, first_midnight
from pages.operator.map_rows import map_rows
from pages.operator.running import session_row

STATION: dict[str, Any] = {
    "id": 1,
    "identity": "DE-1",
    "name": "Yard 1",
    "location": "Yard",
    "latitude": 52.5,
    "longitude": 13.4,
    "status": "Charging",
}
TRANSACTION: dict[str, Any] = {
    "id": 7,
    "station_id": 1,
    "station": "DE-1",
    "evse_number": 2,
    "connector_number": 1,
    "charging_state": "Charging",
    "energy_wh": 12_345,
    "power_w": 11_040.0,
    "soc_percent": 41.0,
    "cost": "3.70",
    "currency": "EUR",
    "started_at": "2026-01-01T00:00:00+00:00",
}


def test_a_session_in_words() -> None:
    row = session_row(TRANSACTION, STATION, Formats("en-GB", "EUR", "Europe/Berlin"))
    assert row == {
        "key": "7",
        "href": "/transactions/7",
        "station": "Yard 1",
        "place": "DE-1 · Connector 2",
        "status": "Charging",
        "energy": "12.3 kWh",
        "power": "11.0 kW",
        "soc": 41.0,
        "soc_text": "41 %",
        "cost": "€3.70",
        "started": 1767225600000,
    }


@pytest.mark.parametrize(("state", "status"), [("EVConnected", "Preparing"), ("SuspendedEV", "SuspendedEV")])
def test_a_charging_state_as_a_status(state: str, status: str) -> None:
    assert session_row({**TRANSACTION, "charging_state": state}, STATION, Formats())["status"] == status


def test_a_session_that_said_nothing_yet() -> None:
    silent = {**TRANSACTION, "power_w": None, "soc_percent": None, "cost": None, "currency": ""}
    row = session_row(silent, None, Formats("en-SG", "SGD", "Asia/Singapore"))
    assert (row["station"], row["place"], row["power"], row["soc"], row["cost"]) == (
        "DE-1",
        "Connector 2",
        "–",
        None,
        "–",
    )


def test_the_site_is_named_where_the_station_does_not() -> None:
    row = session_row(TRANSACTION, {**STATION, "name": "Fast one"}, Formats())
    assert row["place"] == "Yard · Connector 2"


def test_map_rows_are_keyed_by_identity() -> None:
    assert map_rows({1: STATION}) == [("DE-1", 52.5, 13.4, "Charging", "Yard 1 · Yard")]


def test_days_begin_at_local_midnight() -> None:
    late = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    assert first_midnight(late, "Asia/Singapore", 1) == datetime(2026, 1, 1, 16, tzinfo=UTC)
    assert first_midnight(late, "Europe/Berlin", 3) == datetime(2025, 12, 30, 23, tzinfo=UTC)


def test_a_day_as_people_write_it() -> None:
    total = DayTotal(datetime(2026, 3, 9, tzinfo=UTC).date(), 12_340, 3, Decimal(5))
    assert bar_of(total, "en-GB") == ("9 Mar", 12.3)
    assert bar_of(total, "de") == ("9. März", 12.3)

"""Numbers, money and times as a place reads them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from components.formats import Formats

GERMAN = Formats("de", "EUR", "Europe/Berlin")
SINGAPORE = Formats("en-SG", "SGD", "Asia/Singapore")
MOMENT = datetime(2026, 11, 22, 13, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("energy_wh", "text"),
    [(0, "0.0 kWh"), (999, "1.0 kWh"), (12_349, "12.3 kWh"), (2_500_000, "2.50 MWh"), (None, "–"), (-500, "-0.5 kWh")],
)
def test_energy(energy_wh: int | None, text: str) -> None:
    assert SINGAPORE.energy(energy_wh) == text


def test_power_in_the_readers_digits() -> None:
    assert GERMAN.power(7_400) == "7,4 kW"
    assert GERMAN.power_parts(1_234_000) == ("1,23", "MW")


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (4320, "1 h 12 min"), (90_000, "1 d 1 h"), (None, "–")],
)
def test_duration(duration_s: int | None, text: str) -> None:
    assert SINGAPORE.duration(duration_s) == text


def test_money_in_the_tenants_currency() -> None:
    assert SINGAPORE.money(Decimal("7.42")) == "$7.42"
    assert GERMAN.money(Decimal("1234.5")) == "1.234,50\xa0€"
    assert GERMAN.money(Decimal("5"), "SGD").endswith("SGD")
    assert GERMAN.money(None) == "–"


def test_times_in_the_locations_zone() -> None:
    assert (GERMAN.time(MOMENT), SINGAPORE.time(MOMENT)) == ("14:05", "21:05")
    assert SINGAPORE.moment(MOMENT) == "22 Nov 2026, 21:05"
    assert SINGAPORE.at("UTC").time_seconds(MOMENT) == "13:05:09"


@pytest.mark.parametrize(
    ("before_s", "text"),
    [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")],
)
def test_ago(before_s: int, text: str) -> None:
    assert SINGAPORE.ago(MOMENT - timedelta(seconds=before_s), MOMENT) == text


def test_every_language_of_a_brand_is_known() -> None:
    for language in ("de", "de-CH", "en", "en-GB", "fr-FR", "ms"):
        assert Formats(language).number(1234.5, 1)

"""The pricing function: worked examples, and what must hold for any price."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.errors import InvalidInputError
from csms.tariffs.money import minor_unit
from csms.tariffs.pricing import Prices, cost_of, price_of

HYBRID = {"energy_per_kwh": "0.30", "per_minute": "0.05", "per_minute_after_min": 60}


def total(prices: dict[str, Any], energy_wh: int, duration_s: int, currency: str = "EUR") -> str:
    return str(price_of(Prices.from_json(prices), energy_wh=energy_wh, duration_s=duration_s, currency=currency).total)


@pytest.mark.parametrize(
    ("prices", "energy_wh", "minutes", "expected"),
    [
        (HYBRID, 20_000, 45, "6.00"),
        (HYBRID, 20_000, 60, "6.00"),
        (HYBRID, 20_000, 90, "7.50"),
        (HYBRID, 0, 120, "3.00"),
        ({"flat_fee": "2.50"}, 0, 0, "2.50"),
        ({"energy_per_kwh": "0.25", "flat_fee": "0.35"}, 1200, 9, "0.65"),
        ({"per_minute": "0.10"}, 50_000, 33, "3.30"),
        ({}, 50_000, 600, "0.00"),
    ],
)
def test_worked_examples(prices: dict[str, Any], energy_wh: int, minutes: int, expected: str):
    assert total(prices, energy_wh, minutes * 60) == expected


def test_a_price_is_told_part_by_part():
    price = price_of(Prices.from_json(HYBRID | {"flat_fee": "1"}), energy_wh=12_345, duration_s=5400, currency="EUR")
    parts = [(part.kind, part.quantity, part.unit_price, part.amount) for part in price.parts]
    assert parts == [
        ("energy", Decimal("12.345"), Decimal("0.30"), Decimal("3.70350")),
        ("time", Decimal(30), Decimal("0.05"), Decimal("1.50")),
        ("flat", Decimal(1), Decimal(1), Decimal(1)),
    ]
    assert price.total == Decimal("6.20")


@pytest.mark.parametrize(("currency", "expected"), [("EUR", "0.13"), ("JPY", "0"), ("KWD", "0.125"), ("XXQ", "0.13")])
def test_a_total_is_rounded_half_up_to_the_currency_s_minor_unit(currency: str, expected: str):
    assert total({"energy_per_kwh": "0.125"}, 1000, 0, currency) == expected


def test_the_rounding_table_of_the_documentation_is_true():
    text = (Path(__file__).parents[3] / "docs" / "pricing.md").read_text()
    rows = re.findall(r"^\| ([\d ]+) Wh \| (\d+) s \| .* \| \*\*([\d.]+)\*\* \|$", text, re.MULTILINE)
    assert len(rows) >= 5
    for energy, seconds, expected in rows:
        assert total(HYBRID | {"flat_fee": "0.35"}, int(energy.replace(" ", "")), int(seconds)) == expected


@pytest.mark.parametrize(
    "document",
    [
        {"energy_per_kwh": 0.3},
        {"energy_per_kwh": "-1"},
        {"energy_per_kwh": "NaN"},
        {"energy_per_kwh": "cheap"},
        {"flat_fee": None},
        {"per_minute_after_min": "60"},
        {"per_minute_after_min": -1},
        {"elements": []},
    ],
)
def test_prices_that_cannot_be_are_refused(document: dict[str, Any]):
    with pytest.raises(InvalidInputError):
        Prices.from_json(document)


amounts = st.decimals(0, 100, places=4)
any_prices = st.builds(Prices, amounts, amounts, st.integers(0, 600), amounts)
energies, durations = st.integers(0, 10**9), st.integers(0, 10**8)
currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@given(any_prices)
def test_prices_survive_json(prices: Prices):
    assert Prices.from_json(prices.to_json()) == prices


@given(any_prices, energies, energies, durations, durations, currencies)
def test_more_energy_or_time_never_costs_less(
    prices: Prices, energy_wh: int, more_wh: int, duration_s: int, more_s: int, currency: str
):
    less = cost_of(prices, energy_wh=energy_wh, duration_s=duration_s, currency=currency)
    more = cost_of(prices, energy_wh=energy_wh + more_wh, duration_s=duration_s + more_s, currency=currency)
    assert 0 <= less <= more


@given(any_prices, energies, durations, currencies)
def test_the_total_is_the_sum_of_the_parts_within_half_a_minor_unit(
    prices: Prices, energy_wh: int, duration_s: int, currency: str
):
    price = price_of(prices, energy_wh=energy_wh, duration_s=duration_s, currency=currency)
    exact = sum((part.amount for part in price.parts), Decimal(0))
    assert abs(price.total - exact) <= minor_unit(currency) / 2 + Decimal("1e-12")
    assert price.total == price.total.quantize(minor_unit(currency))
    assert price.total == cost_of(prices, energy_wh=energy_wh, duration_s=duration_s, currency=currency)

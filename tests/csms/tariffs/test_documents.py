"""Prices as a tariff of OCPP 2.1, and amounts as JSON numbers."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.ocpp.codec import violation_of
from csms.ocpp.version import OcppVersion
from csms.tariffs.documents import amount_of, number, tariff_document
from csms.tariffs.pricing import Prices
from csms.tariffs.service import TariffChoice

AMOUNTS = st.decimals(min_value=0, max_value=99_999, places=5)


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.integers(0, 10_000))
def test_whatever_the_prices_a_document_is_valid_and_exact(energy: Decimal, minute: Decimal, flat: Decimal, free: int):
    prices = Prices(energy, minute, free, flat)
    document = orjson.loads(orjson.dumps(tariff_document(TariffChoice(7, prices, "EUR", "Night"))))
    assert violation_of(OcppVersion("2.1"), "SetDefaultTariff", "request", {"evseId": 0, "tariff": document}) is None
    told = {
        "energy": (energy, "priceKwh"),
        "chargingTime": (minute, "priceMinute"),
        "idleTime": (minute, "priceMinute"),
        "fixedFee": (flat, "priceFixed"),
    }
    for name, (price, field) in told.items():
        assert (name in document) == bool(price)
        if price:
            [line] = document[name]["prices"]
            assert amount_of(line[field]) == price


@given(AMOUNTS)
def test_an_amount_survives_the_wire(amount: Decimal):
    assert amount_of(orjson.loads(orjson.dumps(number(amount)))) == amount


@pytest.mark.parametrize("value", [None, "1", True, float("inf"), float("nan"), 1e15, -1e15])
def test_what_is_no_amount(value: object):
    assert amount_of(value) is None

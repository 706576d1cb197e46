"""Prices as a tariff of OCPP 2.1, for stations that calculate costs themselves (I07, I08). Pure."""

from decimal import Decimal
from typing import Any

from csms.tariffs.pricing import Prices
from csms.tariffs.service import TariffChoice

Json = dict[str, Any]
_NO_TAX = {"type": "VAT", "tax": 0}
"""Our prices are what is to be paid: a station that calculates adds nothing to them."""
_MAX_TEXT = 1024


def tariff_id_of(tariff_version_id: int) -> str:
    """The id of a price version on the wire: each version has its own, over all tenants (I_106)."""
    return f"VD-{tariff_version_id}"


def tariff_document(choice: TariffChoice) -> Json:
    """A TariffType that costs the same as our own pricing (I_109): what costs nothing is left out.

    Minutes count from the start, charging or not, hence the same price for both; free minutes are a condition.
    """
    prices = choice.prices
    document: Json = {"tariffId": tariff_id_of(choice.tariff_version_id), "currency": choice.currency}
    if choice.name:
        document["description"] = [{"format": "UTF8", "content": choice.name[:_MAX_TEXT]}]
    if prices.energy_per_kwh:
        document["energy"] = _component({"priceKwh": number(prices.energy_per_kwh)})
    if prices.per_minute:
        document["chargingTime"] = document["idleTime"] = _component(_minute(prices))
    if prices.flat_fee:
        document["fixedFee"] = _component({"priceFixed": number(prices.flat_fee)})
    return document


def _minute(prices: Prices) -> Json:
    price: Json = {"priceMinute": number(prices.per_minute)}
    free_s = prices.per_minute_after_min * 60
    return price | {"conditions": {"minTime": free_s}} if free_s else price


def _component(price: Json) -> Json:
    return {"prices": [price], "taxRates": [_NO_TAX]}


def number(amount: Decimal) -> float:
    """The JSON number that is written with the digits of `amount`, up to the 15 that a reader keeps."""
    return float(amount)


def amount_of(value: Any) -> Decimal | None:
    """A JSON number as the decimal it was written as; None for what is no amount that we could store."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    amount = Decimal(repr(value))
    return amount if amount.is_finite() and abs(amount) < _TOO_MUCH else None


_TOO_MUCH = Decimal(10) ** 14
"""The first amount that a column of money has no room for."""

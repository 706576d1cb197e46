"""What a charging session costs: the one pricing function, pure. docs/pricing.md explains it with worked roundings."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

from csms.errors import InvalidInputError
from csms.tariffs.money import minor_unit

ZERO = Decimal(0)
WH_PER_KWH = Decimal(1000)
S_PER_MINUTE = Decimal(60)


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of one tariff version, in the tariff's currency."""

    energy_per_kwh: Decimal = ZERO
    per_minute: Decimal = ZERO
    per_minute_after_min: int = 0
    """Minutes at the start that cost nothing."""
    flat_fee: Decimal = ZERO
    """Charged once per session."""

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Prices":
        """Read `{"energy_per_kwh": "0.30", "per_minute": "0.05", "per_minute_after_min": 60, "flat_fee": "1"}`.

        What is left out costs nothing. Raises InvalidInputError for an unknown key, a negative price, or text that is
        no amount.
        """
        unknown = document.keys() - _KEYS
        if unknown:
            raise InvalidInputError(f"Unknown price: {', '.join(sorted(unknown))}. Known are {', '.join(_KEYS)}.")
        return cls(
            energy_per_kwh=_amount(document, "energy_per_kwh"),
            per_minute=_amount(document, "per_minute"),
            per_minute_after_min=_minutes(document, "per_minute_after_min"),
            flat_fee=_amount(document, "flat_fee"),
        )

    def to_json(self) -> dict[str, Any]:
        """The document `from_json` reads, without what costs nothing."""
        values = {key: getattr(self, key) for key in _KEYS}
        return {key: str(value) if isinstance(value, Decimal) else value for key, value in values.items() if value}


_KEYS = ("energy_per_kwh", "per_minute", "per_minute_after_min", "flat_fee")


def _amount(document: Mapping[str, Any], key: str) -> Decimal:
    raw = document.get(key, "0")
    try:
        value = Decimal(raw) if isinstance(raw, str | int) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not 0 <= value < 1_000_000:
        raise InvalidInputError(f"{key} must be an amount of 0 or more as decimal text, such as 0.30; got {raw!r}.")
    return value


def _minutes(document: Mapping[str, Any], key: str) -> int:
    value = document.get(key, 0)
    if not isinstance(value, int) or not 0 <= value < 1_000_000:
        raise InvalidInputError(f"{key} must be whole minutes, 0 or more; got {value!r}.")
    return value


@dataclass(frozen=True, slots=True)
class PricePart:
    """One line of a price: `quantity` × `unit_price` = `amount`, exact, not rounded."""

    label: str
    kind: str
    """energy (quantity in kWh), time (in minutes, after the free ones) or flat (1)."""
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What is to be paid. `total` is the sum of the parts, rounded once, half up, to the currency's minor unit."""

    total: Decimal
    currency: str
    parts: tuple[PricePart, ...]


def price_of(prices: Prices, *, energy_wh: int, duration_s: int, currency: str) -> Price:
    """Price a session of `energy_wh` watt-hours and `duration_s` seconds.

    Energy counts to the watt-hour and time to the second. Parts that cost nothing are left out.
    """
    parts = tuple(
        PricePart(label, kind, quantity, unit_price, quantity * unit_price)
        for label, kind, quantity, unit_price in (
            ("Energy", "energy", energy_wh / WH_PER_KWH, prices.energy_per_kwh),
            ("Time", "time", _paid_minutes(prices, duration_s), prices.per_minute),
            ("Start fee", "flat", Decimal(1), prices.flat_fee),
        )
        if quantity and unit_price
    )
    total = cost_of(prices, energy_wh=energy_wh, duration_s=duration_s, currency=currency)
    return Price(total, currency, parts)


def cost_of(prices: Prices, *, energy_wh: int, duration_s: int, currency: str) -> Decimal:
    """`price_of(…).total` without the parts."""
    return rates_of(prices, currency).total(energy_wh, duration_s)


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices as whole numbers of one small part of the currency's minor unit: exact, and ten times as fast as Decimal.

    The total of every price comes from here; whoever prices the same session again and again keeps its rates.
    """

    per_wh: int
    per_s: int
    free_s: int
    flat: int
    parts: int
    """How many parts make one minor unit."""
    decimals: int
    """Of the currency: 2 for EUR."""

    def total(self, energy_wh: int, duration_s: int) -> Decimal:
        """What is to be paid, rounded once, half up, to the minor unit."""
        paid_s = duration_s - self.free_s
        parts = self.flat + energy_wh * self.per_wh + (paid_s * self.per_s if paid_s > 0 else 0)
        return Decimal((2 * parts + self.parts) // (2 * self.parts)).scaleb(-self.decimals)


@lru_cache(maxsize=1024)
def rates_of(prices: Prices, currency: str) -> Rates:
    """The prices as whole numbers."""
    per_minor_unit = 1 / minor_unit(currency)
    exact = [
        Fraction(amount * per_minor_unit) / divisor
        for amount, divisor in ((prices.energy_per_kwh, 1000), (prices.per_minute, 60), (prices.flat_fee, 1))
    ]
    parts = lcm(*(amount.denominator for amount in exact))
    per_wh, per_s, flat = (int(amount * parts) for amount in exact)
    decimals = -minor_unit(currency).adjusted()
    return Rates(per_wh, per_s, prices.per_minute_after_min * 60, flat, parts, decimals)


def _paid_seconds(prices: Prices, duration_s: int) -> int:
    return max(0, duration_s - prices.per_minute_after_min * 60)


def _paid_minutes(prices: Prices, duration_s: int) -> Decimal:
    return _paid_seconds(prices, duration_s) / S_PER_MINUTE

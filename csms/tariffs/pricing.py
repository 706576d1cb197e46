"""What a charging session costs: the one pricing function, pure. docs/pricing.md explains it with worked roundings."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from csms.errors import InvalidInputError
from csms.tariffs.money import round_money

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
    return Price(_total(prices, energy_wh, duration_s, currency), currency, parts)


def cost_of(prices: Prices, *, energy_wh: int, duration_s: int, currency: str) -> Decimal:
    """`price_of(…).total` without the parts: for every meter value of a running session."""
    return _total(prices, energy_wh, duration_s, currency)


def _total(prices: Prices, energy_wh: int, duration_s: int, currency: str) -> Decimal:
    total = prices.flat_fee + energy_wh * prices.energy_per_kwh / WH_PER_KWH
    if prices.per_minute:
        # Multiplied before it is divided, so that a third of a minute does not lose its last digit.
        total += _paid_seconds(prices, duration_s) * prices.per_minute / S_PER_MINUTE
    return round_money(total, currency)


def _paid_seconds(prices: Prices, duration_s: int) -> int:
    return max(0, duration_s - prices.per_minute_after_min * 60)


def _paid_minutes(prices: Prices, duration_s: int) -> Decimal:
    return _paid_seconds(prices, duration_s) / S_PER_MINUTE

"""Static limits that makers keep in configuration keys of their own, in units of their own (quirk 68); pure."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal


@dataclass(frozen=True, slots=True)
class StaticLimit:
    """A key and how many of its units make an ampere."""

    key: str
    per_ampere: int


_KEYS = {
    "evbox": StaticLimit("evb_MaximumStationCurrent", 10),
    "keba": StaticLimit("MaxAvailableCurrent", 1000),
}


def static_limit_of(vendor: str) -> StaticLimit | None:
    """The key of a maker, by the vendor as a station writes it in its BootNotification; None where none is known."""
    words = "".join(letter for letter in vendor.casefold() if letter.isalnum())
    return next((limit for name, limit in _KEYS.items() if words.startswith(name)), None)


def written(limit: StaticLimit, amperes: Decimal) -> str:
    """The value for the key: whole units, rounded down so that the limit never grows."""
    return str((amperes * limit.per_ampere).to_integral_value(ROUND_DOWN))


def amperes_in(limit: StaticLimit, value: str) -> Decimal | None:
    """What a key's value means; None for what is no number."""
    text = value.strip()
    return Decimal(text) / limit.per_ampere if text.isascii() and text.isdigit() else None

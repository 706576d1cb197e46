"""Reads a value of the wrong type as the right one, where there is no doubt what it means."""

import hashlib
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

_LONGEST_NUMBER = 40
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


class Unusable(Exception):
    """There is no telling what is meant."""


def as_integer(value: Any) -> int:
    """5, 5.0, "5", " 5 " and 5.4: registers are sent with decimals (quirk 52), and rounded. Raises Unusable."""
    number = _decimal(value)
    if abs(number) >= 10**15:
        raise Unusable
    return int(number.to_integral_value(ROUND_HALF_UP))


def as_number(value: Any) -> int | float:
    """A number, also as text. Raises Unusable."""
    if type(value) in (int, float):
        return value
    return float(_decimal(value))


def as_boolean(value: Any) -> bool:
    """true and false, also as text or 1 and 0. Raises Unusable."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if type(value) in (str, int) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Unusable


def as_text(value: Any) -> str:
    """A number as the text it would have. Raises Unusable."""
    if type(value) is int:
        return str(value)
    if type(value) is float:
        return repr(value).removesuffix(".0")
    raise Unusable


def spelled(words: Iterable[str], value: str) -> str | None:
    """The word that is meant, whatever its case and the blanks around it; None where there is none."""
    meant = value.strip().casefold()
    return next((word for word in words if word.casefold() == meant), None)


def shortened(text: str, longest: int) -> str:
    """A text of at most `longest` characters that stands for this one and no other: its beginning and a digest."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{text[: longest - 17]}~{digest}"


def _decimal(value: Any) -> Decimal:
    if type(value) not in (str, int, float):
        raise Unusable
    text = value.strip() if isinstance(value, str) else repr(value)
    if not 0 < len(text) <= _LONGEST_NUMBER:
        raise Unusable
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Unusable from error
    if not number.is_finite() or number.adjusted() > 15:
        raise Unusable
    return number

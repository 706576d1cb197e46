"""VAT numbers: whether one can be, by its country's own check digits (2.1 C08). Nobody outside is asked."""

from functools import lru_cache
from typing import Any

from stdnum import get_cc_module
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError

_MAX = 20


@lru_cache(maxsize=256)
def checked_vat_number(text: str) -> str | None:
    """The number in its compact form with the country in front, `DE136695976`; None for what cannot be one.

    European numbers and those of any country whose scheme is known, each beginning with the country's two letters;
    spaces, dots and dashes do not matter.
    """
    plain = "".join(letter for letter in text.upper() if letter.isalnum())
    if not plain.isascii() or not 4 <= len(plain) <= _MAX:
        return None
    try:
        return str(european.validate(plain))
    except ValidationError:
        country = plain[:2]
        return None if country in _EUROPEAN else _elsewhere(country, plain)


_EUROPEAN = frozenset(code.upper() for code in european.MEMBER_STATES) | {"EL", "XI"}


def _elsewhere(country: str, plain: str) -> str | None:
    """A scheme may want the country's letters or not."""
    module: Any = get_cc_module(country.lower(), "vat") if country.isalpha() else None
    if module is None:
        return None
    return plain if any(module.is_valid(candidate) for candidate in (plain[2:], plain)) else None

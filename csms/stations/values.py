"""Reads values of configuration as stations write them: with stray quotes and blanks, in any case (quirks 25, 27)."""

_UNITS = {"a": "A", "amp": "A", "ampere": "A", "current": "A", "w": "W", "watt": "W", "power": "W"}
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})


def tidy_value(value: str | None) -> str:
    """The value without what does not belong to it."""
    return (value or "").strip(" \t\r\n'\"")


def number_in(value: str | None) -> int | None:
    """The whole number a value is, or None."""
    text = tidy_value(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def truth_in(value: str | None) -> bool | None:
    """Whether a value says yes or no, or None."""
    word = tidy_value(value).casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def list_in(value: str | None) -> list[str]:
    """The members of a comma-separated list."""
    return [word for part in tidy_value(value).split(",") if (word := tidy_value(part))]


def rate_units_in(value: str | None) -> list[str]:
    """The units in which charging can be limited, A or W, whatever words the station has for them (DS_54)."""
    found = {_UNITS[word.casefold()] for word in list_in(value) if word.casefold() in _UNITS}
    return sorted(found)

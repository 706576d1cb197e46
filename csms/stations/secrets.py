"""Which names of configuration hold secrets, and how a payload is shown without them."""

from typing import Any, cast

MASK = "***"
_SECRET_NAMES = ("authorizationkey", "password", "secret", "privatekey")
_NAMING_KEYS = ("key", "variable")
_VALUE_KEYS = ("value", "attributeValue")


def is_secret(name: str) -> bool:
    """Whether a variable, configuration key or payload key of this name holds a secret."""
    lowered = name.casefold()
    return any(word in lowered for word in _SECRET_NAMES)


def masked(payload: Any, *, inside_secret: bool = False) -> Any:
    """A copy of a JSON payload with every secret as "***": by key, and by the variable a value belongs to."""
    if isinstance(payload, list):
        return [masked(item, inside_secret=inside_secret) for item in cast(list[Any], payload)]
    if not isinstance(payload, dict):
        return payload
    fields = cast(dict[str, Any], payload)
    inside_secret = inside_secret or any(is_secret(_name(fields.get(key))) for key in _NAMING_KEYS)
    return {
        key: MASK
        if is_secret(key) or (inside_secret and key in _VALUE_KEYS)
        else masked(value, inside_secret=inside_secret)
        for key, value in fields.items()
    }


def _name(value: Any) -> str:
    if isinstance(value, dict):
        return str(cast(dict[str, Any], value).get("name", ""))
    return value if isinstance(value, str) else ""

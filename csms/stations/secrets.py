"""Which fields hold secrets or tell of a person, and how a payload is shown without them."""

import re
from typing import Any, cast

MASK = "***"
_SECRET_NAMES = ("authorizationkey", "password", "secret", "privatekey", "exiresponse", "simpin")
_PERSONAL_KEYS = frozenset({"customerIdentifier", "customerCertificate"})
"""Fields that name a person (N09)."""
_NAMING_KEYS = ("key", "variable")
_VALUE_KEYS = ("value", "attributeValue")
_TELLTALES = ("PRIVATE KEY-----", '"exiResponse"')
"""In a text: a key in PEM; a contract certificate with the vehicle's key, in JSON inside a DataTransfer."""

_SIGN_IN = re.compile(r"(://[^/\s:@]*):[^/\s@]*@")
"""User name and password in an address, as of the place to which a log is uploaded."""


def is_secret(name: str) -> bool:
    """Whether a variable, configuration key or payload key of this name holds a secret."""
    lowered = name.casefold()
    return any(word in lowered for word in _SECRET_NAMES)


def masked(payload: Any, *, inside_secret: bool = False) -> Any:
    """A copy of a JSON payload with every secret as "***": by key, and by the variable a value belongs to."""
    if isinstance(payload, list):
        return [masked(item, inside_secret=inside_secret) for item in cast(list[Any], payload)]
    if isinstance(payload, str):
        if any(telltale in payload for telltale in _TELLTALES):
            return MASK
        return _SIGN_IN.sub(rf"\1:{MASK}@", payload) if "://" in payload else payload
    if not isinstance(payload, dict):
        return payload
    fields = cast(dict[str, Any], payload)
    inside_secret = inside_secret or any(is_secret(_name(fields.get(key))) for key in _NAMING_KEYS)
    return {
        key: MASK
        if is_secret(key) or key in _PERSONAL_KEYS or (inside_secret and key in _VALUE_KEYS) or _is_vpn_key(key, fields)
        else masked(value, inside_secret=inside_secret)
        for key, value in fields.items()
    }


def without_customer(payload: Any) -> Any:
    """A NotifyCustomerInformation, or a frame with one, without what it tells of the customer."""
    if isinstance(payload, list):
        return [without_customer(item) for item in cast(list[Any], payload)]
    if not isinstance(payload, dict):
        return payload
    return {key: MASK if key == "data" else value for key, value in cast(dict[str, Any], payload).items()}


def _is_vpn_key(key: str, fields: dict[str, Any]) -> bool:
    """SetNetworkProfile's VPN has its shared secret under the plain name `key` (B09)."""
    return key == "key" and "server" in fields and "user" in fields


def _name(value: Any) -> str:
    if isinstance(value, dict):
        return str(cast(dict[str, Any], value).get("name", ""))
    return value if isinstance(value, str) else ""

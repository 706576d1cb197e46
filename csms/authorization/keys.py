"""When two spellings mean the same token (X16_10, quirk 32)."""

import re

_PAIRS = re.compile(r"[0-9a-f]{2}([: -][0-9a-f]{2}){3,9}")
"""A card's number as printed and as some readers send it: `20:69:C0:21`. Four to ten bytes, so words stay words."""
_CONTRACT = re.compile(r"[a-z]{2}-[0-9a-z]{3}-[0-9a-z]{9}(-[0-9a-z])?")
"""An eMAID with its separators, which mean nothing (ISO 15118-1 annex H)."""


def token_key(value: str) -> str:
    """`value` so written that the same token is always the same text: case folded, meaningless separators left out."""
    key = value.strip().casefold()
    if _PAIRS.fullmatch(key):
        return re.sub("[: -]", "", key)
    return key.replace("-", "") if _CONTRACT.fullmatch(key) else key


def same_token(one: str, other: str) -> bool:
    """Whether both spell the same token."""
    return token_key(one) == token_key(other)

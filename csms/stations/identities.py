"""Which identities a station may be given, and whether one is free on the platform."""

import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.errors import ConflictError, InvalidInputError
from models import ChargingStation
from models.scope import platform_scope

LONGEST = 48
"""What OCPP 2.x allows (identifierString); 1.6 stations keep to less."""
LONGEST_ON_THE_WIRE = 255
_ALLOWED = re.compile(r"[A-Za-z0-9*\-_=+|@.]+")
_OUR_WORDS = frozenset({"new", "inbox", "import", "doctor", "labels"})
"""Addresses below /stations that are not stations."""
_AT_ONCE = 500


def checked_identity(identity: str, *, from_charger: bool = False) -> str:
    """The identity without the blanks around it. Raises InvalidInputError saying what is wrong with it.

    `from_charger`: a charger uses it already, so whatever can stand in its URL will do.
    """
    identity = identity.strip()
    if not identity:
        raise InvalidInputError("Identity: enter the last part of the address that the charger connects to.")
    if "/" in identity or ":" in identity or not identity.isprintable():
        raise InvalidInputError("Identity: it cannot have a slash or a colon in it; they would break its address.")
    longest = LONGEST_ON_THE_WIRE if from_charger else LONGEST
    if len(identity) > longest:
        raise InvalidInputError(f"Identity: it has {len(identity)} characters; at most {longest} are allowed.")
    if not from_charger and not _ALLOWED.fullmatch(identity):
        odd = next(character for character in identity if not _ALLOWED.fullmatch(character))
        shown = "a blank" if odd == " " else f"“{odd}”"
        raise InvalidInputError(f"Identity: {shown} is not allowed. Use letters, digits and - _ . * = + | @.")
    if identity.casefold() in _OUR_WORDS:
        raise InvalidInputError(
            f"Identity: “{identity}” is a word that this dashboard uses itself. Choose another one."
        )
    return identity


async def taken_identities(session: AsyncSession, identities: Iterable[str]) -> set[str]:
    """Which of these are a station's already, case-folded; of whichever tenant, and without telling whose."""
    keys = sorted({identity.casefold() for identity in identities})
    taken: set[str] = set()
    with platform_scope():
        for start in range(0, len(keys), _AT_ONCE):
            wanted = col(ChargingStation.identity_key).in_(keys[start : start + _AT_ONCE])
            taken.update((await session.execute(select(col(ChargingStation.identity_key)).where(wanted))).scalars())
    return taken


def taken_error(identity: str) -> ConflictError:
    """Says that the identity is not free."""
    return ConflictError(f"Identity: {identity} is taken already. Each charger on this platform needs one of its own.")

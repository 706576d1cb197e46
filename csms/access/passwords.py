"""People's passwords: argon2id, hashed in a thread because it takes its time on purpose.

The rules are those of NIST SP 800-63B and OWASP ASVS: long enough, not among those everybody tries first, not the
person's own name or address; and no rules on which kinds of characters it is made of.
"""

import asyncio
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from csms.access.common_passwords import is_common
from csms.errors import InvalidInputError

SHORTEST = 10
LONGEST = 256
RULE = f"At least {SHORTEST} characters; a few words make a good one."
_hasher = PasswordHash((Argon2Hasher(),))


def check_new_password(password: str, *about: str) -> None:
    """Raise InvalidInputError, saying why, for a password nobody should choose. `about` is what is known of them."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(f"A password needs {SHORTEST} to {LONGEST} characters.")
    plain = password.casefold().strip()
    known = {word for text in about for word in (text.casefold(), text.casefold().partition("@")[0])}
    if plain in known or is_common(password):
        raise InvalidInputError("This password is too easy to guess. Please choose another one; a few words are good.")


async def hash_password(password: str, *about: str) -> str:
    """argon2id of a new password. Raises InvalidInputError for one that `check_new_password` refuses."""
    check_new_password(password, *about)
    return await asyncio.to_thread(_hasher.hash, password)


async def password_fits(password: str, stored: str | None) -> bool:
    """Whether `password` is the stored one. Without one (unknown e-mail) the same effort is spent, for False."""
    if len(password) > LONGEST:
        return False
    return await asyncio.to_thread(_verify, password, stored)


def _verify(password: str, stored: str | None) -> bool:
    fits = _hasher.verify(password, stored or _nobody())
    return fits and bool(stored)


@lru_cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")

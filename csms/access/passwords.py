"""People's passwords: argon2id, hashed in a thread because it takes its time on purpose."""

import asyncio
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from csms.errors import InvalidInputError

SHORTEST = 10
LONGEST = 256
_hasher = PasswordHash((Argon2Hasher(),))


async def hash_password(password: str) -> str:
    """argon2id of `password`. Raises InvalidInputError when it is too short, or too long to be meant."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(f"A password needs {SHORTEST} to {LONGEST} characters.")
    return await asyncio.to_thread(_hasher.hash, password)


async def password_fits(password: str, stored: str | None) -> bool:
    """Whether `password` is the stored one. Without one (unknown e-mail) the same effort is spent, for False."""
    if len(password) > LONGEST:
        return False
    return await asyncio.to_thread(_verify, password, stored)


def _verify(password: str, stored: str | None) -> bool:
    fits = _hasher.verify(password, stored or _nobody())
    return fits and stored is not None


@lru_cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")

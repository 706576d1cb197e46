"""Passwords of charging stations: random and long, kept as a keyed SHA-256, compared in constant time (DESIGN rule 13).

A reconnect storm must not pay thousands of slow hashes; the passwords carry enough entropy to do without (A01).
"""

import binascii
import hashlib
import hmac
import secrets
import string

PASSWORD_LENGTH = 20
_ALPHABET = string.ascii_letters + string.digits
_NOBODY = hashlib.sha256(b"no such station").hexdigest()


def digest_password(secret_key: bytes, password: bytes) -> str:
    """HMAC-SHA-256 of `password` under the platform's key, as 64 hex digits."""
    return hmac.new(secret_key, password, hashlib.sha256).hexdigest()


def password_matches(secret_key: bytes, stored: str | None, presented: bytes) -> bool:
    """Whether `presented` (the bytes after the first colon of Basic auth, never decoded) is the stored password.

    Stations send the key as raw bytes or as the hexadecimal text it was configured with (TR_10), so both readings are
    tried. `stored` is None for an unknown station or one without a password: same effort, always False (TR_06).
    """
    expected = stored or _NOBODY
    as_sent = hmac.compare_digest(digest_password(secret_key, presented), expected)
    from_hex = hmac.compare_digest(digest_password(secret_key, _unhex(presented)), expected)
    return (as_sent or from_hex) and stored is not None


def generate_password() -> str:
    """A fresh password: 20 random letters and digits (119 bits), valid in OCPP 1.6 and 2.x."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))


def certificate_names(identity: str, serial_number: str, certificate_name: str | None) -> frozenset[str]:
    """Common names that the client certificate of a station may bear, case-folded (A00.FR.404, TR_32).

    The specifications want the serial number there, which is not the identity; what was set for the station by hand
    outranks both.
    """
    names = (certificate_name,) if certificate_name else (serial_number, identity)
    return frozenset(name.casefold() for name in names if name)


def _unhex(presented: bytes) -> bytes:
    try:
        return binascii.unhexlify(presented)
    except (binascii.Error, ValueError):
        return presented

"""Secrets that must be read again, kept so that the database alone gives nothing away: AES-256-GCM."""

import base64
import hmac
import secrets
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from csms.errors import ConflictError

_NONCE_BYTES = 12


def seal(key: bytes, text: str, about: str) -> str:
    """Encrypt `text`. `about` names whose it is: put into another row, it cannot be opened."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(key).encrypt(nonce, text.encode(), about.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(key: bytes, sealed: str, about: str) -> str:
    """What `seal` was given. Raises ConflictError when the platform's key has changed since."""
    raw = base64.b64decode(sealed)
    try:
        return _cipher(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
    except InvalidTag:
        raise ConflictError(
            "A stored secret cannot be read: the platform's secret key has changed. It must be entered again."
        ) from None


def keyed_hash(key: bytes, text: str) -> str:
    """A digest that nobody without the platform's key can try guesses against; 64 hex digits."""
    return hmac.digest(_derived(key, b"voltdeck: digests"), text.encode(), sha256).hex()


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_derived(key, b"voltdeck: sealed secrets"))


@lru_cache(maxsize=8)
def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, purpose).derive(key)

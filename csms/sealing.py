"""Secrets that we must be able to use again (webhook keys, OIDC client secrets, TOTP): encrypted at rest.

AES-256-GCM under a key derived from the platform's secret for each purpose, so that a value sealed for one is no good
for another; `about` (such as the row's id) ties it to its place.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealingError(ValueError):
    """A sealed value does not open: another key, purpose or place, or it was altered."""


class Sealer:
    """Seals and opens text for one purpose."""

    def __init__(self, secret_key: bytes, purpose: str) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=b"voltdeck:" + purpose.encode()).derive(secret_key)
        self._cipher = AESGCM(key)

    def seal(self, text: str, about: str = "") -> str:
        """Encrypt; the result is text that fits a column."""
        nonce = os.urandom(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())).decode()

    def open(self, sealed: str, about: str = "") -> str:
        """Decrypt. Raises SealingError."""
        try:
            raw = base64.urlsafe_b64decode(sealed.encode())
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealingError("a sealed value does not open with this platform's secret key") from error

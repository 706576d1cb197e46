"""Secrets of people: those that must be read again, sealed; those that are only compared, as keyed digests."""

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from csms.errors import ConflictError
from csms.sealing import Sealer, SealingError


class Vault:
    """Keys made of the platform's secret, for what belongs to people and their sign-in."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key, "people")
        self._digest_key = HKDF(SHA256(), 32, None, b"voltdeck:people's digests").derive(key)

    def seal(self, text: str, about: str) -> str:
        """Encrypt. `about` names whose it is: put into another row, it cannot be opened."""
        return self._sealer.seal(text, about)

    def unseal(self, sealed: str, about: str) -> str:
        """What `seal` was given. Raises ConflictError when the platform's key has changed since."""
        try:
            return self._sealer.open(sealed, about)
        except SealingError:
            raise ConflictError(
                "A stored secret cannot be read: the platform's secret key has changed. It must be entered again."
            ) from None

    def digest(self, text: str) -> str:
        """What nobody without the platform's key can try guesses against; 64 hex digits."""
        return hmac.digest(self._digest_key, text.encode(), sha256).hex()

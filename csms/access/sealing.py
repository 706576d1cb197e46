"""Small secrets kept in the database, encrypted under the platform's secret key."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from csms.errors import ConflictError


def seal(secret_key: bytes, purpose: str, plain: bytes) -> bytes:
    """`plain` encrypted and authenticated; `purpose` keeps what is sealed for one use from another."""
    return _fernet(secret_key, purpose).encrypt(plain)


def unseal(secret_key: bytes, purpose: str, sealed: bytes) -> bytes:
    """What was sealed. Raises ConflictError when the secret key is another one by now."""
    try:
        return _fernet(secret_key, purpose).decrypt(sealed)
    except InvalidToken:
        raise ConflictError(
            "What was kept encrypted does not open: VOLTDECK_SECRET_KEY differs from the one it was made with."
        ) from None


def _fernet(secret_key: bytes, purpose: str) -> Fernet:
    key = hmac.new(secret_key, f"seal {purpose}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))

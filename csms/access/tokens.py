"""Random tokens for cookies and links; the database holds only their SHA-256."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """SHA-256 of a token, 64 hex digits. Its entropy makes salt and slowness needless."""
    return hashlib.sha256(token.encode()).hexdigest()

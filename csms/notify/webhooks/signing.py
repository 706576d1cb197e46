"""Signatures as the Standard Webhooks specification has them, so that programs verify with its libraries."""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"


def new_secret() -> str:
    """A signing secret: 256 random bits in base64, marked as what it is."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(secret: str, key: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a delivery: its id, when it was sent (Unix seconds), and `v1,` HMAC-SHA256 over both and the body.

    The time is part of what is signed, so a request that was overheard cannot be used again later.
    """
    signed = f"{key}.{timestamp}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }

"""Whether the one who knocks is the station it says it is: Basic authentication (OCPP security profile 1, A00)."""

import base64
import binascii

from csms.stations.security import password_matches
from csms.stations.service import StationAccess

NO_AUTHENTICATION = 0
BASIC_OVER_PLAIN = 1


def parse_basic(header: str | None) -> tuple[bytes, bytes] | None:
    """User name and password of an Authorization header as bytes, or None if it is no Basic one.

    Never decoded as text: 1.6 stations send their key as raw bytes (TR_10). Split at the first colon.
    """
    if header is None:
        return None
    scheme, _, credentials = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    username, colon, password = decoded.partition(b":")
    return (username, password) if colon else None


def is_authentic(access: StationAccess | None, identity_key: str, header: str | None, secret_key: bytes) -> bool:
    """Whether the header proves the station. An unknown station costs the same effort as a wrong password (TR_06)."""
    username, password = parse_basic(header) or (b"", b"")
    # While a password is being changed, nobody knows which of the two the station holds (TR_15).
    stored, pending = (access.password_hash, access.pending_password_hash) if access is not None else (None, None)
    proven = password_matches(secret_key, stored, password)
    if pending is not None:
        proven = password_matches(secret_key, pending, password) or proven
    if access is not None and access.security_profile == NO_AUTHENTICATION:
        return True
    return proven and _is_same_name(username, identity_key)  # TR_12: not another station's password


def _is_same_name(username: bytes, identity_key: str) -> bool:
    try:
        return username.decode().casefold() == identity_key
    except UnicodeDecodeError:
        return False

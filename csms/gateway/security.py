"""Whether the one who knocks is the station it says it is: Basic authentication (security profiles 1 and 2, A00)."""

import base64
import binascii
from enum import Enum

from csms.stations.security import password_matches
from csms.stations.service import StationAccess


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


class Proof(Enum):
    """What a station proved itself by."""

    NOTHING = 0
    PASSWORD = 1
    PENDING_PASSWORD = 2
    """The one it is being given; that it knows it settles the change (TR_15)."""
    NOT_ASKED = 3
    """Security profile 0."""
    CERTIFICATE = 4
    """Security profile 3."""


def proof_of(access: StationAccess | None, identity_key: str, header: str | None, secret_key: bytes) -> Proof:
    """How the header proves the station. An unknown station costs the same effort as a wrong password (TR_06)."""
    username, password = parse_basic(header) or (b"", b"")
    stored, pending = (access.password_hash, access.pending_password_hash) if access is not None else (None, None)
    matches = password_matches(secret_key, stored, password)
    matches_pending = pending is not None and password_matches(secret_key, pending, password)
    if not _is_same_name(username, identity_key):  # TR_12: not another station's password
        return Proof.NOTHING
    if matches_pending:
        return Proof.PENDING_PASSWORD
    return Proof.PASSWORD if matches else Proof.NOTHING


def _is_same_name(username: bytes, identity_key: str) -> bool:
    try:
        return username.decode().casefold() == identity_key
    except UnicodeDecodeError:
        return False

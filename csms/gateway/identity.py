"""Who knocks: the station's identity in the URL of its handshake (TR_03 to TR_05)."""

from urllib.parse import unquote_to_bytes

MAX_IDENTITY = 255
MAX_CANDIDATES = 3


def identity_of(path: str) -> str | None:
    """The percent-decoded last segment of a raw request path, or None where it is no identity.

    Split first, decode after: %2F belongs to the identity. Whatever stands before the last segment, a version
    too, means nothing (TR_03). A trailing slash and a query string are common and harmless.
    """
    return _decoded(_segments(path)[-1])


def identities_of(path: str) -> list[str]:
    """What may be the identity, the likeliest first: the last segment, then those before it; empty for none.

    Stations are met that append a serial number to the URL they were given, or put a whole URL into it (quirks 6, 7).
    """
    if identity_of(path) is None:
        return []
    candidates = [_decoded(segment) for segment in reversed(_segments(path)) if segment]
    return list(dict.fromkeys(each for each in candidates if each is not None))[:MAX_CANDIDATES]


def _segments(path: str) -> list[str]:
    return path.partition("?")[0].rstrip("/").split("/")


def _decoded(segment: str) -> str | None:
    try:
        identity = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None
    # A colon would end the user name of Basic authentication too early.
    if not 0 < len(identity) <= MAX_IDENTITY or ":" in identity or not identity.isprintable():
        return None
    return identity

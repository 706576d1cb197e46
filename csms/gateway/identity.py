"""Who knocks: the station's identity in the URL of its handshake (TR_03 to TR_05)."""

from urllib.parse import unquote_to_bytes

MAX_IDENTITY = 255


def identity_of(path: str) -> str | None:
    """The percent-decoded last segment of a raw request path, or None where it is no identity.

    Split first, decode after: %2F belongs to the identity. Whatever stands before the last segment, a version
    too, means nothing (TR_03). A trailing slash and a query string are common and harmless.
    """
    segment = path.partition("?")[0].rstrip("/").rpartition("/")[2]
    try:
        identity = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None
    # A colon would end the user name of Basic authentication too early.
    if not 0 < len(identity) <= MAX_IDENTITY or ":" in identity or not identity.isprintable():
        return None
    return identity

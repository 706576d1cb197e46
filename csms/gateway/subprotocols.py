"""Which OCPP version a connection speaks: our own rule, for the order is the station's wish (TR_01, TR_02)."""

from collections.abc import Iterable

from csms.ocpp.version import OcppVersion

SERVED = (OcppVersion.V201, OcppVersion.V16)
"""The versions we have a dialect for."""


def offered_in(header_lines: Iterable[str]) -> list[str]:
    """The subprotocols a handshake offers, in its order; they may be spread over several header lines."""
    return [name.strip() for line in header_lines for name in line.split(",") if name.strip()]


def choose_version(offered: list[str], *, optional: bool) -> OcppVersion | None:
    """The first offered version that we serve; None where there is none.

    With `optional`, a station that offers nothing at all speaks 1.6: some never send the header.
    """
    if not offered and optional:
        return OcppVersion.V16
    for name in offered:
        version = OcppVersion.from_subprotocol(name)
        if version in SERVED:
            return version
    return None

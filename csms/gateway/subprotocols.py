"""Which OCPP version a connection speaks: our own rule, for the order is the station's wish (TR_01, TR_02)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from csms.ocpp.version import OcppVersion

SERVED = (OcppVersion.V21, OcppVersion.V201, OcppVersion.V16)
"""The versions we have a dialect for."""

_BEHIND = re.compile(r"(\.\d+)+|[jJ]")
"""What inventive firmware puts behind a known name: `ocpp2.0.1.1`, `ocpp1.6j` (quirk 2)."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is spoken, and the name to echo: one that was offered, or None where none was."""

    version: OcppVersion
    name: str | None


def offered_in(header_lines: Iterable[str]) -> list[str]:
    """The subprotocols a handshake offers, in its order; they may be spread over several header lines."""
    return [name.strip() for line in header_lines for name in line.split(",") if name.strip()]


def agree(offered: list[str], *, optional: bool) -> Agreed | None:
    """The first offered version that we serve, else what an invented name must mean; None where there is none.

    With `optional`, a station that offers nothing at all speaks 1.6: some never send the header (quirk 1).
    """
    if not offered and optional:
        return Agreed(OcppVersion.V16, None)
    for name in offered:
        version = OcppVersion.from_subprotocol(name)
        if version is not None and version in SERVED:
            return Agreed(version, name)
    for name in offered:
        version = _meant_by(name)
        if version is not None and version in SERVED:
            return Agreed(version, name)
    return None


def choose_version(offered: list[str], *, optional: bool) -> OcppVersion | None:
    """The version of `agree`."""
    agreed = agree(offered, optional=optional)
    return None if agreed is None else agreed.version


def _meant_by(name: str) -> OcppVersion | None:
    """The longest known name that an invented one begins with, where only digits or a `j` follow."""
    for version in sorted(OcppVersion, key=lambda each: -len(each.subprotocol)):
        rest = name.removeprefix(version.subprotocol)
        if rest != name and _BEHIND.fullmatch(rest):
            return version
    return None

"""What is known of certain products: how they differ from what any station can be expected to do.

The profiles here come from the field (docs/field-quirks.md). A platform adds its own, or overrides these, by a
TOML file (`VOLTDECK_QUIRKS_FILE`) of tables like

    [[profile]]
    vendor = "EN+*"            # patterns with * and ?, whatever the case; left out: any
    model = "AC7000*"
    firmware = "1.*"
    answers_pings = false

Every profile that matches is applied, the built-in ones first, each over what came before.
"""

import tomllib
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Quirks:
    """How to treat a station. The defaults suit whoever keeps to the specification."""

    answers_pings: bool = True
    """False: unanswered pings prove nothing; it is gone only after a long silence (quirk 11)."""
    ping_interval_s: float | None = None
    """Seconds of silence before it is pinged; None: the platform's setting (quirk 12, 74)."""
    reads_all_configuration: bool = True
    """Whether GetConfiguration without keys is safe (quirk 24)."""
    boots_on_reconnect: bool = True
    """False: after a reconnect it is asked for its BootNotification (quirk 18)."""
    max_message_id: int = 36
    """Characters of a message id that it can take."""
    message_interval_s: float = 0.0
    """Seconds it needs between an answer and our next request."""


@dataclass(frozen=True, slots=True)
class QuirkProfile:
    """What is different (`quirks`: names and values of Quirks) for products that match."""

    vendor: str = "*"
    model: str = "*"
    firmware: str = "*"
    quirks: dict[str, Any] = field(default_factory=dict[str, Any])

    def matches(self, vendor: str, model: str, firmware: str) -> bool:
        """Whether it speaks of this product."""
        pairs = ((vendor, self.vendor), (model, self.model), (firmware, self.firmware))
        return all(fnmatchcase(text.strip().casefold(), pattern.casefold()) for text, pattern in pairs)


BUILT_IN = (
    QuirkProfile("EN+*", "*", quirks={"answers_pings": False, "ping_interval_s": 240.0}),
    QuirkProfile("*", "AC7000*", quirks={"answers_pings": False, "ping_interval_s": 240.0}),
    QuirkProfile("Ocular*", "*", quirks={"boots_on_reconnect": False}),
    QuirkProfile("Wallbox*", "*Pulsar*", "6.*", {"boots_on_reconnect": False}),
    QuirkProfile("Wallbox*", "*", quirks={"reads_all_configuration": False}),
    QuirkProfile("United Chargers*", "*", quirks={"reads_all_configuration": False}),
    QuirkProfile("*", "Grizzl-E*", quirks={"reads_all_configuration": False}),
)
_DEFAULT = Quirks()
_NAMES = {each.name for each in fields(Quirks)}


class QuirkBook:
    """The profiles of a platform. Looking a product up costs nothing the second time."""

    def __init__(self, profiles: tuple[QuirkProfile, ...] = BUILT_IN) -> None:
        self._profiles = profiles
        self.of = lru_cache(maxsize=1024)(self._of)

    def _of(self, vendor: str, model: str, firmware: str) -> Quirks:
        quirks = _DEFAULT
        if vendor or model:
            for profile in self._profiles:
                if profile.matches(vendor, model, firmware):
                    quirks = replace(quirks, **profile.quirks)
        return quirks


def load_quirks(path: Path | None) -> QuirkBook:
    """The built-in profiles and those of the file. Raises ValueError for a file that cannot be understood."""
    if path is None:
        return QuirkBook()
    try:
        document = tomllib.loads(path.read_text())
        profiles = tuple(_profile(table) for table in cast(list[dict[str, Any]], document.get("profile", [])))
    except (OSError, tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no file of quirk profiles: {error}") from error
    return QuirkBook(BUILT_IN + profiles)


def _profile(table: dict[str, Any]) -> QuirkProfile:
    patterns = {name: str(table.get(name, "*")) for name in ("vendor", "model", "firmware")}
    quirks = {name: value for name, value in table.items() if name not in patterns}
    for name, value in quirks.items():
        if name not in _NAMES:
            raise ValueError(f"{name!r} is no quirk; known are {', '.join(sorted(_NAMES))}")
        if isinstance(value, bool) != isinstance(getattr(_DEFAULT, name), bool) or not isinstance(value, int | float):
            raise ValueError(f"{value!r} is no value for {name}")
    return QuirkProfile(**patterns, quirks=quirks)

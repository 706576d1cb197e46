"""A station's configuration: 1.6 keys and 2.x variables alike, with what may be written and when it takes effect."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

Key = tuple[str, int, str, str]
"""Component, EVSE number, variable, instance; all but the variable are empty in 1.6."""


class Change(StrEnum):
    """What became of a change."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    REBOOT_REQUIRED = "RebootRequired"
    READ_ONLY = "ReadOnly"
    UNKNOWN = "Unknown"


@dataclass(slots=True)
class Setting:
    """One key or variable. `read` computes a live value; `kind` is 2.x's DataType; limits hold for integers."""

    name: str
    value: str = ""
    read_only: bool = False
    write_only: bool = False
    reboot: bool = False
    kind: str = "string"
    unit: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    component: str = ""
    evse_number: int = 0
    instance: str = ""
    read: Callable[[], str] | None = field(default=None, repr=False)
    awaits_reboot: str | None = None

    @property
    def key(self) -> Key:
        """What names it; letter case means nothing."""
        return (self.component.casefold(), self.evse_number, self.name.casefold(), self.instance.casefold())

    @property
    def current(self) -> str:
        """The value in force."""
        return self.read() if self.read else self.value

    def allows(self, value: str) -> bool:
        """Whether the value is one this setting can take."""
        if self.kind == "boolean":
            return value.casefold() in ("true", "false")
        if self.kind == "integer":
            return self._allows_integer(value)
        if self.kind == "MemberList":
            return all(part.strip() in self.choices for part in value.split(",") if part.strip())
        return not self.choices or value in self.choices

    def _allows_integer(self, value: str) -> bool:
        try:
            number = int(value)
        except ValueError:
            return False
        return (self.minimum is None or number >= self.minimum) and (self.maximum is None or number <= self.maximum)


class Settings:
    """All settings of a station."""

    def __init__(self, settings: Iterable[Setting]) -> None:
        self._settings = {setting.key: setting for setting in settings}

    def __iter__(self) -> Iterator[Setting]:
        return iter(self._settings.values())

    def find(self, name: str, component: str = "", evse_number: int = 0, instance: str = "") -> Setting | None:
        """A setting by name, whatever its letter case."""
        return self._settings.get((component.casefold(), evse_number, name.casefold(), instance.casefold()))

    def text(self, name: str, component: str = "", instance: str = "") -> str:
        """A value this station is known to have."""
        setting = self.find(name, component, instance=instance)
        return setting.current if setting else ""

    def number(self, name: str, component: str = "", instance: str = "") -> int:
        """A whole number this station is known to have; 0 when it is none."""
        text = self.text(name, component, instance)
        return int(text) if text.lstrip("-").isdigit() else 0

    def flag(self, name: str, component: str = "") -> bool:
        """A truth value this station is known to have."""
        return self.text(name, component).casefold() == "true"

    def knows_component(self, component: str) -> bool:
        """Whether any setting belongs to the component."""
        return any(key[0] == component.casefold() for key in self._settings)

    def change(self, setting: Setting | None, value: str) -> Change:
        """Write a value, where it may be written and can be taken."""
        if setting is None:
            return Change.UNKNOWN
        if setting.read_only:
            return Change.READ_ONLY
        if not setting.allows(value):
            return Change.REJECTED
        if setting.reboot:
            setting.awaits_reboot = value
            return Change.REBOOT_REQUIRED
        setting.value = value
        return Change.ACCEPTED

    def apply_after_reboot(self) -> None:
        """What waited for the reboot takes effect."""
        for setting in self._settings.values():
            if setting.awaits_reboot is not None:
                setting.value, setting.awaits_reboot = setting.awaits_reboot, None

    def as_json(self) -> list[list[object]]:
        """Writable values, for the state file."""
        return [
            [*key, setting.awaits_reboot or setting.value]
            for key, setting in self._settings.items()
            if not setting.read_only
        ]

    def restore(self, stored: list[list[object]]) -> None:
        """Values of the state file; what the station no longer has is passed over."""
        for component, evse_number, name, instance, value in stored:
            setting = self.find(str(name), str(component), int(str(evse_number)), str(instance))
            if setting is not None and not setting.read_only:
                setting.value = str(value)

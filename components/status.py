"""What a station, EVSE or session is doing, told by colour, shape and word at once."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from nicegui import ui

from themes.markup import Tag

_CIRCLE: Final = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1z"
_RING: Final = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3z"
_SQUARE: Final = (
    "M3.2 1.5h9.6a1.7 1.7 0 0 1 1.7 1.7v9.6a1.7 1.7 0 0 1-1.7 1.7H3.2a1.7 1.7 0 0 1-1.7-1.7V3.2A1.7 1.7 0 0 1 3.2 1.5z"
)
_TRIANGLE: Final = "M6.9 1.7a1.25 1.25 0 0 1 2.2 0l6.3 11.5a1.25 1.25 0 0 1-1.1 1.8H1.7a1.25 1.25 0 0 1-1.1-1.8z"
_DIAMOND: Final = (
    "M7.1 1a1.3 1.3 0 0 1 1.8 0L15 7.1a1.3 1.3 0 0 1 0 1.8L8.9 15a1.3 1.3 0 0 1-1.8 0L1 8.9a1.3 1.3 0 0 1 0-1.8z"
)
_PAUSE: Final = "M6.2 5.3v5.4M9.8 5.3v5.4"


@dataclass(frozen=True, slots=True)
class Status:
    """How one status looks: `hue` names a family of CSS colours; `shape` and `mark` are paths in a 16 by 16 box.

    The mark is knocked out of the shape, or drawn in the same colour where the shape is hollow.
    """

    key: str
    word: str
    hue: str
    shape: str
    mark: str
    filled: bool = False
    hollow: bool = False


_PLUG: Final = "M6.3 3.8v2.6M9.7 3.8v2.6M4.9 6.4h6.2v1.6a3.1 3.1 0 0 1-6.2 0zM8 11.2v1.4"
_ALL: Final = (
    Status("Faulted", "Faulted", "red", _TRIANGLE, "M8 6v3.6M8 12v.01"),
    Status("Charging", "Charging", "blue", _CIRCLE, "M9 3.1 4.7 8.9h2.7l-.5 4 4.4-5.9H8.5z", filled=True),
    Status("SuspendedEV", "Paused by car", "violet", _CIRCLE, _PAUSE),
    Status("SuspendedEVSE", "Paused by station", "violet", _SQUARE, _PAUSE),
    Status("Preparing", "Preparing", "amber", _CIRCLE, _PLUG),
    Status("Occupied", "Occupied", "amber", _CIRCLE, _PLUG),
    Status("Finishing", "Finishing", "teal", _CIRCLE, "M6 6h4v4H6z", filled=True),
    Status("Reserved", "Reserved", "violet", _DIAMOND, "M8 5.2V8l1.8 1.4"),
    Status("Available", "Available", "green", _CIRCLE, "M5 8.3l2.1 2L11 6.2"),
    Status("Unavailable", "Unavailable", "grey", _SQUARE, "M5 8h6"),
    Status("Offline", "Offline", "grey", _RING, "M4.8 11.2l6.4-6.4", hollow=True),
    Status("Unknown", "Unknown", "grey", _RING, "M8 8v.01", hollow=True),
)
STATUSES: Final[dict[str, Status]] = {status.key: status for status in _ALL}


def status_of(name: str) -> Status:
    """The look of a status by its OCPP name; what nobody knows is shown as Unknown."""
    return STATUSES.get(name, STATUSES["Unknown"])


def status_data() -> list[dict[str, Any]]:
    """All looks as plain data, for components that draw in the browser."""
    return [asdict(status) for status in _ALL]


def status_svg(name: str) -> str:
    """The status as a small inline drawing in the current text colour; only constants of this file go in."""
    status = status_of(name)
    ink = "currentColor" if status.hollow else "var(--vd-knock,var(--vd-surface))"
    paint = (
        f'fill="{ink}"' if status.filled else f'fill="none" stroke="{ink}" stroke-width="1.8" stroke-linecap="round"'
    )
    return (
        '<svg class="vd-status__icon" viewBox="0 0 16 16" aria-hidden="true">'
        f'<path d="{status.shape}" fill="currentColor" fill-rule="evenodd"/><path d="{status.mark}" {paint}/></svg>'
    )


class StatusChip(Tag):
    """A status as a chip. `detail` (an error code, say) stands behind the word."""

    def __init__(self, status: str, detail: str = "") -> None:
        super().__init__("span", classes="vd-status")
        with self:
            self._icon = ui.html("", sanitize=False, tag="span")
            self._word = Tag("span")
            self._detail = Tag("span", classes="vd-status__detail")
        self.set(status, detail)

    def set(self, status: str, detail: str = "") -> None:
        """Change what the chip says."""
        look = status_of(status)
        self.props["data-status"] = look.key
        self.props["data-hue"] = look.hue
        self.update()
        self._icon.set_content(status_svg(status))
        self._word.set_text(look.word)
        self._detail.set_text(detail)

    def set_word(self, word: str) -> None:
        """Say another word than the status's own, with its look."""
        self._word.set_text(word)


def status_chip(status: str, detail: str = "") -> StatusChip:
    """A chip for `status`, one of STATUSES."""
    return StatusChip(status, detail)

"""The raw OCPP conversation of a station, as it happened."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from nicegui import ui
from nicegui.events import GenericEventArguments

from components.assets import STATIC_URL as SHARED_URL
from themes.icons import STATIC_URL


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; secrets are masked before it gets here. `at_ms` is Unix time in ms, "in" means from the station.

    `payload` is JSON to show expanded; `text` is shown instead where a frame is no JSON; `note` says what was odd.
    """

    id: str
    at_ms: int
    direction: Literal["in", "out"]
    kind: Literal["call", "result", "error", "other"]
    action: str
    message_id: str = ""
    latency_ms: float | None = None
    payload: Any = None
    text: str = ""
    note: str = ""


Search = Callable[[str, str], Awaitable[None]]
"""Called with the search text and a direction ("", "in" or "out")."""


class FrameLog(ui.element, component="frame_log.js"):
    """Newest first; new frames are put on top while someone reads below without moving what they read.

    `on_search(text, direction)` and `on_older()` are asked when the reader wants other frames; answer with `load` and
    `append_older`. Times are shown in `zone`; `empty` stands where there are no frames. Without a search the log
    belongs directly into a card: its pause button goes to the corner.
    """

    def __init__(
        self,
        *,
        zone: str = "UTC",
        on_search: Search | None = None,
        on_older: Callable[[], Awaitable[None]] | None = None,
        empty: str = "Each message to and from the station appears here as it happens.",
        most: int = 500,
    ) -> None:
        super().__init__()
        self.props.update(
            {
                "zone": zone,
                "searchable": on_search is not None,
                "nothing": empty,
                "most": most,
                "sprite": f"{STATIC_URL}/icons.svg",
                "shared": SHARED_URL,
            }
        )
        if on_search:

            async def searched(event: GenericEventArguments) -> None:
                await on_search(str(event.args["text"])[:200], str(event.args["direction"]))

            self.on("search", searched)
        if on_older:
            self.on("older", lambda: on_older())

    def load(self, frames: Sequence[Frame], *, more: bool = False) -> None:
        """Show these frames (newest first) instead of all others; `more` offers older ones."""
        self.run_method("load", [asdict(frame) for frame in frames], more)

    def prepend(self, frames: Sequence[Frame]) -> None:
        """Put new frames (newest first) on top."""
        self.run_method("prepend", [asdict(frame) for frame in frames])

    def append_older(self, frames: Sequence[Frame], *, more: bool = False) -> None:
        """Add older frames at the end."""
        self.run_method("append", [asdict(frame) for frame in frames], more)

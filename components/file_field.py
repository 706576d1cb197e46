"""A file to choose and send: a button that looks like the others, and an address that takes the file."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments


class FileField(ui.element, component="file_field.js"):
    """The file goes to `url` by POST, never through the page's socket; `on_answer` is given the JSON that came back.

    What went wrong on the way is told in the same form: `{"problem": "..."}`.
    """

    def __init__(
        self, label: str, url: str, on_answer: Callable[[dict[str, Any]], object], *, accept: str, max_bytes: int
    ) -> None:
        super().__init__()
        self.props["label"] = label
        self.props["url"] = url
        self.props["accept"] = accept
        self.props["max-bytes"] = max_bytes
        self._on_answer = on_answer
        self.on("answer", self._answered)

    def _answered(self, event: GenericEventArguments) -> None:
        self._on_answer(event.args if isinstance(event.args, dict) else {"problem": "The file was not taken."})

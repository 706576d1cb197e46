"""A colour to choose: by the browser's own picker, or in letters."""

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments


class ColorField(ui.element, component="color_field.js"):
    """Calls `on_color` with `#rrggbb` while the colour is being chosen, at most twenty times a second."""

    def __init__(self, label: str, color: str, on_color: Callable[[str], object]) -> None:
        super().__init__()
        self.props["label"] = label
        self.props["value"] = color
        self._on_color = on_color
        self.on("color", self._chosen, throttle=0.05)

    def set(self, color: str) -> None:
        """Show another colour than the one that was chosen here."""
        if self.props["value"] != color:
            self.props["value"] = color
            self.update()

    def _chosen(self, event: GenericEventArguments) -> None:
        with self.props.suspend_updates():  # the browser shows it already, and may be further on
            self.props["value"] = str(event.args)
        self._on_color(str(event.args))

"""A value that people carry elsewhere (an address, a password, a record), with a button that copies it."""

from nicegui import ui

from components.assets import STATIC_URL


class Copyable(ui.element, component="copyable.js"):
    """Shows `text` in one piece under `label`, with a Copy button."""

    def __init__(self, text: str, label: str = "") -> None:
        super().__init__()
        self.props.update({"text": text, "label": label, "static-url": STATIC_URL})

"""Plain HTML elements with text that is always text, and attributes set one by one (never parsed from a string)."""

from typing import Any

from nicegui.elements.mixins.text_element import TextElement


class Tag(TextElement):
    """An HTML element such as h1, a, li or span: `Tag("a", "Stations", "vd-link", href="/stations")`.

    `text` reaches the page as text, never as HTML. Attribute names take a trailing or inner underscore for what Python
    cannot spell: `for_`, `aria_label`.
    """

    def __init__(self, name: str, text: str = "", classes: str = "", **attributes: Any) -> None:
        super().__init__(tag=name, text=text)
        self.classes(classes)
        self.attrs(**attributes)

    def attrs(self, **attributes: Any) -> None:
        """Set attributes; None removes one."""
        for key, value in attributes.items():
            name = key.rstrip("_").replace("_", "-")
            if value is None:
                self.props.pop(name, None)
            else:
                self.props[name] = value
        self.update()

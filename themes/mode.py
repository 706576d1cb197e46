"""Light, dark or as the system says: the visitor's choice, kept in the browser and applied before the first paint."""

from typing import Final

from nicegui import ui

from themes.brand import Brand
from themes.icons import STATIC_URL

# Runs in <head>, before anything is painted. Quasar's own dark class follows in mode.js once it exists.
HEAD_SCRIPT: Final = (
    "<script>(()=>{try{const m=localStorage.getItem('voltdeck-mode');"
    "if(['light','dark','auto'].includes(m))document.documentElement.dataset.mode=m}catch{}})()</script>"
)


class ModeSwitch(ui.element, component="mode.js"):
    """Three radio buttons; `hidden` only applies the stored choice, for pages that do not offer the switch."""

    def __init__(self, brand: Brand, *, hidden: bool = False) -> None:
        super().__init__()
        self.props["preset"] = brand.mode
        self.props["hidden"] = hidden
        self.props["sprite"] = f"{STATIC_URL}/icons.svg"

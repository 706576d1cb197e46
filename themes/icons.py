"""Line icons from one sprite; a name that is not in it fails at once instead of showing a hole."""

import re
from pathlib import Path
from typing import Final

from nicegui import ui

from themes.assets import publish

STATIC_DIR: Final = Path(__file__).parent / "static"
STATIC_URL: Final = publish("themes", STATIC_DIR)
ICONS: Final = frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC_DIR / "icons.svg").read_text()))


def icon_svg(name: str) -> str:
    """The inline SVG of an icon, for use inside trusted HTML. Raises KeyError for a name not in ICONS."""
    if name not in ICONS:
        raise KeyError(f"no icon {name!r}; see themes/static/icons.svg")
    return (
        f'<svg class="vd-icon" aria-hidden="true" focusable="false"><use href="{STATIC_URL}/icons.svg#{name}"/></svg>'
    )


def icon(name: str) -> ui.html:
    """An icon as an element; decorative, so its meaning must also stand beside it as text or aria-label."""
    return ui.html(icon_svg(name), sanitize=False, tag="span").classes("vd-icon-box")

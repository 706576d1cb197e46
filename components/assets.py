"""Publishes the components' static files (the base map)."""

from pathlib import Path
from typing import Final

from themes.assets import publish

STATIC_DIR: Final = Path(__file__).parent / "static"
STATIC_URL: Final = publish("components", STATIC_DIR)

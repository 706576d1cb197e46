"""A map on which one place is chosen by a click, or by the arrow keys once it has the focus."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.elements import leaflet
from nicegui.events import GenericEventArguments

from components.assets import STATIC_URL

_LEAFLET_DIST = leaflet.__path__[0] + "/dist"


class PlaceMap(ui.element, component="place_map.js", esm={"nicegui-leaflet": _LEAFLET_DIST}):
    """Calls `on_place(latitude, longitude)` when another place is chosen; `place` marks one from here.

    The base map is the bundled one, or that of `tile_url`, as on `ChargerMap`.
    """

    def __init__(
        self,
        *,
        center: tuple[float, float],
        zoom: int,
        on_place: Callable[[float, float], Any],
        marked: bool = False,
        tile_url: str = "",
        attribution: str = "",
        height: str = "260px",
        title: str = "Map: click where it is",
    ) -> None:
        super().__init__()
        self.add_resource(_LEAFLET_DIST)
        self.style(f"--vd-map-height:{height}")
        self.props.update(
            {
                "center": list(center),
                "zoom": zoom,
                "marked": marked,
                "tile-url": tile_url,
                "attribution": attribution,
                "title": title,
                "static-url": STATIC_URL,
            }
        )

        def placed(event: GenericEventArguments) -> None:
            latitude, longitude = event.args
            on_place(float(latitude), float(longitude))

        self.on("place", placed)

    def place(self, latitude: float, longitude: float) -> None:
        """Mark a place that was typed, and show it."""
        self.run_method("place", latitude, longitude)

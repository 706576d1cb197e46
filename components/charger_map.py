"""Stations on a live map: five thousand of them on one canvas, over a base map that needs no internet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.elements import leaflet
from nicegui.events import GenericEventArguments

from components.assets import STATIC_URL
from components.status import status_data

MapRow = tuple[str, float, float, str, str]
"""One station: (key, latitude, longitude, status, label)."""

_LEAFLET_DIST = leaflet.__path__[0] + "/dist"


class ChargerMap(ui.element, component="charger_map.js", esm={"nicegui-leaflet": _LEAFLET_DIST}):
    """Shows stations by status and changes them by key.

    Stations come as `rows`, or from `data_url`, which answers a GET with JSON [[key, lat, lng, status, label], ...].
    `tile_url` lays street tiles (with their `attribution`, plain text) under the stations instead of the bundled base
    map. A click leads to `href` with {key} filled in, and calls `on_select` with the key. `center` (lat, lng) and
    `zoom` fix the first view; without them the map shows all stations.
    """

    def __init__(
        self,
        *,
        rows: Sequence[MapRow] | None = None,
        data_url: str = "",
        tile_url: str = "",
        attribution: str = "",
        href: str = "",
        on_select: Callable[[str], Any] | None = None,
        center: tuple[float, float] | None = None,
        zoom: int | None = None,
        height: str = "440px",
        title: str = "Map of stations",
    ) -> None:
        super().__init__()
        self.add_resource(_LEAFLET_DIST)
        self.style(f"--vd-map-height:{height}")
        self.props.update(
            {
                "rows": [list(row) for row in rows] if rows is not None else None,
                "data-url": data_url,
                "tile-url": tile_url,
                "attribution": attribution,
                "href": href,
                "center": list(center) if center else None,
                "zoom": zoom,
                "title": title,
                "static-url": STATIC_URL,
                "statuses": status_data(),
            }
        )
        if on_select:

            def selected(event: GenericEventArguments) -> None:
                on_select(event.args)

            self.on("select", selected)

    def patch(self, statuses: Mapping[str, str]) -> None:
        """Change the status of known stations: {key: status}. The markers change in the browser's next frame."""
        if statuses:
            self.run_method("patch", dict(statuses))

    def upsert(self, rows: Iterable[MapRow]) -> None:
        """Add stations, or move and relabel known ones."""
        self.run_method("upsert", [list(row) for row in rows])

    def discard(self, keys: Iterable[str]) -> None:
        """Take stations off the map."""
        self.run_method("discard", list(keys))

    def fit(self) -> None:
        """Show all stations."""
        self.run_method("fit")

    def focus(self, key: str) -> None:
        """Go near one station."""
        self.run_method("focus", key)

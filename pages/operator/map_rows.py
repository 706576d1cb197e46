"""Stations as the map wants them."""

from collections.abc import Mapping
from typing import Any

from components.charger_map import MapRow

Snapshot = dict[str, Any]


def map_rows(stations: Mapping[int, Snapshot]) -> list[MapRow]:
    """(key, latitude, longitude, status, label) of each station snapshot; the key is its identity."""
    return [
        (
            station["identity"],
            station["latitude"],
            station["longitude"],
            station["status"],
            f"{station['name']} · {station['location']}",
        )
        for station in stations.values()
    ]

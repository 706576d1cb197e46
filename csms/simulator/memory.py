"""The fleet's non-volatile memory: one JSON file, written atomically and rarely."""

import os
from pathlib import Path
from typing import Any

import orjson


class FleetMemory:
    """`fleet.json` in a folder. Without a folder nothing is kept.

    The file says whether it was written at a clean stop; if not, stations may have lived `unsaved_s` longer.
    """

    def __init__(self, folder: Path | None, unsaved_s: float) -> None:
        self._path = folder / "fleet.json" if folder else None
        self._unsaved_s = unsaved_s
        self._stations: dict[str, dict[str, Any]] = self._read()

    @property
    def is_kept(self) -> bool:
        """Whether there is a folder to keep it in."""
        return self._path is not None

    def of(self, identity: str) -> dict[str, Any] | None:
        """What a station remembers, None at its first start."""
        return self._stations.get(identity)

    def save(self, stations: dict[str, dict[str, Any]], *, clean: bool) -> None:
        """Replace the file; what other stations of the folder remember stays."""
        if self._path is None:
            return
        self._stations |= stations
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = orjson.dumps({"clean": clean, "stations": self._stations})
        draft = self._path.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)

    def _read(self) -> dict[str, dict[str, Any]]:
        if self._path is None or not self._path.exists():
            return {}
        stored = orjson.loads(self._path.read_bytes())
        unsaved_s = 0.0 if stored["clean"] else self._unsaved_s
        return {identity: memory | {"unsaved_s": unsaved_s} for identity, memory in stored["stations"].items()}

"""The station's messages around one session; while it runs, new ones come on top."""

from datetime import datetime
from typing import Any, Final

from components.controls import card
from components.frame_log import Frame, FrameLog
from components.live import follow
from csms.stations.queries import frames
from pages.operator.frames import frames_of
from pages.operator.station_view import StationView

PAGE: Final = 60


class TransactionMessages:
    """Newest first, older ones on demand; `until` None means the session still runs."""

    def __init__(self, station: StationView, since: datetime, until: datetime | None) -> None:
        self._station = station
        self._since = since
        self._until = until
        self._last_id: int | None = None
        self._meanwhile: list[Frame] | None = []
        with card("Messages", sub="OCPP frames from just before the start until just after the end", flush=True):
            days = station.context.services.settings.frame_retention_days
            past = f"The archive keeps frames for {days} days, and has none from this time."
            empty = "Each message to and from the station appears here as it happens." if until is None else past
            self._log = FrameLog(zone=station.formats.zone, on_older=self._older, empty=empty)
            if until is None:
                follow(station.board, station.tenant_id, [f"frames:{station.id}"], self._heard)
            else:
                self._log.classes("vd-log--past")

    async def load(self) -> None:
        """Read the newest."""
        found, more = await self._read()
        if self._log.is_deleted:
            return
        self._log.load(found, more=more)
        meanwhile, self._meanwhile = self._meanwhile or [], None
        self._log.prepend(meanwhile)

    async def _older(self) -> None:
        found, more = await self._read()
        self._log.append_older(found, more=more)

    async def _read(self) -> tuple[list[Frame], bool]:
        until = self._until or self._station.context.services.clock.now()
        async with self._station.context.reading() as session:
            between = self._since, until
            found = await frames(session, self._station.id, between=between, before_id=self._last_id, limit=PAGE)
        self._last_id = found[-1].id if found else self._last_id
        return [frame for row in found for frame in frames_of(row.model_dump())], len(found) == PAGE

    def _heard(self, batch: dict[str, Any]) -> None:
        fresh = [frame for row in reversed(batch["frames"]) for frame in frames_of(row)]
        if self._meanwhile is None:
            self._log.prepend(fresh)
        else:
            self._meanwhile = [*fresh, *self._meanwhile]

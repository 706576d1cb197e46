"""The station's raw OCPP messages, searched in the archive where secrets are masked; new ones on top as they happen."""

from typing import Any, Final

from nicegui import ui

from components.controls import card
from components.frame_log import Frame, FrameLog
from components.live import follow
from csms.access.policy import Permission, require
from csms.stations.queries import frame_actions, frames
from models import Frame as FrameRow
from pages.operator.frames import frames_of
from pages.operator.station_view import StationView

PAGE: Final = 60
_EVERY: Final = ""
_BEGUN: Final = {"": None, "in": True, "out": False}


class StationLog:
    """Newest first, by keyset; what is searched for also decides which live frames are shown."""

    def __init__(self, view: StationView) -> None:
        require(view.context.actor, Permission.FRAMES_VIEW)
        self._view = view
        self._text = ""
        self._direction = ""
        self._action = _EVERY
        self._last_id: int | None = None
        self._meanwhile: list[Frame] | None = None
        with card("Messages", sub="Every OCPP frame to and from the station, as on the wire", flush=True) as frame:
            with frame.actions:
                self._actions = ui.select({_EVERY: "All actions"}, value=_EVERY, on_change=self._choose)
                self._actions.props("outlined dense options-dense aria-label=Action").classes("vd-choice")
            self._log = FrameLog(zone=view.formats.zone, on_search=self._search, on_older=self._older)
            follow(view.board, view.tenant_id, [f"frames:{view.id}"], self._heard)

    async def load(self) -> None:
        """Show the newest frames that fit."""
        self._meanwhile = []
        found = await self._read(None)
        if self._log.is_deleted:
            return
        self._log.load(_shown(found), more=len(found) == PAGE)
        meanwhile, self._meanwhile = self._meanwhile, None
        self._log.prepend(meanwhile)

    async def load_actions(self) -> None:
        """Offer the actions that occur."""
        async with self._view.context.reading() as session:
            actions = await frame_actions(session, self._view.id)
        if not self._actions.is_deleted:
            self._actions.set_options({_EVERY: "All actions"} | {action: action for action in actions})

    async def _search(self, text: str, direction: str) -> None:
        self._text, self._direction = text.strip(), direction
        await self.load()

    async def _choose(self) -> None:
        self._action = str(self._actions.value or _EVERY)
        await self.load()

    async def _older(self) -> None:
        found = await self._read(self._last_id)
        self._log.append_older(_shown(found), more=len(found) == PAGE)

    async def _read(self, before_id: int | None) -> list[FrameRow]:
        async with self._view.context.reading() as session:
            found = await frames(
                session,
                self._view.id,
                text=self._text,
                action=self._action,
                from_station=_BEGUN[self._direction],
                before_id=before_id,
                limit=PAGE,
            )
        self._last_id = found[-1].id if found else self._last_id
        return found

    def _heard(self, batch: dict[str, Any]) -> None:
        fresh = [frame for row in reversed(batch["frames"]) if self._fits(row) for frame in frames_of(row)]
        if self._meanwhile is not None:
            self._meanwhile = [*fresh, *self._meanwhile]
        elif fresh:
            self._log.prepend(fresh)

    def _fits(self, row: dict[str, Any]) -> bool:
        """Whether a search of the archive would find this exchange, too."""
        begun = _BEGUN[self._direction]
        text = f"{row['text']}\n{row['answer_text'] or ''}".casefold()
        return (
            (begun is None or row["from_station"] == begun)
            and (not self._action or row["action"] == self._action)
            and self._text.casefold() in text
        )


async def messages_tab(view: StationView) -> None:
    """The log, then the actions to narrow it by."""
    log = StationLog(view)
    await log.load()
    await log.load_actions()


def _shown(found: list[FrameRow]) -> list[Frame]:
    return [frame for row in found for frame in frames_of(row.model_dump())]

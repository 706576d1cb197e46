"""Shows a session's story."""

from datetime import timedelta

from components.controls import skeleton
from csms.commands.queries import commands_between
from csms.stations.queries import events, frames
from csms.transactions.queries import TransactionDetail
from pages.operator.station_view import StationView
from pages.operator.transaction_story import STORY_ACTIONS, Happening, story_of
from themes.icons import icon
from themes.markup import Tag

_MOST = 200


class StoryList(Tag):
    """A skeleton until `load` has read what the story is made of."""

    def __init__(self, station: StationView, detail: TransactionDetail, around: timedelta) -> None:
        super().__init__("ol", classes="vd-story")
        self._station = station
        self._detail = detail
        self._around = around
        with self, Tag("li"):
            skeleton(4)

    async def load(self) -> None:
        """Read and show the story. Messages that the archive no longer has leave it shorter."""
        row, station = self._detail.row, self._station
        now = station.context.services.clock.now()
        window = row.started_at - self._around, (row.ended_at or now) + self._around
        async with station.context.reading() as session:
            said = [
                frame
                for action in STORY_ACTIONS
                for frame in await frames(session, station.id, action=action, between=window, limit=_MOST)
            ]
            asked = await commands_between(session, station.id, *window)
            befell = await events(session, station_id=station.id, between=window, limit=_MOST)
        if self.is_deleted:
            return
        self.clear()
        with self:
            for happening in story_of(self._detail, said, asked, befell, station.formats):
                self._line(happening)

    def _line(self, happening: Happening) -> None:
        formats = self._station.formats
        with Tag("li", data_tone=happening.tone):
            with Tag("span", classes="vd-story__dot", aria_hidden="true"):
                icon(happening.icon)
            with Tag("span", happening.text, "vd-story__text"):
                if happening.sub:
                    Tag("span", happening.sub, "vd-story__sub")
            time = formats.time_seconds(happening.at)
            Tag("time", time, "vd-story__time", datetime=happening.at.isoformat(), title=formats.moment(happening.at))

"""The lines below a station's name: its status, since when it is online or why it is not, when it was last heard."""

from datetime import datetime
from typing import Any

from components.age import Age
from components.live import follow
from components.status import status_chip
from csms.access.policy import Permission
from pages.operator.station_view import OFFLINE_EVENT, StationView
from themes.icons import icon
from themes.markup import Tag


class StationHeader:
    """Live; connecting and leaving are seen as they happen."""

    def __init__(self, view: StationView) -> None:
        self._view = view
        self._absence = view.absence
        self._online: bool | None = None
        with Tag("div", classes="vd-place-list") as place:
            self._chip = status_chip("Unknown")
            self._presence = Tag("span", classes="vd-row vd-row--tight", data_field="presence")
            heard_at = view.now["last_seen_at"] or view.detail.station.last_seen_at
            with Tag("span") as self._heard_line:
                Tag("span", "Last heard ")
                self._heard = Age(heard_at)
            self._heard_line.set_visibility(heard_at is not None)
            self._kind = Tag("span", _kind(view))
        board = view.board
        follow(board, view.tenant_id, [view.key], self._update, owner=place)
        follow(board, view.tenant_id, ["events"], self._event, owner=place)
        if view.context.may(Permission.FRAMES_VIEW):
            follow(board, view.tenant_id, [f"frames:{view.id}"], self._frame, owner=place)
        self._update(view.now)

    def _update(self, snapshot: dict[str, Any]) -> None:
        self._chip.set(snapshot["status"])
        if snapshot["online"] == self._online:
            return
        news = self._online is not None
        self._online = bool(snapshot["online"])
        station = self._view.detail.station
        since = station.connected_at if self._online else station.disconnected_at
        if news:
            since = datetime.fromisoformat(snapshot["last_seen_at"])
            self._hear(since)
        self._show_presence(since)

    def _show_presence(self, since: datetime | None) -> None:
        self._presence.clear()
        with self._presence:
            icon("wifi" if self._online else "wifi-off")
            if since is None:
                Tag("span", "Has never connected")
                return
            Tag("span", f"{'Online' if self._online else 'Offline'} since {self._view.formats.moment(since)}")
            if not self._online:
                Tag("span", self._absence, "vd-faint")

    def _event(self, batch: dict[str, Any]) -> None:
        """Why the connection was lost comes as an entry of the history, beside the news that it was."""
        for entry in batch["events"]:
            if entry["station_id"] == self._view.id and entry["kind"] == OFFLINE_EVENT:
                self._absence = entry["text"]
                if self._online is False:
                    self._show_presence(datetime.fromisoformat(entry["at"]))

    def _frame(self, batch: dict[str, Any]) -> None:
        self._hear(batch["frames"][-1]["at"])

    def _hear(self, moment: datetime | str) -> None:
        self._heard.show(moment)
        self._heard_line.set_visibility(True)


def _kind(view: StationView) -> str:
    station = view.detail.station
    firmware = f"firmware {station.firmware_version}" if station.firmware_version else ""
    version = f"OCPP {view.now['ocpp_version']}" if view.now["ocpp_version"] else ""
    return " · ".join(part for part in (f"{station.vendor} {station.model}".strip(), firmware, version) if part)

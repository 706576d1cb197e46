"""What the parts of a station's page share: the station as read, its present picture, and the way to ask it things."""

from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element

from components.formats import Formats
from csms.access.policy import Permission
from csms.errors import NotFoundError
from csms.live.board import Board
from csms.ocpp.version import OcppVersion
from csms.stations.queries import StationDetail, events, station_detail
from pages.session import PageContext

OFFLINE_EVENT: Final = "station.offline"
"""Kind of the history's entry for a lost connection."""


@dataclass(frozen=True, slots=True)
class StationView:
    """A station as one visitor sees it. Times are in its location's zone."""

    context: PageContext
    detail: StationDetail
    formats: Formats
    absence: str
    """Why it was offline when the page was opened, in the words of its history; empty when it was not."""
    place: Element
    """The page itself: dialogs belong there, for the parts of the page come and go."""

    @classmethod
    async def read(cls, context: PageContext, identity: str) -> "StationView":
        """Read the station. Raises NotFoundError for an unknown identity, and alike for another tenant's."""
        place = ui.context.slot.parent
        async with context.reading() as session:
            detail = await station_detail(session, identity)
            if detail is None:
                raise NotFoundError("This station")
            lasting = await events(session, station_id=detail.station.id, lasting_only=True)
        absence = next((row.event.text for row in lasting if row.event.kind == OFFLINE_EVENT), "")
        return cls(context, detail, context.formats.at(detail.location.time_zone), absence, place)

    @property
    def id(self) -> int:
        return self.detail.station.id or 0

    @property
    def identity(self) -> str:
        return self.detail.station.identity

    @property
    def name(self) -> str:
        return self.detail.station.name or self.identity

    @property
    def board(self) -> Board:
        return self.context.services.board

    @property
    def tenant_id(self) -> int:
        return self.context.tenant.id

    @property
    def key(self) -> str:
        """The station's key on the board."""
        return f"station:{self.id}"

    @property
    def now(self) -> dict[str, Any]:
        """The present picture. A station that this node has not heard of yet is offline."""
        return self.board.station(self.tenant_id, self.id) or {
            "id": self.id,
            "online": False,
            "status": "Offline",
            "connectors": {},
            "transaction_ids": [],
            "power_w": 0.0,
            "ocpp_version": self.detail.station.ocpp_version,
            "last_seen_at": None,
        }

    @property
    def online(self) -> bool:
        return bool(self.now["online"])

    @property
    def version(self) -> OcppVersion:
        """What it speaks, or spoke last; a station never seen is taken for a 1.6 one."""
        return OcppVersion(self.now["ocpp_version"] or OcppVersion.V16)

    @property
    def may_control(self) -> bool:
        return self.context.may(Permission.STATIONS_CONTROL)

    @property
    def may_configure(self) -> bool:
        return self.context.may(Permission.STATIONS_CONFIGURE)

    def running(self) -> list[dict[str, Any]]:
        """Snapshots of the sessions that run here, in order of EVSE."""
        found = (self.board.transaction(self.tenant_id, number) for number in self.now["transaction_ids"])
        return sorted((one for one in found if one), key=lambda one: (one["evse_number"], one["id"]))

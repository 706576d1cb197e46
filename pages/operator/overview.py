"""The first page: what the network does at this moment, and what needs a hand."""

from nicegui import ui

from components.charger_map import ChargerMap
from components.controls import card
from components.live import follow
from pages.operator.energy_days import EnergyDays
from pages.operator.figures import Figures
from pages.operator.map_rows import Snapshot, map_rows
from pages.operator.problems import Problems
from pages.operator.running import RunningSessions
from pages.session import PageContext
from themes.markup import Tag


async def overview(context: PageContext) -> None:
    """Everything but the two lists from the database is at hand in memory, so the page is there at once."""
    context.frame.heading("Overview", sub=context.formats.date(context.services.clock.now()))
    Figures(context)
    with Tag("div", classes="overview-grid"):
        with Tag("div", classes="overview-wide"):
            _map(context)
            RunningSessions(context)
        with Tag("div", classes="overview-side"):
            problems = Problems(context)
            days = EnergyDays(context)
    await ui.context.client.connected()
    await problems.load()
    await days.load()


def _map(context: PageContext) -> None:
    settings, tenant = context.services.settings, context.tenant
    known = {station["identity"]: station["status"] for station in context.services.board.stations(tenant.id).values()}
    with card("Stations", flush=True):
        stations_map = ChargerMap(
            data_url="/data/map",
            tile_url=settings.map_tile_url or "",
            attribution=settings.map_tile_attribution,
            href="/stations/{key}",
            center=None if known else (tenant.map_latitude, tenant.map_longitude),
            zoom=None if known else tenant.map_zoom,
            height="min(56vh, 460px)",
        )

    def update(batch: dict[str, Snapshot]) -> None:
        changed = [s for s in batch.values() if known.get(s["identity"]) != s["status"]]
        new = {s["id"]: s for s in changed if s["identity"] not in known}
        known.update({s["identity"]: s["status"] for s in changed})
        if new:
            stations_map.upsert(map_rows(new))
        stations_map.patch({s["identity"]: s["status"] for s in changed if s["id"] not in new})

    follow(context.services.board, tenant.id, ["stations"], update, owner=stations_map)

"""Stations' local lists: what each holds, whether that is what it should, and who is left alone."""

from typing import Any, Final

from nicegui import ui

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Page, Query
from components.details import details
from components.empty import Empty
from components.form_dialog import FormDialog
from components.live import follow
from csms.access.policy import Permission
from csms.authorization.keeping import ListState, keep_list, list_states
from csms.errors import VoltdeckError
from pages.operator.card_words import list_cell
from pages.operator.station_rows import station_address
from pages.session import PageContext

COLUMNS: Final = (
    Column("station", "Station", kind="link", mobile="title"),
    Column("state", "List", mobile="side"),
    Column("entries", "Cards on it", kind="num", align="right"),
    Column("version", "Version", kind="num", align="right"),
    Column("synced_at", "Last synced", kind="age", align="right"),
)
SUB: Final = "With a list, a station knows your cards even while it is offline; changes here follow by themselves"
_CHOICES: Final = {"auto": "As the station is set", "on": "Keep it in step", "off": "Leave it alone"}
_BY_CHOICE: Final = {"auto": None, "on": True, "off": False}


class CardLists:
    """The table of lists; a click on one opens it."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._place = ui.context.slot.parent
        self._states: dict[str, ListState] = {}
        with card("Local lists", sub=SUB, flush=True):
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                page_size=10,
                empty=Empty(
                    "No station uses a list",
                    "Turn on LocalAuthListEnabled (OCPP 1.6) or LocalAuthListCtrlr.Enabled in a station's settings; "
                    "the station then gets your cards.",
                    icon="list",
                ),
                on_open=self._open,
                title="Local lists",
            )
            follow(context.services.board, context.tenant.id, ["lists"], self._changed)

    async def _fetch(self, query: Query) -> Page:
        async with self._context.reading() as session:
            states = await list_states(session)
        self._states = {str(one.station_id): one for one in states}
        shown = states[query.offset : query.offset + query.limit]
        return Page([_row(one) for one in shown], len(states))

    def _changed(self, _: dict[str, Any]) -> None:
        ui.timer(0, self._table.reload, once=True)

    def _open(self, key: str) -> None:
        state = self._states.get(key)
        if state is None:
            return
        formats = self._context.formats
        may = self._context.may(Permission.STATIONS_CONFIGURE)
        chosen = next(name for name, choice in _BY_CHOICE.items() if choice == state.choice)

        async def save() -> None:
            at, choice = self._context.services.clock.now(), _BY_CHOICE[str(keep.value)]
            async with self._context.acting() as actor:
                await self._context.run(lambda work: keep_list(work, actor, state.station_id, choice, at))
            await self._table.reload()

        with self._place, FormDialog(f"List of {state.name}", "Save", save, errors=VoltdeckError):
            details(
                {
                    "State": list_cell(state).text,
                    "Version at the station": "none" if state.version in (None, 0) else str(state.version),
                    "Cards on it": str(state.entries),
                    "Left out": f"{state.left_out} cards have no room or word there" if state.left_out else None,
                    "Last synced": formats.moment(state.synced_at),
                    "Last tried": formats.moment(state.tried_at),
                    "What went wrong": state.error or None,
                }
            )
            keep = ui.select(_CHOICES, value=chosen, label="What is done with it").props("outlined")
            keep.set_enabled(may)
            button("Open the station", icon="ev-charger", href=station_address(state.identity))


def _row(state: ListState) -> dict[str, Any]:
    return {
        "id": str(state.station_id),
        "station": Cell(state.name, sub=state.identity if state.name != state.identity else ""),
        "state": list_cell(state),
        "entries": str(state.entries),
        "version": "–" if state.version is None or state.version < 0 else str(state.version),
        "synced_at": state.synced_at.isoformat() if state.synced_at else "",
        "opens": True,
    }

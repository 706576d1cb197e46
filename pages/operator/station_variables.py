"""A station's settings as it reported them: 1.6 configuration keys and 2.x variables alike, read and written."""

from functools import partial
from typing import Any, Final

from nicegui import ui

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Page, Query
from components.empty import Empty
from components.live import follow
from components.steps import Steps
from csms.commands.commands import SetVariable
from csms.commands.service import CommandResult
from csms.errors import InvalidInputError
from csms.ocpp.version import OcppVersion
from csms.stations.queries import variables
from csms.stations.secrets import is_secret
from models import StationVariable
from pages.operator.asking import Ask, Asking, AskingDialog, Reader, fixed
from pages.operator.station_view import StationView

COLUMNS: Final = (
    Column("variable", "Name", kind="link", mobile="title"),
    Column("value", "Value", kind="mono"),
    Column("mutability", "Access", kind="muted"),
    Column("reported_at", "Read", kind="age", align="right"),
)
_ACCESS: Final = {"ReadOnly": "Read only", "ReadWrite": "Read and write", "WriteOnly": "Write only"}


class StationVariables:
    """The stored variables, searched and paged; a click on one opens it."""

    def __init__(self, view: StationView) -> None:
        self._view = view
        self._rows: dict[str, StationVariable] = {}
        sub = "As the station last reported them; a value may have changed at the station since"
        with card("Settings", sub=sub, flush=True) as frame:
            if view.may_configure:
                with frame.actions:
                    button("Read from station", icon="refresh-cw", on_click=self._read_all)
                    button("Set another…", icon="pencil", on_click=lambda: edit_dialog(view, None, self._reload))
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                search="Search settings",
                page_size=50,
                empty=Empty(
                    "No settings read yet",
                    "“Read from station” asks it for everything it can be set to.",
                    icon="sliders-horizontal",
                ),
                on_open=self._open,
                title="Settings",
            )
            follow(view.board, view.tenant_id, [f"commands:{view.id}"], self._commanded)

    async def _fetch(self, query: Query) -> Page:
        async with self._view.context.reading() as session:
            found, total = await variables(session, self._view.id, query.search, query.offset, query.limit)
        self._rows = {str(row.id): row for row in found}
        return Page([self._row(row) for row in found], total)

    def _row(self, row: StationVariable) -> dict[str, Any]:
        return {
            "id": str(row.id),
            "variable": Cell(_name(row), sub=_where(row)),
            "value": _value(row),
            "mutability": _ACCESS.get(row.mutability, row.mutability),
            "reported_at": row.reported_at.isoformat(),
            "opens": self._view.may_configure and row.mutability != "ReadOnly",
        }

    def _open(self, key: str) -> None:
        row = self._rows.get(key)
        if row is not None and self._view.may_configure and row.mutability != "ReadOnly":
            edit_dialog(self._view, row, self._reload)

    def _read_all(self) -> None:
        in_parts = self._view.version is not OcppVersion.V16
        AskingDialog(
            self._view,
            Asking(
                "Read all settings",
                "Read",
                fixed(lambda commands, actor: commands.get_variables(actor, self._view.identity)),
                text="It reports them in parts, which can take a minute." if in_parts else "",
                follow_up=lambda steps, result: self._reload(),
            ),
        )

    def _commanded(self, batch: dict[str, Any]) -> None:
        """Somebody, perhaps elsewhere, has read or written settings."""
        if any("Variable" in one["action"] or "Configuration" in one["action"] for one in batch.values()):
            self._reload()

    def _reload(self) -> None:
        ui.timer(0, self._table.reload, once=True)


def edit_dialog(view: StationView, row: StationVariable | None, on_done: Any) -> None:
    """Write a variable; without a row, one that is typed in by name."""

    def fields() -> Reader:
        if row is None:
            return _name_fields(view)
        value, changed = _value_field(row), partial(_changed, row)
        return lambda: _set(view, changed(str(value.value or "")))

    def follow_up(_: Steps, __: CommandResult) -> None:
        on_done()

    title = "Set a value" if row is None else f"Change {_name(row)}"
    AskingDialog(view, Asking(title, "Write to station", fields, text=_where(row) if row else "", follow_up=follow_up))


def _name_fields(view: StationView) -> Reader:
    component = None if view.version is OcppVersion.V16 else ui.input("Component").props("outlined")
    name = ui.input("Key" if component is None else "Variable").props("outlined")
    value = ui.input("Value").props("outlined")

    def read() -> Ask:
        named, of = (name.value or "").strip(), (component.value or "").strip() if component else ""
        if not named or (component and not of):
            raise InvalidInputError(
                "Say which setting: it is called by component and name." if component else "Say which key."
            )
        return _set(view, SetVariable(named, value.value or "", component=of))

    return read


def _set(view: StationView, variable: SetVariable) -> Ask:
    return lambda commands, actor: commands.set_variable(actor, view.identity, variable)


def _value_field(row: StationVariable) -> Any:
    limits = row.characteristics
    listed = [one.strip() for one in str(limits.get("valuesList") or "").split(",") if one.strip()]
    if str(limits.get("dataType", "")) == "boolean" or (row.value or "").lower() in ("true", "false"):
        return ui.select(["true", "false"], value=(row.value or "").lower() or None, label="Value").props("outlined")
    if listed and limits.get("dataType") == "OptionList":
        return ui.select(listed, value=row.value if row.value in listed else None, label="Value").props("outlined")
    secret = is_secret(row.variable)
    field = ui.input("New value" if secret else "Value", value="" if secret else row.value, password=secret)
    unit = f" suffix={limits['unit']}" if str(limits.get("unit", "")).isalnum() else ""
    return field.props(f"outlined{unit}")


def _changed(row: StationVariable, value: str) -> SetVariable:
    return SetVariable(
        row.variable,
        value,
        component=row.component,
        component_instance=row.component_instance,
        evse_number=row.evse_number,
        connector_number=row.connector_number,
        variable_instance=row.variable_instance,
        attribute=row.attribute,
    )


def _name(row: StationVariable) -> str:
    name = f"{row.variable}[{row.variable_instance}]" if row.variable_instance else row.variable
    return name if row.attribute == "Actual" else f"{name} ({row.attribute})"


def _where(row: StationVariable) -> str:
    component = f"{row.component}[{row.component_instance}]" if row.component_instance else row.component
    evse = f"EVSE {row.evse_number}" if row.evse_number else ""
    connector = f"connector {row.connector_number}" if row.connector_number else ""
    return " · ".join(part for part in (component, evse, connector) if part)


def _value(row: StationVariable) -> str:
    if is_secret(row.variable) or row.mutability == "WriteOnly":
        return "•••"
    unit = row.characteristics.get("unit")
    return f"{row.value} {unit}" if row.value and unit else row.value or ""

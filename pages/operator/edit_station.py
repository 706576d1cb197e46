"""Changes a station: name, place, how it proves itself, connectors, registration, password; and removes it."""

from typing import Any

from nicegui import ui

from components.confirm import confirm
from components.controls import button, card, icon_button
from csms.access.policy import Permission, require
from csms.errors import InvalidInputError, VoltdeckError
from csms.stations.fitting import STANDARDS, connector_plans
from csms.stations.managing import (
    StationChange,
    change_station,
    give_new_password,
    move_registration,
    remove_station,
)
from csms.stations.queries import locations
from csms.stations.setup import ConnectorPlan
from models import ChargingStation, Registration
from pages.operator.credentials import credentials_card
from pages.operator.forms import Problem, trying
from pages.operator.station_form import PlaceChoice, name_field, profile_choice
from pages.operator.station_rows import station_address
from pages.operator.station_view import StationView
from pages.session import PageContext
from themes.markup import Tag

_REGISTRATIONS = {
    Registration.ACCEPTED: "Accepted: it may charge",
    Registration.PENDING: "Pending: it may connect and be set up, not charge",
    Registration.REJECTED: "Rejected: it is told to stay away",
}


async def edit_station(context: PageContext, identity: str) -> None:
    """Raises NotFoundError for an unknown identity, and alike for another tenant's."""
    require(context.actor, Permission.STATIONS_MANAGE)
    context.frame.heading("Edit", crumb=(station_address(identity), identity))
    place = ui.context.slot.parent
    view = await StationView.read(context, identity)
    async with context.reading() as session:
        places = await locations(session)
        plans = await connector_plans(session, view.id)
    if place.is_deleted:
        return
    context.frame.heading(f"Edit {view.name}", crumb=(station_address(view.identity), view.name))
    with Tag("div", classes="charger-form"):
        _about(view, places)
        ConnectorsCard(view, plans)
        _door(view)
        _removal(view)


def _about(view: StationView, places: list[Any]) -> None:
    station, context = view.detail.station, view.context
    with card("About", sub=f"Identity {station.identity}; it cannot be changed. Add it anew for another one."):
        with Tag("div", classes="charger-fields"):
            name = name_field(station)
            name.classes("wide")
            choice = PlaceChoice(context, places, station.location_id)
            profile = profile_choice(station.security_profile)
            tolerant = ui.checkbox(
                "Tolerate a missing OCPP version in its handshake (old 1.6 chargers)",
                value=station.subprotocol_optional,
            ).classes("wide")
        problem = Problem()

        async def save() -> None:
            async with trying(problem, opener):
                placed = choice.read()
                change = StationChange(
                    name=name.value or "",
                    location_id=placed.location_id,
                    location=placed.location,
                    security_profile=int(profile.value),
                    subprotocol_optional=bool(tolerant.value),
                )
                await _change(view, change)

        opener = button("Save", kind="primary", on_click=save)
        opener.classes("self-start")


async def _change(view: StationView, change: StationChange) -> None:
    context = view.context
    async with context.acting() as actor:
        now = context.services.clock.now()
        await context.run(lambda work: change_station(work, actor, view.id, change, now))
    ui.notify("Saved", type="positive")


class ConnectorsCard:
    """EVSEs and connectors, as rows that are typed in. What the station reports by itself is here already."""

    def __init__(self, view: StationView, plans: list[ConnectorPlan]) -> None:
        self._view = view
        self._rows: list[_ConnectorRow] = []
        sub = "What it reports is learnt by itself; power and the id on the sticker are yours to say"
        with card("Connectors", sub=sub):
            self._place = Tag("div", classes="vd-stack", data_testid="connectors")
            for plan in plans:
                self._add(plan)
            self._problem = Problem()
            with Tag("div", classes="vd-row"):
                self._save = button("Save the connectors", kind="primary", on_click=self._saved)
                button("Add one", icon="plus", on_click=self._next)

    def _next(self) -> None:
        highest = max((row.evse() or 0 for row in self._rows), default=0)
        self._add(ConnectorPlan(highest + 1))

    def _add(self, plan: ConnectorPlan) -> None:
        with self._place:
            self._rows.append(_ConnectorRow(plan, self._drop))

    def _drop(self, row: "_ConnectorRow") -> None:
        self._rows.remove(row)
        row.block.delete()

    async def _saved(self) -> None:
        async with trying(self._problem, self._save):
            await _change(self._view, StationChange(connectors=tuple(row.read() for row in self._rows)))


class _ConnectorRow:
    def __init__(self, plan: ConnectorPlan, on_drop: Any) -> None:
        self._plan = plan
        with Tag("div", classes="fit-row", role="group", aria_label=f"EVSE {plan.evse_number}") as self.block:
            self._evse = _small("EVSE", str(plan.evse_number))
            self._number = _small("Plug", str(plan.number))
            options = STANDARDS if plan.standard in STANDARDS else {plan.standard: plan.standard or "–"} | STANDARDS
            self._standard = ui.select(options, value=plan.standard, label="Type").props("outlined dense")
            self._current = ui.select(["AC", "DC"], value=plan.current_type, label="AC/DC").props("outlined dense")
            power = "" if plan.max_power_w is None else f"{plan.max_power_w / 1000:g}"
            self._power = _small("Power, kW", power)
            self._evse_id = _small("EVSE id", plan.evse_id or "")
            icon_button("trash-2", "Remove this connector", on_click=lambda: on_drop(self))

    def evse(self) -> int | None:
        text = str(self._evse.value or "")
        return int(text) if text.isdigit() else None

    def read(self) -> ConnectorPlan:
        number = str(self._number.value or "")
        evse = self.evse()
        if evse is None or not number.isdigit():
            raise InvalidInputError("EVSE and plug are numbers, beginning with 1.")
        try:
            text = str(self._power.value or "").replace(",", ".")
            power = round(float(text) * 1000) if text else None
        except (ValueError, OverflowError):
            raise InvalidInputError(f"EVSE {evse}: the power is a number of kW, such as 22.") from None
        return ConnectorPlan(
            evse,
            int(number),
            str(self._standard.value or ""),
            str(self._current.value),
            power,
            (self._evse_id.value or "").strip() or None,
            self._plan.tariff_id,
        )


def _small(label: str, value: str) -> ui.input:
    return ui.input(label, value=value).props("outlined dense")


def _door(view: StationView) -> None:
    station = view.detail.station
    with card("Registration and password"):
        options: dict[Any, str] = {str(key): words for key, words in _REGISTRATIONS.items()}
        choice = ui.select(options, value=station.registration, label="How its boot is answered").props("outlined")
        problem = Problem()

        async def move() -> None:
            context = view.context
            async with trying(problem, opener):
                registration, now = Registration(str(choice.value)), context.services.clock.now()
                async with context.acting() as actor:
                    await context.run(lambda work: move_registration(work, actor, view.id, registration, now))
                ui.notify("Saved", type="positive")

        with Tag("div", classes="vd-row"):
            opener = button("Save the registration", on_click=move)
            if station.security_profile in (0, 1, 2):
                button("New password…", icon="key-round", on_click=lambda: _new_password(view, station, result))
        result = Tag("div", classes="vd-stack")


async def _new_password(view: StationView, station: ChargingStation, result: Tag) -> None:
    context = view.context
    text = (
        "From its next connection on, the charger needs the new one; until that is entered at the charger, it cannot "
        "come back."
    )
    with view.place:
        if not await confirm("Give it a new password?", text, verb="New password", danger=True):
            return
    secret, now = context.services.settings.resolved_secret_key(), context.services.clock.now()
    try:
        async with context.acting() as actor:
            password = await context.run(lambda work: give_new_password(work, actor, view.id, secret, now))
    except VoltdeckError as error:
        ui.notify(str(error), type="negative")
        return
    result.clear()
    with result:
        credentials_card(context, station.identity, station.security_profile, password)


def _removal(view: StationView) -> None:
    context = view.context
    sub = "Its connection ends at once and its identity is free again. Its sessions stay in the history."
    with card("Remove", sub=sub):
        problem = Problem()

        async def remove() -> None:
            text = f"{view.identity} cannot charge here any more. To bring it back, it has to be added anew."
            with view.place:
                if not await confirm(f"Remove {view.name}?", text, verb="Remove", danger=True):
                    return
            done = False
            async with trying(problem, opener):
                now = context.services.clock.now()
                async with context.acting() as actor:
                    await context.run(lambda work: remove_station(work, actor, view.id, now))
                done = True
            if done:
                ui.navigate.to("/stations")

        opener = button("Remove the station", icon="trash-2", kind="danger", on_click=remove)
        opener.classes("self-start")

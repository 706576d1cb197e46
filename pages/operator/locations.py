"""The tenant's locations: listed, added, changed; removed where nothing ever happened."""

from typing import Any

from nicegui import ui

from components.confirm import confirm
from components.controls import button, card
from components.empty import empty_state
from csms.access.policy import Permission, require
from csms.stations.places import (
    LocationRow,
    add_location,
    change_location,
    find_location,
    location_rows,
    remove_location,
)
from models import Location
from pages.operator.forms import Problem, trying
from pages.operator.label_dialog import label_dialog
from pages.operator.location_fields import LocationFields
from pages.session import PageContext
from themes.markup import Tag

CRUMB = ("/locations", "Locations")


async def locations_page(context: PageContext) -> None:
    """A table; a site has few columns and a tenant has few sites."""
    require(context.actor, Permission.STATIONS_VIEW)
    with context.frame.heading("Locations", sub="Where your chargers stand", crumb=("/stations", "Stations")):
        if context.may(Permission.STATIONS_MANAGE):
            button("Add a location", icon="plus", kind="primary", href="/locations/new")
    place = ui.context.slot.parent
    async with context.reading() as session:
        rows = await location_rows(session)
    if place.is_deleted:
        return
    with card(flush=True):
        Tag("h2", "All locations", "vd-hidden")
        if not rows:
            empty_state("No locations yet", "A location is added with its first charger, or by itself.", icon="map-pin")
            return
        with Tag("div", classes="plain-scroll"), Tag("table", classes="plain-table"):
            with Tag("thead"), Tag("tr"):
                for label in ("Name", "Address", "Time zone", "Chargers"):
                    Tag("th", label, scope="col", classes="num" if label == "Chargers" else "")
                with Tag("th", scope="col"):
                    Tag("span", "Actions", "vd-hidden")
            with Tag("tbody"):
                for row in rows:
                    _line(context, row)


def _line(context: PageContext, row: LocationRow) -> None:
    location, manages = row.location, context.may(Permission.STATIONS_MANAGE)
    number = location.id or 0
    with Tag("tr"):
        with Tag("td"):
            if manages:
                Tag("a", location.name, "vd-row__link", href=f"/locations/{number}")
            else:
                Tag("b", location.name)
        Tag("td", address_words(location), data_label="Address")
        Tag("td", location.time_zone, data_label="Time zone")
        with Tag("td", classes="num", data_label="Chargers"):
            Tag("a", str(row.stations), "vd-link", href=f"/stations?at={number}")
        with Tag("td"), Tag("div", classes="plain-table__actions"):
            if manages and row.stations:
                button("Labels…", on_click=lambda: label_dialog(context, location_id=number))
            if manages:
                button("Edit", href=f"/locations/{number}")


def address_words(location: Location) -> str:
    """The postal address on one line."""
    town = f"{location.postal_code} {location.city}".strip()
    return ", ".join(part for part in (location.address, town, location.country) if part) or "–"


async def new_location(context: PageContext) -> None:
    """The form of a new one."""
    require(context.actor, Permission.STATIONS_MANAGE)
    context.frame.heading("Add a location", crumb=CRUMB)
    _form(context, None)


async def location_page(context: PageContext, location_id: str) -> None:
    """The form of a known one. Raises NotFoundError for another tenant's, and alike for none."""
    require(context.actor, Permission.STATIONS_MANAGE)
    context.frame.heading("Location", crumb=CRUMB)
    place = ui.context.slot.parent
    async with context.reading() as session:
        found = await find_location(session, int(location_id) if location_id.isdecimal() else 0)
    if place.is_deleted:
        return
    context.frame.heading(found.name, crumb=CRUMB)
    _form(context, found)


def _form(context: PageContext, known: Location | None) -> None:
    place: Any = ui.context.slot.parent
    number = known.id or 0 if known else 0
    with Tag("div", classes="charger-form"), card():
        fields = LocationFields(context, known)
        problem = Problem()

        async def save() -> None:
            done = False
            async with trying(problem, opener):
                plan, now = fields.read(), context.services.clock.now()
                async with context.acting() as actor:
                    if known is None:
                        await context.run(lambda work: add_location(work, actor, plan, now))
                    else:
                        await context.run(lambda work: change_location(work, actor, number, plan, now))
                done = True
            if done:
                ui.navigate.to("/locations")

        async def remove() -> None:
            assert known is not None  # noqa: S101 - the button is there for a known one
            with place:
                if not await confirm(f"Remove {known.name}?", verb="Remove", danger=True):
                    return
            done = False
            async with trying(problem, remover):
                now = context.services.clock.now()
                async with context.acting() as actor:
                    await context.run(lambda work: remove_location(work, actor, number, now))
                done = True
            if done:
                ui.navigate.to("/locations")

        with Tag("div", classes="vd-row"):
            opener = button("Save" if known else "Add the location", kind="primary", on_click=save)
            if known is not None:
                remover = button("Remove", icon="trash-2", kind="danger", on_click=remove)

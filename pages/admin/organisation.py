"""What the tenant says of itself: name and place, the texts of receipts, whom drivers call, where the map begins."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from components.controls import button, card
from csms.access.policy import Permission, require
from csms.errors import InvalidInputError, VoltdeckError
from csms.stations.queries import locations
from csms.tenants.choices import LANGUAGES, currencies, time_zones
from csms.tenants.organisation import Organisation, change_organisation, has_transactions, organisation
from pages.admin.settings import CRUMB
from pages.session import PageContext
from themes.markup import Tag

_SUB: Final = "Who you are for your people, for drivers and on receipts."
_LOCKED: Final = "It stays as it is: there are sessions priced in it."


async def organisation_page(context: PageContext) -> None:
    """The form, filled in with what is stored."""
    require(context.actor, Permission.TENANT_MANAGE)
    context.frame.heading("Organisation", sub=_SUB, crumb=CRUMB)
    async with context.reading() as session:
        said = await organisation(session, context.actor)
        is_locked = await has_transactions(session)
    OrganisationForm(context, said, is_locked=is_locked)


class OrganisationForm:
    """One form in four cards."""

    def __init__(self, context: PageContext, said: Organisation, *, is_locked: bool) -> None:
        self._context = context
        self._fields: dict[str, ValueElement] = {}
        with Tag("div", classes="admin-form"):
            with card("Name and place"):
                self._place(said, is_locked=is_locked)
            with card("Receipts", sub="What stands on receipts and invoices beside the amounts."):
                self._add("postal_address", _area("Postal address", said.postal_address))
                self._add("legal_text", _area("Legal text: register, tax number, representatives", said.legal_text))
            with card("Help for drivers", sub="Whom they turn to when charging does not work."):
                self._help(said)
            with card("Map", sub="Where it looks while there are no stations on it."):
                self._map(said)
            self._problem = Tag("p", "", "plain-problem", role="alert")
            self._problem.set_visibility(False)
            with Tag("div", classes="vd-row"):
                self._save = button("Save", icon="check", kind="primary", on_click=self._send)

    def _add(self, name: str, field: ValueElement) -> None:
        self._fields[name] = field
        field.on_value_change(lambda: self._problem.set_visibility(False))

    def _place(self, said: Organisation, *, is_locked: bool) -> None:
        self._add("name", _line("Name", said.name, "maxlength=40"))
        with Tag("div", classes="admin-form__row"):
            self._add("locale", _choice("Language of numbers and dates", LANGUAGES, said.locale))
            self._add("time_zone", _choice("Time zone", time_zones(), said.time_zone))
        currency = _choice("Currency", currencies(), said.currency)
        if is_locked:
            currency.disable()
            currency.props["hint"] = _LOCKED
        self._add("currency", currency)

    def _help(self, said: Organisation) -> None:
        with Tag("div", classes="admin-form__row"):
            self._add("support_phone", _line("Phone", said.support_phone, "type=tel"))
            self._add("support_email", _line("E-mail", said.support_email, "type=email"))

    def _map(self, said: Organisation) -> None:
        with Tag("div", classes="admin-form__row"):
            self._add("map_latitude", _number("Latitude", said.map_latitude, -90, 90))
            self._add("map_longitude", _number("Longitude", said.map_longitude, -180, 180))
            self._add("map_zoom", _number("Zoom, 2 to 18", said.map_zoom, 2, 18))
        button("Take the middle of our locations", icon="locate", kind="quiet", on_click=self._take_middle)

    async def _take_middle(self) -> None:
        async with self._context.reading() as session:
            places = await locations(session)
        if not places:
            ui.notify("There are no locations yet.")
            return
        self._fields["map_latitude"].value = round(sum(place.latitude for place in places) / len(places), 4)
        self._fields["map_longitude"].value = round(sum(place.longitude for place in places) / len(places), 4)

    async def _send(self) -> None:
        services = self._context.services
        self._save.props("loading")
        try:
            wanted = read({name: field.value for name, field in self._fields.items()})
            async with self._context.acting() as actor:
                kept = await change_organisation(services.committer, services.directory, services.clock, actor, wanted)
        except VoltdeckError as error:
            self._problem.set_text(str(error))
            self._problem.set_visibility(True)
            return
        finally:
            self._save.props(remove="loading")
        for name, value in asdict(kept).items():
            self._fields[name].value = value
        ui.notify("Saved. Pages that are opened from now on show it.")


def read(values: Mapping[str, Any]) -> Organisation:
    """What was filled in. Raises InvalidInputError for a number that is none."""
    try:
        numbers = {name: float(values[name]) for name in ("map_latitude", "map_longitude", "map_zoom")}
    except (TypeError, ValueError):
        raise InvalidInputError("Map: latitude, longitude and zoom are numbers.") from None
    texts = {name: str(values[name] or "") for name in values if name not in numbers}
    return Organisation(
        **texts,
        map_latitude=numbers["map_latitude"],
        map_longitude=numbers["map_longitude"],
        map_zoom=round(numbers["map_zoom"]),
    )


def _line(label: str, value: str, props: str) -> ui.input:
    return ui.input(label, value=value).props(f"outlined {props}")


def _area(label: str, value: str) -> ui.textarea:
    return ui.textarea(label, value=value).props("outlined autogrow")


def _choice(label: str, options: list[str] | dict[str, str], value: str) -> ui.select:
    known = value if value in options else None
    return ui.select(options, label=label, value=known, with_input=True).props("outlined")


def _number(label: str, value: float, least: float, most: float) -> ui.number:
    return ui.number(label, value=value, min=least, max=most).props("outlined")

"""The fields of a driver and of a vehicle."""

from typing import Any, Final

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from components.form_dialog import FormDialog
from csms.authorization.drivers import (
    DriverForm,
    VehicleForm,
    add_driver,
    add_vehicle,
    change_driver,
    change_vehicle,
)
from csms.errors import VoltdeckError
from models import Driver, Vehicle
from pages.operator.card_words import driver_address
from pages.operator.limit_fields import LimitFields, wh_in
from pages.session import PageContext
from themes.markup import Tag

_LANGUAGES: Final = {
    "": "As the tenant",
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "nl": "Nederlands",
    "es": "Español",
    "it": "Italiano",
    "zh": "中文",
}


def _driver_fields(context: PageContext, form: DriverForm) -> Any:
    with Tag("div", classes="vd-fields"):
        name = ui.input("Name", value=form.name).props("outlined maxlength=200 autofocus")
        email = ui.input("E-mail", value=form.email).props("outlined maxlength=254 type=email")
        phone = ui.input("Phone", value=form.phone).props("outlined maxlength=40 type=tel")
        languages = _LANGUAGES | ({form.language: form.language} if form.language not in _LANGUAGES else {})
        language = ui.select(languages, value=form.language, label="Language").props("outlined")
        reference = ui.input("Number in another system", value=form.external_reference)
        reference.props("outlined maxlength=100").classes("vd-fields__all")
        notes = ui.textarea("Notes", value=form.notes).props("outlined autogrow maxlength=2000")
        notes.classes("vd-fields__all")
        limits = LimitFields(form.limits, context.tenant.currency)

    def read() -> DriverForm:
        return DriverForm(
            name=_text(name),
            email=_text(email),
            phone=_text(phone),
            language=_text(language),
            notes=_text(notes),
            external_reference=_text(reference),
            limits=limits.read(),
        )

    return read


def add_driver_dialog(context: PageContext) -> None:
    """Add a driver; their page opens."""

    async def add() -> None:
        at = context.services.clock.now()
        async with context.acting() as actor:
            row = await context.run(lambda work: add_driver(work, actor, read(), at))
        ui.navigate.to(driver_address(row.id))

    with FormDialog("Add a driver", "Add", add, errors=VoltdeckError, wide=True):
        read = _driver_fields(context, DriverForm(""))


def change_driver_dialog(context: PageContext, row: Driver, on_done: Any) -> None:
    """Change a driver."""

    async def change() -> None:
        at = context.services.clock.now()
        async with context.acting() as actor:
            await context.run(lambda work: change_driver(work, actor, row.id or 0, read(), at))
        await on_done()

    with FormDialog(f"Change {row.name}", "Save", change, errors=VoltdeckError, wide=True):
        read = _driver_fields(context, DriverForm.of(row))


def vehicle_dialog(context: PageContext, driver_id: int, row: Vehicle | None, on_done: Any) -> None:
    """Add a car to a driver, or change one."""

    async def save() -> None:
        at, form, known_id = context.services.clock.now(), read(), row.id if row else None
        async with context.acting() as actor:
            if known_id is None:
                await context.run(lambda work: add_vehicle(work, actor, driver_id, form, at))
            else:
                await context.run(lambda work: change_vehicle(work, actor, known_id, form, at))
        await on_done()

    title = "Add a car" if row is None else f"Change {row.name}"
    with FormDialog(title, "Save", save, errors=VoltdeckError, wide=True), Tag("div", classes="vd-fields"):
        known = row or Vehicle(name="", driver_id=driver_id)
        name = ui.input("Make and model", value=known.name).props("outlined maxlength=100 autofocus")
        plate = ui.input("Number plate", value=known.plate).props("outlined maxlength=20")
        kwh = None if known.battery_wh is None else known.battery_wh / 1000
        battery = ui.number("Battery, kWh", value=kwh, min=0).props("outlined stack-label")
        vin = ui.input("VIN", value=known.vin).props("outlined maxlength=17")
        evcc_id = ui.input("EVCCID (ISO 15118)", value=known.evcc_id).props("outlined maxlength=36")
        mac = ui.input("MAC address (autocharge)", value=known.mac_address).props("outlined maxlength=17")

    def read() -> VehicleForm:
        return VehicleForm(
            name=_text(name),
            plate=_text(plate),
            vin=_text(vin),
            evcc_id=_text(evcc_id),
            mac_address=_text(mac),
            battery_wh=wh_in(battery),
        )


def _text(field: ValueElement) -> str:
    return str(field.value or "")

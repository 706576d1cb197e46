"""Adds a charger: a short form, then what to enter at it, and the wait until it is here."""

from nicegui import ui

from components.controls import button, card
from csms.access.policy import Permission, require
from csms.stations.addresses import usual_profile
from csms.stations.managing import StationPlan, add_station
from csms.stations.queries import locations
from pages.operator.awaiting import Awaiting
from pages.operator.credentials import credentials_card, vendor_card
from pages.operator.forms import Problem, text_field, trying
from pages.operator.station_form import PlaceChoice, name_field, profile_choice
from pages.session import PageContext
from themes.markup import Tag

CRUMB = ("/stations", "Stations")


async def new_station(context: PageContext) -> None:
    """The form; what is wrong with it is said above the button, and nothing typed is lost."""
    require(context.actor, Permission.STATIONS_MANAGE)
    with context.frame.heading("Add a charger", crumb=CRUMB):
        button("Import a table", icon="file-text", href="/stations/import")
    place = ui.context.slot.parent
    async with context.reading() as session:
        places = await locations(session)
    if place.is_deleted:
        return
    with Tag("div", classes="charger-form") as form, card():
        with Tag("div", classes="charger-fields"):
            hint = "The last part of the address it connects to; often its serial number"
            identity = text_field("Identity", example="DE-BER-001", hint=hint)
            name = name_field()
            choice = PlaceChoice(context, places)
            profile = profile_choice(usual_profile(context.services.settings))
            tolerant = ui.checkbox("Tolerate a missing OCPP version in its handshake (old 1.6 chargers)")
            tolerant.classes("wide")
        problem = Problem()

        async def add() -> None:
            async with trying(problem, create):
                placed = choice.read()
                plan = StationPlan(
                    identity.value or "",
                    name.value or "",
                    placed.location_id,
                    placed.location,
                    security_profile=int(profile.value),
                    subprotocol_optional=bool(tolerant.value),
                )
                services = context.services
                secret, now = services.settings.resolved_secret_key(), services.clock.now()
                async with context.acting() as actor:
                    added = await context.run(lambda work: add_station(work, actor, plan, secret, now))
                form.delete()
                with place:
                    show_added(context, added.ref.identity, added.ref.id, plan.security_profile, added.password)

        create = button("Add the charger", icon="plus", kind="primary", on_click=add)
        create.classes("self-start")


def show_added(
    context: PageContext,
    identity: str,
    station_id: int,
    security_profile: int,
    password: str | None,
    *,
    known: bool = False,
) -> None:
    """What to enter, where, and the wait. `known`: it goes on with the password that it has."""
    context.frame.heading(identity, sub="It is registered. Point the charger here now.", crumb=CRUMB)
    with Tag("div", classes="charger-columns"):
        with Tag("div", classes="charger-column"):
            credentials_card(context, identity, security_profile, password, known=known)
            vendor_card(context, identity, security_profile)
        with Tag("div", classes="charger-column"):
            Awaiting(context, station_id, identity)

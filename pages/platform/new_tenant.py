"""Adds a tenant: a short form, then its address and the first Admin's password, shown once."""

from nicegui import ui

from components.controls import button, card
from csms.errors import VoltdeckError
from pages.platform.founding import Founded, NewTenant, currencies, found_tenant, time_zones
from pages.platform.hosts import address_of
from pages.platform.session import PlatformContext
from themes.markup import Tag


async def new_tenant(context: PlatformContext) -> None:
    """The form; what is wrong with it is said above the button, and nothing typed is lost."""
    context.frame.heading("Add a tenant", crumb=("/", "Tenants"))
    with Tag("div", classes="platform-form") as place, card():
        form = _Form()
        problem = Tag("p", "", "plain-problem", role="alert")
        problem.set_visibility(False)

        async def found() -> None:
            create.props("loading")
            try:
                async with context.acting() as actor:
                    founded = await found_tenant(context.services, actor, form.read())
            except VoltdeckError as error:
                problem.set_text(str(error))
                problem.set_visibility(True)
                return
            finally:
                create.props(remove="loading")
            place.clear()
            with place:
                _show(founded)

        create = button("Add the tenant", icon="plus", kind="primary", on_click=found)


class _Form:
    def __init__(self) -> None:
        self._name = _text("Name", "Green Energy")
        self._hostname = _text("Hostname", "charging.example.com")
        self._currency = _choice("Currency", currencies(), "EUR")
        self._time_zone = _choice("Time zone", time_zones(), "Europe/Berlin")
        self._admin_name = _text("First Admin's name", "Ada Lovelace")
        self._admin_email = _text("First Admin's e-mail", "ada@example.com").props("type=email")

    def read(self) -> NewTenant:
        fields = (
            self._name,
            self._hostname,
            self._currency,
            self._time_zone,
            self._admin_name,
            self._admin_email,
        )
        return NewTenant(*(str(field.value or "") for field in fields))


def _text(label: str, example: str) -> ui.input:
    return ui.input(label, placeholder=example).props("outlined stack-label").classes("w-full")


def _choice(label: str, options: list[str], value: str) -> ui.select:
    return ui.select(options, label=label, value=value, with_input=True).props("outlined").classes("w-full")


def _password_words(founded: Founded) -> str:
    if founded.password is None:
        return "the password of the account that exists already."
    return "this password. It is shown only now:"


def _show(founded: Founded) -> None:
    address = address_of(founded.hostname)
    with card("The tenant is ready"):
        with Tag("div", classes="vd-stack vd-stack--tight"):
            Tag("p", "Its dashboard answers at", "vd-muted")
            Tag("a", address, "vd-link platform-address", href=address, target="_blank")
        with Tag("div", classes="vd-stack vd-stack--tight"):
            Tag("p", f"Its Admin signs in as {founded.admin_email} with {_password_words(founded)}", "vd-muted")
            if founded.password is not None:
                Tag("code", founded.password, "platform-password", data_testid="password")
        with Tag("div", classes="vd-row"):
            button("Back to the tenants", href="/")
            button("Add another", kind="quiet", on_click=lambda: ui.navigate.reload())

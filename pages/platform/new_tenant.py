"""Adds a tenant: a short form, then its address and the first Admin's password, shown once."""

from nicegui import ui

from components.controls import button, card
from csms.access.service import hash_password
from csms.errors import VoltdeckError
from csms.tenants.choices import LANGUAGES, currencies, time_zones
from csms.tenants.service import FirstAdmin, Founded, NewTenant, first_password, found_tenant
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
            services, password = context.services, first_password()
            try:
                async with context.acting() as actor:
                    admin = form.admin(await hash_password(password))
                    founded = await found_tenant(
                        services.committer,
                        services.directory,
                        services.clock,
                        services.settings,
                        actor,
                        form.read(),
                        admin,
                    )
            except VoltdeckError as error:
                problem.set_text(str(error))
                problem.set_visibility(True)
                return
            finally:
                create.props(remove="loading")
            place.clear()
            with place:
                _show(founded, admin.email, password if founded.is_new_person else None)

        create = button("Add the tenant", icon="plus", kind="primary", on_click=found)


class _Form:
    def __init__(self) -> None:
        self._name = _text("Name", "Green Energy")
        self._hostname = _text("Hostname", "charging.example.com")
        self._currency = _choice("Currency", currencies(), "EUR")
        self._time_zone = _choice("Time zone", time_zones(), "Europe/Berlin")
        self._language = _choice("Language", LANGUAGES, "en-GB")
        self._admin_name = _text("First Admin's name", "Ada Lovelace")
        self._admin_email = _text("First Admin's e-mail", "ada@example.com").props("type=email")

    def read(self) -> NewTenant:
        return NewTenant(
            name=str(self._name.value or ""),
            currency=str(self._currency.value or ""),
            time_zone=str(self._time_zone.value or ""),
            hostnames=(str(self._hostname.value or ""),),
            language=str(self._language.value or ""),
        )

    def admin(self, password_hash: str) -> FirstAdmin:
        return FirstAdmin(
            str(self._admin_name.value or ""), str(self._admin_email.value or "").strip().casefold(), password_hash
        )


def _text(label: str, example: str) -> ui.input:
    return ui.input(label, placeholder=example).props("outlined stack-label").classes("w-full")


def _choice(label: str, options: list[str] | dict[str, str], value: str) -> ui.select:
    return ui.select(options, label=label, value=value, with_input=True).props("outlined").classes("w-full")


def _password_words(password: str | None) -> str:
    if password is None:
        return "the password of the account that exists already."
    return "this password. It is shown only now:"


def _show(founded: Founded, email: str, password: str | None) -> None:
    address = address_of(founded.hostname)
    with card("The tenant is ready"):
        with Tag("div", classes="vd-stack vd-stack--tight"):
            Tag("p", "Its dashboard answers at", "vd-muted")
            Tag("a", address, "vd-link platform-address", href=address, target="_blank")
        with Tag("div", classes="vd-stack vd-stack--tight"):
            Tag("p", f"Its Admin signs in as {email} with {_password_words(password)}", "vd-muted")
            if password is not None:
                Tag("code", password, "platform-password", data_testid="password")
        with Tag("div", classes="vd-row"):
            button("Back to the tenants", href="/")
            button("Add another", kind="quiet", on_click=lambda: ui.navigate.reload())

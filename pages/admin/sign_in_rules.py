"""How the tenant's people sign in: a second step for everybody, and single sign-on at their own provider."""

from dataclasses import replace
from typing import Final

from nicegui import ui

from components.controls import button, card
from components.copyable import Copyable
from csms.access.policy import Permission, require
from csms.access.rules import Rules, change_rules, rules_in_scope
from csms.access.single_sign_on import CALLBACK
from csms.errors import InvalidInputError, VoltdeckError
from models import Role
from pages.admin.settings import CRUMB
from pages.session import PageContext
from themes.markup import Tag

ROLES: Final = {role.value: role.value.title() for role in Role}
_KEPT: Final = "Leave it empty to keep the one there is."


async def sign_in_rules(context: PageContext) -> None:
    """The page."""
    require(context.actor, Permission.TENANT_MANAGE)
    async with context.reading() as session:
        rules = await rules_in_scope(session)
    sub = "What is asked of everybody, and whether your own identity provider lets people in."
    context.frame.heading("Sign-in", sub=sub, crumb=CRUMB)
    with Tag("div", classes="people-form"):
        _SecondStep(context, rules)
        _Provider(context, rules)


class _SecondStep:
    def __init__(self, context: PageContext, rules: Rules) -> None:
        self._context = context
        with card("Second step", sub="A code from a phone, beside the password."):
            self._asked = ui.switch("Ask it of everybody", value=rules.require_second_factor)
            Tag(
                "p",
                "Whoever has none yet sets up an authenticator app at their next sign-in. People who come by single "
                "sign-on are not asked: their provider is.",
                "vd-muted",
            )
            self._problem = _problem()
            button("Save", kind="primary", on_click=self._save)

    async def _save(self) -> None:
        self._problem.set_text("")
        try:
            async with self._context.acting() as actor:
                services = self._context.services
                now, vault, asked = services.clock.now(), services.entrance.vault, bool(self._asked.value)
                async with self._context.reading() as session:
                    rules = await rules_in_scope(session)
                await self._context.run(
                    lambda work: change_rules(work, actor, vault, replace(rules, require_second_factor=asked), now=now)
                )
        except VoltdeckError as error:
            self._problem.set_text(str(error))
            return
        ui.notify("Saved.")


class _Provider:
    def __init__(self, context: PageContext, rules: Rules) -> None:
        self._context = context
        with card("Single sign-on", sub="OpenID Connect: Keycloak, Entra ID, Google Workspace and others."):
            Copyable(context.host.address + CALLBACK, "Redirect address, to be entered at the provider")
            self._issuer = _text("Issuer", rules.issuer, "https://login.example.com/realms/staff")
            self._label = _text("Name on the button", rules.label, "Example SSO").props("maxlength=40")
            self._client_id = _text("Client id", rules.client_id)
            self._secret = ui.input("Client secret", password=True, placeholder=_KEPT if rules.issuer else "")
            self._secret.props("outlined stack-label autocomplete=new-password").classes("w-full")
            self._domains = _text(
                "E-mail domains let in without an invitation", ", ".join(rules.domains), "example.com"
            )
            self._default = ui.select(ROLES, value=rules.default_role, label="Role to begin with").props("outlined")
            self._default.classes("w-full")
            self._claim = _text("Claim that decides on roles (optional)", rules.role_claim, "groups")
            values = "\n".join(f"{value} = {role}" for value, role in rules.role_values.items())
            self._values = ui.textarea("Its values, one a line", value=values, placeholder="charging-admins = admin")
            self._values.props("outlined stack-label autogrow").classes("w-full")
            self._only = ui.switch("Single sign-on only", value=rules.is_only_way)
            Tag(
                "p",
                "Passwords then open nothing here, except for Admins: so nobody is locked out when the provider fails.",
                "vd-muted",
            )
            self._problem = _problem()
            with Tag("div", classes="vd-row"):
                button("Check and save", kind="primary", on_click=self._save)
                if rules.issuer:
                    button("Turn off", kind="danger", on_click=self._turn_off)

    async def _save(self) -> None:
        self._problem.set_text("")
        try:
            rules = self._read()
            await self._context.services.single_sign_on.check(rules.issuer)
            await self._store(rules, str(self._secret.value) if self._secret.value else None)
        except VoltdeckError as error:
            self._problem.set_text(str(error))
            return
        ui.notify("The provider answers, and is set up. Try it in another browser before you sign out here.")
        self._secret.set_value("")

    async def _turn_off(self) -> None:
        try:
            await self._store(Rules(), "")
        except VoltdeckError as error:
            self._problem.set_text(str(error))
            return
        ui.navigate.reload()

    async def _store(self, rules: Rules, secret: str | None) -> None:
        services = self._context.services
        async with self._context.acting() as actor:
            async with self._context.reading() as session:
                present = await rules_in_scope(session)
            kept = replace(rules, require_second_factor=present.require_second_factor)
            now, vault = services.clock.now(), services.entrance.vault
            await self._context.run(lambda work: change_rules(work, actor, vault, kept, secret=secret, now=now))

    def _read(self) -> Rules:
        if not str(self._issuer.value or "").strip():
            raise InvalidInputError("Issuer: the address by which the provider calls itself.")
        return Rules(
            issuer=str(self._issuer.value).strip(),
            label=str(self._label.value or ""),
            client_id=str(self._client_id.value or "").strip(),
            domains=tuple(str(self._domains.value or "").replace(",", " ").split()),
            default_role=str(self._default.value),
            role_claim=str(self._claim.value or "").strip(),
            role_values=_values(str(self._values.value or "")),
            is_only_way=bool(self._only.value),
        )


def _values(text: str) -> dict[str, str]:
    """Lines `group = role`."""
    meant: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        value, sign, role = line.rpartition("=")
        if not sign or not value.strip():
            raise InvalidInputError(f"Its values: {line!r} is not of the form group = role.")
        meant[value.strip()] = role.strip().casefold()
    return meant


def _text(label: str, value: str, example: str = "") -> ui.input:
    return ui.input(label, value=value, placeholder=example).props("outlined stack-label").classes("w-full")


def _problem() -> Tag:
    return Tag("p", "", "vd-sheet__error", role="alert")

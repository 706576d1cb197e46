"""Everybody's own account: name, password, second step, and where they are signed in."""

from nicegui import ui

from components.age import Age
from components.controls import button, card
from components.copyable import Copyable
from components.form_dialog import FormDialog, show_once
from csms.access import account
from csms.access.passwords import RULE
from csms.access.policy import PLATFORM, SINGLE_SIGN_ON, Actor
from csms.access.second_factor import Enrolment, codes_left, has_second_factor
from csms.access.sessions import SessionRow, list_sessions, revoke_other_sessions, revoke_session
from csms.errors import InvalidInputError, VoltdeckError
from pages.browsers import browser_words
from pages.platform.session import PlatformContext
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

Context = PageContext | PlatformContext
KEEP_CODES = (
    "Each stands in for your app once, for the day your phone is lost. They are shown only now: print them, or keep "
    "them in a password manager."
)


async def own_account(context: Context) -> None:
    """The page."""
    context.frame.heading("Your account", sub=context.actor.email)
    with Tag("div", classes="people-form"):
        if account.owns_account(context.actor):
            _Profile(context)
            await _SecondStep(context).show()
        else:
            _not_yours(context.actor)
        await _Sessions(context).show()


def _not_yours(actor: Actor) -> None:
    text = (
        "You are here as the platform's owner. Name, password and second step are changed on the platform's own pages."
        if actor.means == PLATFORM
        else "You came in by your organisation's single sign-on, and your password and second step are looked after "
        "there. To change what you have here, sign in with your password."
    )
    with card("Name, password and second step"):
        Tag("p", text, "vd-muted")


class _Profile:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._place = ui.context.slot.parent
        with card("Name"):
            self._name = ui.input("Your name", value=context.actor.name)
            self._name.props("outlined stack-label maxlength=100 autocomplete=name").classes("w-full")
            self._problem = Tag("p", "", "vd-sheet__error", role="alert")
            button("Save the name", on_click=self._save)
        with card("Password", sub="Changing it ends all your other sign-ins."):
            button("Change the password", icon="key-round", on_click=self._change_password)

    async def _save(self) -> None:
        self._problem.set_text("")
        try:
            async with self._context.acting() as actor:
                await account.change_name(self._context.services.entrance, actor, str(self._name.value or ""))
        except VoltdeckError as error:
            self._problem.set_text(str(error))
            return
        ui.navigate.reload()

    def _change_password(self) -> None:
        async def change() -> None:
            if new.value != again.value:
                raise InvalidInputError("The two new passwords are not the same.")
            async with self._context.acting() as actor:
                entrance, token, host = self._context.services.entrance, self._context.token, self._context.host
                words = (str(old.value or ""), str(new.value or ""))
                await account.change_password(entrance, actor, token, *words, host)
            ui.notify("Your password was changed. Your other sign-ins have ended.")

        with self._place, FormDialog("Change the password", "Change", change, errors=VoltdeckError, text=RULE):
            old = password_field("Present password")
            new = password_field("New password", "new-password")
            again = password_field("New password again", "new-password")


class _SecondStep:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._place = ui.context.slot.parent
        with card("Second step", sub="A code from an authenticator app, beside your password."):
            self._body = Tag("div", classes="vd-stack")

    async def show(self) -> None:
        """As it is now."""
        user_id = self._context.actor.user_id or 0
        async with self._context.reading() as session:
            is_on, left = await has_second_factor(session, user_id), await codes_left(session, user_id)
        self._body.clear()
        with self._body:
            if is_on:
                with Tag("p", classes="vd-row"):
                    icon("shield-check")
                    Tag("span", f"On. {left} of your recovery codes are left.")
                with Tag("div", classes="vd-row"):
                    button("New recovery codes", icon="refresh-cw", on_click=self._renew)
                    button("Turn off", kind="danger", on_click=self._turn_off)
            else:
                Tag("p", "Off. With it, a password that was stolen or guessed opens nothing.", "vd-muted")
                button("Set up an app", icon="shield-check", on_click=self._set_up)

    def _set_up(self) -> None:
        async def begin() -> None:
            async with self._context.acting() as actor:
                issuer = self._context.frame.brand.app_name
                enrolment = await account.begin_second_factor(
                    self._context.services.entrance, actor, str(password.value or ""), issuer
                )
            self._scan(enrolment)

        text = "First, your password: nobody who finds this open page should do it for you."
        with self._place, FormDialog("Set up an app", "Continue", begin, errors=VoltdeckError, text=text):
            password = password_field("Your password")

    def _scan(self, enrolment: Enrolment) -> None:
        async def confirm() -> None:
            async with self._context.acting() as actor:
                codes = await account.confirm_second_factor(
                    self._context.services.entrance, actor, str(code.value or "")
                )
            self._show_codes(codes)
            await self.show()

        text = "Scan this with an app such as Aegis, Google Authenticator or 1Password, and type the code it shows."
        with self._place, FormDialog("Scan the code", "Confirm", confirm, errors=VoltdeckError, text=text):
            picture = ui.html(enrolment.svg, sanitize=False).classes("people-qr")
            picture.props["role"] = "img"
            picture.props["aria-label"] = "QR code for an authenticator app"
            Copyable(enrolment.spelled, "Key, if you cannot scan")
            code = ui.input("Code the app shows").props(
                "outlined stack-label autofocus inputmode=numeric autocomplete=one-time-code maxlength=10"
            )

    def _renew(self) -> None:
        async def renew() -> None:
            async with self._context.acting() as actor:
                codes = await account.new_recovery_codes(
                    self._context.services.entrance, actor, str(password.value or "")
                )
            self._show_codes(codes)
            await self.show()

        text = "The ones you have stop working."
        with self._place, FormDialog("New recovery codes", "Make new ones", renew, errors=VoltdeckError, text=text):
            password = password_field("Your password")

    def _turn_off(self) -> None:
        async def remove() -> None:
            async with self._context.acting() as actor:
                await account.give_up_second_factor(
                    self._context.services.entrance, actor, str(password.value or ""), self._context.host
                )
            await self.show()

        with (
            self._place,
            FormDialog(
                "Turn off the second step?",
                "Turn off",
                remove,
                errors=VoltdeckError,
                text="A password alone then signs you in.",
                danger=True,
            ),
        ):
            password = password_field("Your password")

    def _show_codes(self, codes: list[str]) -> None:
        with self._place:
            show_once(
                "Keep these codes",
                KEEP_CODES,
                lambda: Copyable("\n".join(codes), "Recovery codes"),
                verb="I have kept them",
            )


class _Sessions:
    def __init__(self, context: Context) -> None:
        self._context = context
        sub = "Here; other organisations' pages have sign-ins of their own."
        with card("Where you are signed in", sub=sub) as frame:
            self._actions, self._body = frame.actions, Tag("ul", classes="people-sessions")

    async def show(self) -> None:
        """As it is now."""
        context = self._context
        async with context.reading() as session:
            rows = await list_sessions(session, context.actor, context.token, context.services.clock.now())
        self._body.clear()
        with self._body:
            for row in sorted(rows, key=lambda row: not row.is_this):
                self._row(row)
        self._actions.clear()
        if len(rows) > 1:
            with self._actions:
                button("Sign out everywhere else", icon="log-out", on_click=self._revoke_others)

    def _row(self, row: SessionRow) -> None:
        with Tag("li", classes="people-session"):
            icon("monitor")
            with Tag("div", classes="people-session__text"):
                Tag("span", browser_words(row.user_agent), "people-session__name")
                with Tag("span", classes="vd-muted"):
                    Tag("span", f"{row.address or 'unknown address'} · signed in{_by(row)} ")
                    Age(row.created_at)
                    Tag("span", " · seen ")
                    Age(row.last_seen_at)
            if row.is_this:
                Tag("span", "This one", "vd-tag")
            else:
                end = button("Sign out", kind="quiet", on_click=lambda: self._revoke(row.id))
                end.props["aria-label"] = f"Sign out {browser_words(row.user_agent)} at {row.address}"

    async def _revoke(self, session_id: str) -> None:
        services = self._context.services
        try:
            async with self._context.acting() as actor:
                await services.committer.run(lambda work: revoke_session(work, actor, session_id, services.clock.now()))
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
        await self.show()

    async def _revoke_others(self) -> None:
        services, token = self._context.services, self._context.token
        async with self._context.acting() as actor:
            await services.committer.run(lambda work: revoke_other_sessions(work, actor, token, services.clock.now()))
        await self.show()


def _by(row: SessionRow) -> str:
    return " by single sign-on" if row.means == SINGLE_SIGN_ON else ""


def password_field(label: str, kind: str = "current-password") -> ui.input:
    """A field for a password, which can be shown."""
    field = ui.input(label, password=True, password_toggle_button=True)
    return field.props(f"outlined stack-label autocomplete={kind} maxlength=256")

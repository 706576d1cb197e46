"""Invites people to make a tenant of their own, and shows who has been invited."""

from typing import Final

from nicegui import ui

from components.confirm import confirm
from components.controls import button, card, icon_button
from components.empty import empty_state
from csms.errors import VoltdeckError
from csms.tenants.service import invite, withdraw
from csms.tenants.signing_up import open_invitations
from models import SignUp
from pages.platform.session import PlatformContext
from themes.markup import Tag

_MEANING: Final = {
    "closed": "Sign-up is closed on this installation. Set VOLTDECK_SIGN_UP to “invited” or “open” to let people in.",
    "invited": "Only whom you send a link may make a tenant.",
    "open": "Everybody may make a tenant at /sign-up; whom you send a link need not confirm their address first.",
}


async def invitations(context: PlatformContext) -> None:
    """A field for the address, and the invitations that can still be used."""
    mode = context.services.settings.sign_up
    context.frame.heading("Invitations", sub=_MEANING[mode])
    await InvitationPage(context, is_closed=mode == "closed").show()


class InvitationPage:
    """The field and the list."""

    def __init__(self, context: PlatformContext, *, is_closed: bool) -> None:
        self._context = context
        with Tag("div", classes="platform-form"):
            self._build(is_closed=is_closed)

    def _build(self, *, is_closed: bool) -> None:
        with card("Invite somebody"):
            self._email = ui.input("E-mail", placeholder="ada@example.com").props("outlined stack-label type=email")
            self._email.classes("w-full").on("keydown.enter", self._invite)
            self._problem = Tag("p", "", "plain-problem", role="alert")
            self._problem.set_visibility(False)
            self._send = button("Send the invitation", icon="send", kind="primary", on_click=self._invite)
            if is_closed:
                self._email.disable()
                self._send.disable()
        with card("Open invitations"):
            self._list = Tag("ul", classes="platform-list")

    async def show(self) -> None:
        """Read the list anew."""
        context = self._context
        async with context.reading() as session:
            rows = await open_invitations(session, context.services.clock.now())
        self._list.clear()
        with self._list:
            for row in rows:
                self._row(row)
            if not rows:
                with Tag("li"):
                    empty_state("No open invitations", "Whom you invite stands here until they have come.", icon="send")

    def _row(self, row: SignUp) -> None:
        with Tag("li", classes="platform-list__row"):
            with Tag("div", classes="platform-list__text"):
                Tag("span", row.email, "platform-list__title")
                Tag("span", f"Until {row.expires_at:%d %B %Y} · invited by {row.invited_by}", "vd-muted")
            icon_button("trash-2", f"Withdraw the invitation of {row.email}", on_click=lambda: self._withdraw(row))

    async def _invite(self) -> None:
        services, email = self._context.services, str(self._email.value or "")
        self._problem.set_visibility(False)
        try:
            async with self._context.acting() as actor:
                await invite(services.committer, services.clock, services.settings, actor, email)
        except VoltdeckError as error:
            self._problem.set_text(str(error))
            self._problem.set_visibility(True)
            return
        self._email.set_value("")
        where = "" if services.settings.smtp_url else f" It lies in {services.settings.data_dir / 'mail'}."
        ui.notify(f"The invitation is on its way to {email.strip()}.{where}")
        await self.show()

    async def _withdraw(self, row: SignUp) -> None:
        if not await confirm(f"Withdraw the invitation of {row.email}?", "Its link ends at once.", verb="Withdraw"):
            return
        async with self._context.acting() as actor:
            await withdraw(self._context.services.committer, actor, row.token_hash)
        await self.show()

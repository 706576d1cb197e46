"""Who works for the tenant: members with their roles, and invitations that are on their way."""

from collections.abc import Coroutine
from typing import Any, Final

from nicegui import ui

from components.confirm import confirm
from components.controls import button, card
from components.copyable import Copyable
from components.data_table import Cell, Column, DataTable, Page, Query
from components.details import Details
from components.empty import Empty
from components.form_dialog import FormDialog, show_once
from csms.access.invitations import ROLE_WORDS, invite, send_again, withdraw
from csms.access.members import (
    Invited,
    Member,
    change_role,
    end_sign_ins,
    list_invitations,
    list_members,
    remove_member,
)
from csms.access.policy import Permission, require
from csms.errors import VoltdeckError
from models import Role
from pages.admin.settings import CRUMB
from pages.session import PageContext
from themes.markup import Tag

MEMBERS: Final = (
    Column("name", "Name", kind="link", mobile="title"),
    Column("role", "Role", mobile="side"),
    Column("second", "Second step", kind="muted"),
    Column("seen", "Last seen", kind="age", align="right"),
)
INVITATIONS: Final = (
    Column("email", "E-mail", kind="link", mobile="title"),
    Column("role", "Role", mobile="side"),
    Column("by", "Invited by", kind="muted"),
    Column("sent", "Sent", kind="age", align="right"),
    Column("until", "Works until", align="right"),
)
_ROLES: Final = {role.value: words for role, words in ROLE_WORDS.items()}


async def people(context: PageContext) -> None:
    """The page."""
    require(context.actor, Permission.STAFF_MANAGE)
    PeoplePage(context)


class PeoplePage:
    """Both lists, and the dialogs that change them."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._members: dict[str, Member] = {}
        self._invited: dict[str, Invited] = {}
        self._place = ui.context.slot.parent
        sub = "Who may sign in here, and what each of them may do."
        with context.frame.heading("People", sub=sub, crumb=CRUMB):
            button("Invite", icon="plus", kind="primary", on_click=self._invite)
        with card("Members", flush=True):
            self._table = DataTable(MEMBERS, self._fetch, search="Search members", on_open=self._open, title="Members")
        with card("Invitations", sub="Each link works once, for a week.", flush=True):
            self._waiting = DataTable(
                INVITATIONS,
                self._fetch_invited,
                empty=Empty(
                    "Nobody is invited",
                    "Invite somebody by e-mail; they choose their own password.",
                    icon="users",
                    action=("Invite", self._invite),
                ),
                on_open=self._open_invited,
                title="Invitations",
            )

    async def _fetch(self, query: Query) -> Page:
        async with self._context.reading() as session:
            found = await list_members(session)
        fitting = [one for one in found if query.search.casefold() in f"{one.name} {one.email}".casefold()]
        self._members = {str(one.user_id): one for one in fitting}
        shown = fitting[query.offset : query.offset + query.limit]
        return Page([self._member_row(one) for one in shown], len(fitting))

    async def _fetch_invited(self, query: Query) -> Page:
        async with self._context.reading() as session:
            found = await list_invitations(session)
        self._invited = {str(one.id): one for one in found}
        return Page([self._invited_row(one) for one in found[query.offset : query.offset + query.limit]], len(found))

    def _member_row(self, one: Member) -> dict[str, Any]:
        you = " (you)" if one.user_id == self._context.actor.user_id else ""
        return {
            "id": str(one.user_id),
            "name": Cell(one.name + you, sub=one.email),
            "role": one.role.title(),
            "second": _second_step(one),
            "seen": one.last_seen_at.isoformat() if one.last_seen_at else None,
            "opens": True,
        }

    def _invited_row(self, one: Invited) -> dict[str, Any]:
        over = one.expires_at <= self._context.services.clock.now()
        return {
            "id": str(one.id),
            "email": one.email,
            "role": one.role.title(),
            "by": one.invited_by,
            "sent": one.sent_at.isoformat(),
            "until": "Expired" if over else self._context.formats.moment(one.expires_at),
            "opens": True,
        }

    def _invite(self) -> None:
        async def send() -> None:
            role = Role(str(chosen.value))
            async with self._context.acting() as actor:
                host, now = self._context.host, self._context.services.clock.now()
                link = await self._context.run(
                    lambda work: invite(work, actor, str(email.value or ""), role, host, now=now)
                )
            await self._sent(str(email.value), link)

        with FormDialog(
            "Invite somebody",
            "Send the invitation",
            send,
            errors=VoltdeckError,
            text="They get a link by mail, and choose their own password, or use the account they have.",
        ):
            email = ui.input("E-mail").props("outlined stack-label type=email autofocus maxlength=254")
            chosen = ui.select(_ROLES, value=Role.OPERATOR.value, label="Role").props("outlined")

    async def _sent(self, email: str, link: str) -> None:
        await self._waiting.reload()
        if self._context.services.settings.smtp_url is not None:
            ui.notify(f"The invitation to {email} is on its way.")
            return
        with self._place:
            show_once(
                "Hand over this link",
                f"No mail server is set up on this platform, so give {email} the link yourself. It is shown only now.",
                lambda: Copyable(link, "Link of the invitation"),
            )

    def _open(self, key: str) -> None:
        one = self._members.get(key)
        if one is None:
            return

        async def change() -> None:
            role = Role(str(chosen.value))
            async with self._context.acting() as actor:
                now = self._context.services.clock.now()
                await self._context.run(lambda work: change_role(work, actor, one.user_id, role, now=now))
            ui.notify(f"{one.name} is {role.value.title()} now.")
            await self._table.reload()

        with self._place, FormDialog(one.name, "Save", change, errors=VoltdeckError, text=one.email) as dialog:
            Details({"Second step": _second_step(one), "Last seen": self._context.formats.moment(one.last_seen_at)})
            chosen = ui.select(_ROLES, value=one.role, label="Role").props("outlined")
            with Tag("div", classes="vd-row"):
                button("End their sign-ins", icon="log-out", on_click=lambda: self._after(dialog, self._sign_out(one)))
                button(
                    "Remove from here",
                    icon="trash-2",
                    kind="danger",
                    on_click=lambda: self._after(dialog, self._remove(one)),
                )

    async def _after(self, dialog: FormDialog, deed: Coroutine[Any, Any, None]) -> None:
        """Close the dialog, which is gone then, and go on where it was opened."""
        dialog.close()
        with self._place:
            await deed

    async def _sign_out(self, one: Member) -> None:
        try:
            async with self._context.acting() as actor:
                now = self._context.services.clock.now()
                ended = await self._context.run(lambda work: end_sign_ins(work, actor, one.user_id, now=now))
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
            return
        ui.notify(f"{one.name} was signed out here." if ended else f"{one.name} was not signed in here.")

    async def _remove(self, one: Member) -> None:
        sure = await confirm(
            f"Remove {one.name}?",
            "They are signed out here at once, and cannot sign in any more. What they did stays in the audit log.",
            verb="Remove",
            danger=True,
        )
        if not sure:
            return
        try:
            async with self._context.acting() as actor:
                now = self._context.services.clock.now()
                await self._context.run(lambda work: remove_member(work, actor, one.user_id, now=now))
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
            return
        ui.notify(f"{one.name} was removed.")
        await self._table.reload()

    def _open_invited(self, key: str) -> None:
        one = self._invited.get(key)
        if one is None:
            return

        async def again() -> None:
            async with self._context.acting() as actor:
                host, now = self._context.host, self._context.services.clock.now()
                link = await self._context.run(lambda work: send_again(work, actor, one.id, host, now=now))
            await self._sent(one.email, link)

        text = "Sending it again makes a new link for another week; the old one stops working."
        with self._place, FormDialog(one.email, "Send again", again, errors=VoltdeckError, text=text) as dialog:
            Details({"Role": one.role.title(), "Invited by": one.invited_by})
            button(
                "Withdraw the invitation", icon="ban", kind="danger", on_click=lambda: self._withdraw(one, dialog)
            ).classes("self-start")

    async def _withdraw(self, one: Invited, dialog: FormDialog) -> None:
        dialog.close()
        try:
            async with self._context.acting() as actor:
                now = self._context.services.clock.now()
                await self._context.run(lambda work: withdraw(work, actor, one.id, now=now))
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
        else:
            ui.notify(f"The invitation of {one.email} was withdrawn.")
        await self._waiting.reload()


def _second_step(one: Member) -> str:
    kinds = [
        words for has, words in ((one.has_second_factor, "App"), (one.has_single_sign_on, "Single sign-on")) if has
    ]
    return " and ".join(kinds) or "None"

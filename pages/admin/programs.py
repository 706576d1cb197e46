"""API keys: which programs may do what for the tenant, the way to a new key, and the end of one."""

from datetime import timedelta
from typing import Any, Final

from nicegui import ui

from components.controls import button, card
from components.copyable import Copyable
from components.data_table import Cell, Column, DataTable, Page, Query
from components.details import Details
from components.empty import Empty
from components.form_dialog import FormDialog, show_once
from csms.access.policy import Permission, allowed, deed, require
from csms.access.programs import create_key, list_keys, revoke_key
from csms.errors import VoltdeckError
from csms.work import Work
from models import ApiKey
from pages.admin.settings import CRUMB
from pages.session import PageContext
from themes.markup import Tag

COLUMNS: Final = (
    Column("name", "Key", mobile="title"),
    Column("state", "State", mobile="side"),
    Column("scopes", "May"),
    Column("ends", "Ends", kind="muted"),
    Column("used_at", "Last used", kind="age", align="right"),
)
LIFETIMES: Final = {30: "In 30 days", 90: "In 90 days", 365: "In a year", 0: "Never"}
SHOWN_ONCE: Final = (
    "Your program sends it with every request: “Authorization: Bearer …”. It is shown only now; of it we keep a "
    "fingerprint alone."
)


async def programs(context: PageContext) -> None:
    """Every API key of the tenant; a click on one shows it and offers to end it."""
    require(context.actor, Permission.PROGRAMS_MANAGE)
    ProgramsPage(context)


class ProgramsPage:
    """Heading with the way to a new key, and the list."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._place = ui.context.slot.parent
        self._keys: dict[str, ApiKey] = {}
        sub = "Programs act for you with a key of their own, each with what it may do and no more."
        with context.frame.heading("API keys", sub=sub, crumb=CRUMB):
            button(
                "API documentation", icon="external-link", on_click=lambda: ui.navigate.to("/api/v1/docs", new_tab=True)
            )
            button("Make a key", icon="plus", kind="primary", on_click=self._ask)
        with card(flush=True):
            Tag("h2", "All keys", "vd-hidden")
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                empty=Empty(
                    "No API keys yet",
                    "Make one, and a program of yours can read sessions, control stations, or whatever you let it.",
                    icon="key-round",
                    action=("Make a key", self._ask),
                ),
                on_open=self._open,
                title="API keys",
            )

    async def _fetch(self, query: Query) -> Page:
        async with self._context.reading() as session:
            rows = await list_keys(session, self._context.actor)
        self._keys = {str(row.id): row for row in rows}
        shown = rows[query.offset : query.offset + query.limit]
        return Page([self._row(row) for row in shown], len(rows))

    def _row(self, row: ApiKey) -> dict[str, Any]:
        state, words = self._state(row)
        ends = row.revoked_at or row.expires_at
        return {
            "id": str(row.id),
            "name": Cell(row.name, sub=f"vd_{row.prefix}_…"),
            "state": Cell(words, status=state),
            "scopes": Cell(_in_short(row.scopes), title=", ".join(row.scopes)),
            "ends": self._context.formats.moment(ends) if ends else "Never",
            "used_at": row.last_used_at.isoformat() if row.last_used_at else None,
            "opens": words == "Good",
        }

    def _state(self, row: ApiKey) -> tuple[str, str]:
        if row.revoked_at is not None:
            return "Unavailable", "Revoked"
        if row.expires_at is not None and row.expires_at <= self._context.services.clock.now():
            return "Unavailable", "Expired"
        return "Available", "Good"

    def _ask(self) -> None:
        with FormDialog("Make an API key", "Make the key", self._make, errors=VoltdeckError, wide=True):
            self._name = ui.input("What it is for", placeholder="Billing export")
            self._name.props("outlined stack-label autofocus maxlength=100")
            self._lifetime = ui.select(LIFETIMES, value=90, label="It ends").props("outlined").classes("w-full")
            with Tag("fieldset", classes="vd-choices"):
                Tag("legend", "The program may")
                self._scopes = {
                    permission: ui.checkbox(f"{deed(permission)} ({permission})").props("dense")
                    for permission in Permission
                    if allowed(self._context.actor, permission)
                }

    async def _make(self) -> None:
        now = self._context.services.clock.now()
        days = int(self._lifetime.value or 0)
        chosen = [permission for permission, box in self._scopes.items() if box.value]
        async with self._context.acting() as actor:

            async def unit(work: Work) -> str:
                expires_at = now + timedelta(days=days) if days else None
                name = str(self._name.value or "")
                return (await create_key(work, actor, name=name, scopes=chosen, expires_at=expires_at, at=now)).secret

            secret = await self._context.run(unit)
        with self._place:
            show_once("The key is made", SHOWN_ONCE, lambda: Copyable(secret, "API key"), verb="I have kept it")
        await self._table.reload()

    def _open(self, key_id: str) -> None:
        row = self._keys[key_id]
        text = "Revoked, the program that bears it is turned away at once. This cannot be taken back."
        made = f"{self._context.formats.moment(row.created_at)} by {row.created_by}"

        async def revoke() -> None:
            async with self._context.acting() as actor:
                now = self._context.services.clock.now()
                await self._context.run(lambda work: revoke_key(work, actor, row.id or 0, now))
            await self._table.reload()

        with FormDialog(row.name, "Revoke", revoke, errors=VoltdeckError, text=text, danger=True):
            Details({"Begins with": f"vd_{row.prefix}_", "May": ", ".join(row.scopes), "Made": made})


def _in_short(scopes: list[str]) -> str:
    return ", ".join(scopes) if len(scopes) <= 2 else f"{len(scopes)} things"

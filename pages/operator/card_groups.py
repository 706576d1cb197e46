"""Groups of cards, and how all cards are judged."""

from typing import Any, Final

from nicegui import ui

from components.confirm import confirm
from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Page, Query
from components.empty import Empty
from components.form_dialog import FormDialog
from csms.access.policy import Permission
from csms.authorization.groups import (
    LONGEST,
    LONGEST_IN_16,
    GroupForm,
    PolicyForm,
    add_group,
    change_group,
    change_policy,
    delete_group,
)
from csms.authorization.limits import NO_LIMITS, Limits
from csms.authorization.queries import GroupEntry, current_policy, list_groups
from csms.errors import VoltdeckError
from models import AuthorizationPolicy
from pages.operator.limit_fields import LimitFields
from pages.session import PageContext
from themes.markup import Tag

COLUMNS: Final = (
    Column("name", "Group", kind="link", mobile="title"),
    Column("value", "Id on the wire", kind="mono"),
    Column("limits", "Limits", kind="muted"),
    Column("cards", "Cards", kind="num", align="right"),
)
SUB: Final = "Cards of a group may end each other's sessions, and share the group's limits"
_NONE: Final = ""


class CardGroups:
    """The table of groups; a click on one opens it."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._place = ui.context.slot.parent
        self._rows: dict[str, GroupEntry] = {}
        self._may = context.may(Permission.TOKENS_MANAGE)
        with card("Groups", sub=SUB, flush=True) as frame:
            if self._may:
                with frame.actions:
                    button("How cards are judged", icon="shield-check", kind="quiet", on_click=self._policy)
                    button("Add a group", icon="plus", on_click=self._add)
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                empty=Empty(
                    "No groups yet",
                    "A group is for a household, a fleet or a works council: one card begins, another may end.",
                    icon="users",
                ),
                on_open=self._open,
                title="Groups",
            )

    async def _fetch(self, _: Query) -> Page:
        async with self._context.reading() as session:
            entries = await list_groups(session)
            policy = await current_policy(session)
        self._rows = {str(one.group.id): one for one in entries}
        return Page([self._row(one, policy) for one in entries], len(entries))

    def _row(self, entry: GroupEntry, policy: AuthorizationPolicy) -> dict[str, Any]:
        group = entry.group
        is_master = group.value == policy.master_pass_group
        return {
            "id": str(group.id),
            "name": Cell(group.name, sub="Master pass: ends any session, begins none" if is_master else ""),
            "value": group.value,
            "limits": limit_words(Limits.of(group), self._context),
            "cards": str(entry.cards),
            "opens": self._may,
        }

    def _add(self) -> None:
        async def add() -> None:
            at = self._context.services.clock.now()
            async with self._context.acting() as actor:
                await self._context.run(lambda work: add_group(work, actor, read(), at))
            await self._table.reload()

        with self._place, FormDialog("Add a group", "Add", add, errors=VoltdeckError):
            read = self._fields(GroupForm(""))

    def _open(self, key: str) -> None:
        entry = self._rows.get(key)
        if entry is None or not self._may:
            return
        group_id = entry.group.id or 0

        async def change() -> None:
            at = self._context.services.clock.now()
            async with self._context.acting() as actor:
                await self._context.run(lambda work: change_group(work, actor, group_id, read(), at))
            await self._table.reload()

        form = GroupForm(entry.group.value, entry.group.name, Limits.of(entry.group))
        with self._place, FormDialog(f"Group {entry.group.name}", "Save", change, errors=VoltdeckError) as dialog:
            read = self._fields(form)
            button(
                "Delete this group", icon="trash-2", kind="danger", on_click=lambda: self._delete(entry, dialog.close)
            )

    async def _delete(self, entry: GroupEntry, close: Any) -> None:
        text = f"Its {entry.cards} cards stay, without a group." if entry.cards else ""
        if not await confirm(f"Delete the group {entry.group.name}?", text, verb="Delete", danger=True):
            return
        at, group_id = self._context.services.clock.now(), entry.group.id or 0
        async with self._context.acting() as actor:
            await self._context.run(lambda work: delete_group(work, actor, group_id, at))
        close()
        await self._table.reload()

    def _fields(self, form: GroupForm) -> Any:
        name = ui.input("Name", value=form.name).props("outlined maxlength=100 autofocus")
        value = ui.input(f"Id on the wire (at most {LONGEST_IN_16} characters for OCPP 1.6)", value=form.value).props(
            f"outlined maxlength={LONGEST}"
        )
        limits = LimitFields(form.limits or NO_LIMITS, self._context.tenant.currency)

        def read() -> GroupForm:
            wire = str(value.value or "").strip() or "".join(str(name.value or "").upper().split())[:LONGEST_IN_16]
            return GroupForm(wire, str(name.value or ""), limits.read())

        return read

    async def _policy(self) -> None:
        async with self._context.reading() as session:
            policy, groups = await current_policy(session), await list_groups(session)

        async def change() -> None:
            form = PolicyForm(several.value == "yes", master.value or None, bool(free.value))
            at = self._context.services.clock.now()
            async with self._context.acting() as actor:
                await self._context.run(lambda work: change_policy(work, actor, form, at))
            await self._table.reload()

        with self._place, FormDialog("How cards are judged", "Save", change, errors=VoltdeckError):
            several = ui.select(
                {"yes": "Several at a time", "no": "One at a time"},
                value="yes" if policy.allow_concurrent else "no",
                label="Sessions of one card, unless the card says otherwise",
            ).props("outlined")
            options = {_NONE: "None"} | {one.group.value: one.group.name for one in groups}
            chosen = policy.master_pass_group if policy.master_pass_group in options else _NONE
            master = ui.select(options, value=chosen, label="Master pass group: ends any session, begins none")
            master.props("outlined")
            free = ui.checkbox("Charge for everyone where a station names itself as the card", value=policy.free_vend)
            Tag("p", "Changes hold for the next card that is shown.", "vd-muted")


def limit_words(limits: Limits, context: PageContext) -> str:
    """Limits in one line."""
    formats = context.formats
    said = (
        (limits.max_transactions, lambda v: f"{v} at a time"),
        (limits.max_energy_day_wh, lambda v: f"{formats.energy(v)} a day"),
        (limits.max_energy_month_wh, lambda v: f"{formats.energy(v)} a month"),
        (limits.max_cost_day, lambda v: f"{formats.money(v)} a day"),
        (limits.max_cost_month, lambda v: f"{formats.money(v)} a month"),
    )
    return ", ".join(words(value) for value, words in said if value is not None)

"""The audit log: who did or asked what, when, from where and why; searched, narrowed and taken along as a file."""

from typing import Any, Final
from urllib.parse import urlencode

from nicegui import ui

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Filter, Page, Query
from components.details import Details
from components.empty import Empty
from components.form_dialog import show_once
from csms.access.policy import Permission, require
from csms.access.queries import AuditQuery, audit_areas, audit_entries
from models import AuditEntry
from pages.admin.settings import CRUMB
from pages.operator.address import AddressBar, ListAddress
from pages.operator.period import PERIODS, period_filter, period_start
from pages.operator.words import readable
from pages.session import PageContext
from themes.markup import Tag

ADDRESS: Final = ListAddress("/settings/audit", sort="at", descending=True, page_size=50)
COLUMNS: Final = (
    Column("action", "What", kind="link", mobile="title"),
    Column("subject", "To what"),
    Column("actor", "Who"),
    Column("address", "From", kind="muted", mobile="hide"),
    Column("at", "When", align="right", mobile="side"),
)
NONE_YET: Final = Empty("Nothing recorded yet", "What people and programs do here appears in this log.", icon="history")


async def audit_log(context: PageContext, q: str = "", show: str = "", page: str = "", period: str = "") -> None:
    """The parameters come from the address: search, areas, page and period."""
    require(context.actor, Permission.AUDIT_VIEW)
    async with context.reading() as session:
        areas = await audit_areas(session)
    AuditLog(context, areas, ADDRESS.query(q, show, "", page), period if period in PERIODS else "")


class AuditLog:
    """The table, the period beside it, and the files of what it shows."""

    def __init__(self, context: PageContext, areas: list[str], begin: Query, period: str) -> None:
        self._context = context
        self._period = period
        self._query = begin
        self._entries: dict[str, AuditEntry] = {}
        self._address = AddressBar(ADDRESS.path, self._parameters(begin))
        sub = "Entries are only ever added. Erasing a driver takes their name out; nothing else changes one."
        with context.frame.heading("Audit log", sub=sub, crumb=CRUMB):
            period_filter(period, self._choose)
            button("CSV", icon="download", on_click=lambda: self._download("csv"))
            button("JSON lines", icon="download", on_click=lambda: self._download("jsonl"))
        with card(flush=True):
            Tag("h2", "All entries", "vd-hidden")
            self._table = DataTable(
                COLUMNS,
                self._fetch,
                search="Search person, action, subject",
                filters=[Filter(area, readable(area).capitalize()) for area in areas],
                page_size=ADDRESS.page_size,
                start=begin,
                empty=NONE_YET,
                on_open=self._open,
                title="Audit log",
            )

    async def _fetch(self, query: Query) -> Page:
        self._query = query
        self._address.show(self._parameters(query))
        wanted = AuditQuery(
            text=query.search,
            areas=tuple(sorted(query.filters)),
            since=period_start(self._period, self._context.services.clock.now(), self._context.tenant.time_zone),
            offset=query.offset,
            limit=query.limit,
        )
        async with self._context.reading() as session:
            rows, total = await audit_entries(session, wanted)
        self._entries = {str(row.id): row for row in rows}
        return Page([self._row(row) for row in rows], total)

    def _row(self, row: AuditEntry) -> dict[str, Any]:
        return {
            "id": str(row.id),
            "action": readable(row.action.replace(".", " ").replace("_", " ")).capitalize(),
            "subject": row.subject,
            "actor": row.actor,
            "address": row.address or "–",
            "at": Cell(self._context.formats.moment(row.at)),
            "opens": True,
        }

    def _open(self, key: str) -> None:
        row = self._entries.get(key)
        if row is None:
            return

        def build() -> None:
            facts = {
                "When": self._context.formats.moment(row.at),
                "Who": row.actor,
                "From": row.address,
                "To what": row.subject,
                "Cause": row.cause_id,
            }
            Details(facts)
            _changes(row.details)

        show_once(row.action, "As it was recorded.", build, verb="Close")

    async def _choose(self, period: str) -> None:
        self._period = period
        await self._table.restart()

    def _download(self, kind: str) -> None:
        ui.navigate.to(f"/data/audit.{kind}?{urlencode(self._parameters(self._query))}", new_tab=True)

    def _parameters(self, query: Query) -> dict[str, str]:
        return ADDRESS.parameters(query, period=self._period)


def _changes(details: dict[str, Any]) -> None:
    """What changed, as it was and as it is; anything else as it stands."""
    before, after = details.get("before", {}), details.get("after", {})
    changed = {name: f"{_short(before.get(name))} → {_short(after.get(name))}" for name in {**before, **after}}
    other = {name: _short(value) for name, value in details.items() if name not in ("before", "after")}
    if changed or other:
        Details(changed | other)


def _short(value: Any) -> str:
    text = "–" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 200 else text[:197] + "…"

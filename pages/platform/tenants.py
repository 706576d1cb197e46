"""Who uses this installation: every tenant with its hostnames and what it has running."""

from typing import Any

from nicegui import ui

from components.controls import button, card
from components.data_table import Cell, Column, DataTable, Page, Query
from components.empty import Empty
from components.live import follow
from csms.tenants.directory import TenantInfo
from pages.platform.enter_dialog import enter_dialog
from pages.platform.hosts import address_of
from pages.platform.session import PlatformContext


async def tenants(context: PlatformContext) -> None:
    """The list; its figures are live."""
    with context.frame.heading("Tenants", sub="Each has its own hostname, brand, people and stations."):
        button("Add a tenant", icon="plus", kind="primary", href="/new")
    place = ui.context.slot.parent
    directory, board = context.services.directory, context.services.board

    async def fetch(query: Query) -> Page:
        fitting = [tenant for tenant in directory.all() if _fits(tenant, query.search)]
        if query.sort == "name":
            fitting = sorted(fitting, key=lambda tenant: tenant.name.casefold(), reverse=query.descending)
        shown = fitting[query.offset : query.offset + query.limit]
        return Page([_row(tenant, board.figures(tenant.id)) for tenant in shown], len(fitting))

    with card(flush=True) as frame:
        table = DataTable(
            [
                Column("name", "Tenant", kind="link", sortable=True, mobile="title"),
                Column("hosts", "Hostnames"),
                Column("place", "Currency and time zone", kind="muted"),
                Column("stations", "Stations online", kind="num", align="right"),
                Column("sessions", "Sessions running", kind="num", align="right"),
                Column("enter", "Dashboard", kind="link"),
            ],
            fetch,
            search="Search tenants",
            sort="name",
            empty=Empty(
                "No tenants yet",
                "A tenant is a charge point operator with a hostname of its own.",
                icon="building-2",
                action=("Add a tenant", "/new"),
            ),
            title="Tenants",
            on_open=lambda key: enter_dialog(context, int(key), place),
        )
    for tenant in directory.all():
        follow(board, tenant.id, ["figures"], _patch(table, str(tenant.id)), owner=frame)


def _patch(table: DataTable, key: str) -> Any:
    return lambda figures: table.patch_row(key, _live(figures))


def _fits(tenant: TenantInfo, text: str) -> bool:
    return text.casefold() in " ".join((tenant.name, tenant.key, *tenant.hosts)).casefold()


def _row(tenant: TenantInfo, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(tenant.id),
        "name": Cell(tenant.name, sub=tenant.key, href=address_of(tenant.main_host) if tenant.main_host else ""),
        "hosts": ", ".join(tenant.hosts),
        "place": f"{tenant.currency} · {tenant.time_zone}",
        "enter": "Enter",
        "opens": True,
        **_live(figures),
    }


def _live(figures: dict[str, Any]) -> dict[str, str]:
    return {"stations": f"{figures['online']} / {figures['stations']}", "sessions": str(figures["sessions_open"])}

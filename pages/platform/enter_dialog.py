"""Enters a tenant: never without a reason, which its people read."""

from nicegui import ui
from nicegui.element import Element

from components.form_dialog import FormDialog
from csms.access.entering import LONGEST_REASON, ask_to_enter
from csms.errors import ConflictError, VoltdeckError
from pages.platform.hosts import address_of
from pages.platform.session import PlatformContext


def enter_dialog(context: PlatformContext, tenant_id: int, place: Element) -> None:
    """Asks why, and leads to the tenant's dashboard as an Admin, for an hour."""
    services = context.services
    tenant = services.directory.by_id(tenant_id)
    if tenant is None:
        return

    async def enter() -> None:
        if not tenant.hosts:
            raise ConflictError(f"{tenant.name} has no hostname, so there is no dashboard to enter.")
        async with context.acting() as owner:
            token = await ask_to_enter(services.committer, services.clock, owner, tenant_id, str(reason.value or ""))
        ui.navigate.to(f"{address_of(tenant.hosts[0])}/enter?token={token}")

    text = "You are an Admin there for an hour. Your reason, and everything you do, is in the tenant's own audit log."
    with place, FormDialog(f"Enter {tenant.name}", "Enter", enter, errors=VoltdeckError, text=text):
        reason = ui.textarea("Reason", placeholder="Ticket 4711: station DE-BER-001 does not come online")
        reason.props(f"outlined stack-label autogrow autofocus maxlength={LONGEST_REASON}").classes("people-prose")

"""Hostnames of the tenant's own: what to set in DNS, how far each has come, live, and which one is the main address."""

from typing import Final

from nicegui import ui

from components.confirm import confirm
from components.controls import button, card
from components.form_dialog import FormDialog
from csms.access.policy import Permission, require
from csms.errors import SignInError, VoltdeckError
from csms.tenants.directory import TenantInfo
from csms.tenants.domain_state import DomainState, state_of
from csms.tenants.domains import Domains
from models import CustomDomain
from pages.admin.domain_card import DomainCard
from pages.admin.settings import CRUMB
from pages.services import Services
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

LOOK_EVERY_S: Final = 3.0
FINISHED_EVERY: Final = 10
"""A finished domain is looked at only every so many rounds."""


def domains_of(services: Services) -> Domains:
    """The verbs of domains, for a page."""
    return Domains(services.committer, services.database, services.directory, services.clock, services.settings)


async def domains_page(context: PageContext) -> None:
    """The tenant's addresses, then a card for each domain of its own."""
    require(context.actor, Permission.TENANT_MANAGE)
    page = DomainsPage(context)
    sub = "Let your dashboard, mails and drivers' pages answer under a name of your own."
    with context.frame.heading("Domains", sub=sub, crumb=CRUMB):
        button("Add a domain", icon="plus", kind="primary", on_click=page.add_dialog)
    await page.build()


class DomainsPage:
    """The list, kept current while it is looked at."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._domains = domains_of(context.services)
        self._cards: dict[int, DomainCard] = {}
        self._rounds = 0
        self._root = ui.context.slot.parent

    async def build(self) -> None:
        """Show everything, and begin to look."""
        with Tag("div", classes="admin-form"):
            with card("Addresses", sub="The main one stands in links of mails and receipts."):
                self._addresses = Tag("div", classes="vd-stack")
                with Tag("label", classes="admin-switch"):
                    self._redirects = ui.switch(value=self._tenant.redirects, on_change=self._choose_redirects)
                    self._redirects.props('aria-label="Lead the other addresses to the main one"')
                    Tag("span", "Lead visitors of the other addresses to the main one")
            self._list = Tag("div", classes="vd-stack")
        await self._show()
        ui.timer(LOOK_EVERY_S, self._look)

    def add_dialog(self) -> None:
        """Ask for a hostname."""

        async def add() -> None:
            async with self._context.acting() as actor:
                await self._domains.add(actor, str(name.value or ""))
            await self._show()

        text = "A name that you own, such as charging.example.com. Next you are shown what to set in DNS."
        with self._root, FormDialog("Add a domain", "Add", add, errors=VoltdeckError, text=text):
            name = ui.input("Hostname", placeholder="charging.example.com").props("outlined stack-label autofocus")

    @property
    def _tenant(self) -> TenantInfo:
        return self._context.services.directory.by_id(self._context.tenant.id) or self._context.tenant

    async def _show(self) -> None:
        async with self._context.acting() as actor:
            rows = await self._domains.all(actor)
        self._cards = {}
        self._list.clear()
        with self._list:
            for row in rows:
                self._cards[row.id or 0] = DomainCard(
                    row,
                    self._domains.target(self._context.tenant.id),
                    self._context.formats,
                    is_https=self._context.services.settings.secure_cookies,
                    on_remove=self._remove,
                )
            if not rows:
                self._nothing()
        self._show_addresses()

    def _nothing(self) -> None:
        with card("No domain of your own yet"):
            Tag("p", f"You answer at {self._tenant.main_host}. Add a name that you own, and drivers meet you there.")
            button("Add a domain", icon="plus", on_click=self.add_dialog)

    def _show_addresses(self) -> None:
        tenant = self._tenant
        self._addresses.clear()
        with self._addresses:
            for host in sorted(tenant.hosts, key=lambda host: (host != tenant.main_host, host)):
                with Tag("div", classes="admin-address"):
                    address = self._context.services.settings.address_of(host)
                    Tag("a", host, "vd-link admin-address__name", href=address, target="_blank")
                    if host == tenant.main_host:
                        with Tag("span", classes="admin-address__main"):
                            icon("check")
                            Tag("span", "Main address")
                    else:
                        choose = button("Make it the main one", on_click=lambda host=host: self._choose_main(host))
                        choose.props["aria-label"] = f"Make {host} the main address"

    async def _choose_main(self, host: str) -> None:
        try:
            async with self._context.acting() as actor:
                await self._domains.choose_main(actor, host)
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
        else:
            ui.notify(f"Links lead to {host} from now on.")
        self._show_addresses()

    async def _choose_redirects(self) -> None:
        wanted = bool(self._redirects.value)
        if wanted == self._tenant.redirects:
            return
        async with self._context.acting() as actor:
            await self._domains.lead_to_main(actor, wanted)
        led = f"are led to {self._tenant.main_host}" if wanted else "stay where they are"
        ui.notify(f"Visitors of your other addresses {led} from now on.")

    async def _remove(self, row: CustomDomain) -> None:
        text = "It stops answering at once. Whoever signed in there signs in again at another address."
        with self._root:
            sure = await confirm(f"Remove {row.hostname}?", text, verb="Remove", danger=True)
        if sure:
            async with self._context.acting() as actor:
                await self._domains.remove(actor, row.id or 0)
            await self._show()

    async def _look(self) -> None:
        """One round: ask DNS about whatever is not finished, and show what changed."""
        self._rounds += 1
        hosts = self._tenant.hosts, self._tenant.main_host
        try:
            for domain_id, shown in list(self._cards.items()):
                if state_of(shown.row) is DomainState.SERVED and self._rounds % FINISHED_EVERY:
                    continue
                async with self._context.acting():
                    row = await self._domains.check(domain_id)
                    if state_of(row) is DomainState.VERIFIED:
                        row = await self._domains.check_certificate(domain_id)
                shown.show(row)
        except SignInError:  # the page is leaving
            return
        if hosts != (self._tenant.hosts, self._tenant.main_host):
            self._show_addresses()

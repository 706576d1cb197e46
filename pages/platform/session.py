"""What the platform owner's pages hold while their tab is open."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from nicegui import ui
from sqlalchemy.ext.asyncio import AsyncSession

from csms.access.invitations import Host
from csms.access.policy import Actor
from csms.access.service import Door
from csms.cause import because_of, new_cause
from csms.tenants.directory import bare_host
from models.scope import platform_scope
from pages.services import Services
from pages.tabs import led_away
from pages.web.recognising import recognised
from themes.frame import Shell


@dataclass(frozen=True, slots=True)
class PlatformContext:
    """Given to every page of the platform owner. All tenants' rows are in reach, and it says so each time."""

    services: Services
    actor: Actor
    token: str
    frame: Shell
    address: str = ""
    """Network address of the owner."""

    @property
    def host(self) -> Host:
        """Where links in letters lead: the hostname of this very page, under the name that it bears."""
        hostname = bare_host(ui.context.client.request.headers.get("host", ""))
        return Host(self.services.settings.address_of(hostname), self.frame.brand.app_name)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session for queries over all tenants."""
        with platform_scope():
            async with self.services.database.reading() as session:
                yield session

    @asynccontextmanager
    async def acting(self) -> AsyncGenerator[Actor]:
        """Around everything that changes something: the owner as of now. Raises SignInError when they are no more."""
        actor = await self.present()
        with platform_scope(), because_of(new_cause()):
            yield replace(actor, address=self.address)

    async def present(self) -> Actor:
        """The owner as of now, for whom this is use of the sign-in. Raises SignInError, and closes the tab, when it has
        ended."""
        with platform_scope():
            signed_in = await recognised(self.services, Door(None, self.address), self.token)
        if signed_in is None:
            raise led_away()
        return signed_in.actor

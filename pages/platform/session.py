"""What the platform owner's pages hold while their tab is open."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from nicegui import ui
from sqlalchemy.ext.asyncio import AsyncSession

from csms.access.invitations import Host
from csms.access.policy import Actor
from csms.access.service import actor_for_token
from csms.cause import because_of, new_cause
from csms.errors import SignInError
from csms.tenants.directory import bare_host
from models.scope import platform_scope
from pages.services import Services
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
        async with self.reading() as session:
            actor = await actor_for_token(session, self.token, None, self.services.clock.now())
        if actor is None:
            ui.navigate.to("/sign-in")
            raise SignInError("Your sign-in has ended. Please sign in again.")
        with platform_scope(), because_of(new_cause()):
            yield replace(actor, address=self.address)

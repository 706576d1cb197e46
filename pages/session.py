"""What a page holds while its tab is open: whose data, on whose behalf, in which words; and the ways to the data."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from nicegui import ui
from sqlalchemy.ext.asyncio import AsyncSession

from components.formats import Formats
from csms.access.invitations import Host
from csms.access.policy import Actor, Permission, allowed
from csms.access.service import actor_for_token
from csms.cause import because_of, new_cause
from csms.errors import SignInError
from csms.tenants.directory import TenantInfo, bare_host
from csms.work import Work
from models.scope import tenant_scope
from pages.services import Services
from themes.brand import Brand
from themes.frame import Shell

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageContext:
    """Given to every page of a tenant's dashboard.

    Events of a page run in tasks of their own, where no tenant is in scope: each way to the data sets it anew.
    """

    services: Services
    tenant: TenantInfo
    actor: Actor
    """As of the visit, for what to show. To do something, ask `acting()`."""
    token: str
    brand: Brand
    formats: Formats
    """In the tenant's language, currency and zone; `formats.at(location.time_zone)` for a location's times."""
    frame: Shell
    address: str = ""
    """Network address of the visitor."""

    def may(self, permission: Permission) -> bool:
        """Whether to offer something. Services ask again when it is done."""
        return allowed(self.actor, permission)

    @property
    def host(self) -> Host:
        """Where links in letters lead: the hostname of this very page, under the name that it bears."""
        hostname = bare_host(ui.context.client.request.headers.get("host", ""))
        return Host(self.services.settings.address_of(hostname), self.frame.brand.app_name)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session for queries in which only this tenant's rows exist."""
        with tenant_scope(self.tenant.id):
            async with self.services.database.reading() as session:
                yield session

    @asynccontextmanager
    async def acting(self) -> AsyncGenerator[Actor]:
        """Around everything that changes something: the visitor as of now, the tenant in scope, a cause of its own.

        Raises SignInError, and leads to the sign-in page, when the sign-in has ended or was taken back since.
        """
        async with self.reading() as session:
            actor = await actor_for_token(session, self.token, self.tenant.id, self.services.clock.now())
        if actor is None:
            ui.navigate.to("/sign-in")
            raise SignInError("Your sign-in has ended. Please sign in again.")
        with tenant_scope(self.tenant.id), because_of(new_cause()):
            yield replace(actor, address=self.address)

    async def run(self, unit: Callable[[Work], Awaitable[T] | T]) -> T:
        """Commit a unit of work for this tenant. Call it inside `acting()`, and `require()` first."""
        with tenant_scope(self.tenant.id):
            return await self.services.committer.run(unit)

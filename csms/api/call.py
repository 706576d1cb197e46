"""One request: whose data, on whose behalf, from where; and the ways to the data."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar, cast

from fastapi import Depends, Security
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.types import Scope

from csms.access.policy import Actor, Permission, require
from csms.api.errors import SignInRequiredError
from csms.api.services import ApiServices
from csms.errors import SignInError
from csms.tenants.directory import TenantInfo
from csms.work import Work
from models.db import Database
from models.scope import tenant_scope

T = TypeVar("T")
TENANT: Final = "voltdeck.tenant"
"""Key of the ASGI scope under which the host gate leaves the tenant of the request's hostname."""
_CALL: Final = "voltdeck.call"


@dataclass(slots=True)
class Call:
    """A request to the API. `actor` is whoever bears the credential, None for a stranger."""

    services: ApiServices
    tenant: TenantInfo
    base_url: str
    """Scheme and host as the program reached us, without a slash."""
    address: str
    user_agent: str = ""
    """What the program calls itself."""
    actor_or_none: Actor | None = None
    caller: str = ""
    """Whose credential it is, in a few characters: `user 7`, `key 3`."""
    sign_in: str = ""
    """The sign-in that an access token belongs to."""
    recognise: Callable[[], Awaitable[Actor]] | None = None
    """Asks anew who bears the credential. Raises SignInError."""
    refused: SignInError | None = None
    """Why the credential that came counts for nothing."""

    @property
    def actor(self) -> Actor:
        """Whoever acts. Raises SignInRequiredError or SignInError without a valid credential."""
        if self.actor_or_none is not None:
            return self.actor_or_none
        raise self.refused or SignInRequiredError(
            "Send an access token or an API key: `Authorization: Bearer …`. See /api/v1/docs."
        )

    def require(self, permission: Permission) -> None:
        """Raise PermissionDeniedError unless the actor may."""
        require(self.actor, permission)

    async def is_still_valid(self) -> bool:
        """Whether the credential is still good: for answers that go on for long."""
        try:
            return self.recognise is not None and (await self.recognise()).scopes == self.actor.scopes
        except SignInError:
            return False

    @property
    def database(self) -> Database:
        return self.services.database

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session for queries in which only this tenant's rows exist."""
        with tenant_scope(self.tenant.id):
            async with self.services.database.reading() as session:
                yield session

    async def run(self, unit: Callable[[Work], Awaitable[T] | T]) -> T:
        """Commit a unit of work for this tenant."""
        with tenant_scope(self.tenant.id):
            return await self.services.committer.run(unit)


def begin_call(scope: Scope, call: Call) -> None:
    scope[_CALL] = call


def call_of(scope: Scope) -> Call:
    """The call that the entrance began."""
    return cast(Call, scope[_CALL])


_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="An access token of `POST /auth/token`, or an API key (`vd_…`).",
)


def _public(request: Request) -> Call:
    return call_of(request.scope)


def _signed_in(request: Request, _credential: Annotated[object, Security(_bearer)]) -> Call:
    call = call_of(request.scope)
    _ = call.actor
    return call


Public = Annotated[Call, Depends(_public)]
"""For what anybody may read: `call.actor` raises for a stranger."""
SignedIn = Annotated[Call, Depends(_signed_in)]
"""For everything else."""

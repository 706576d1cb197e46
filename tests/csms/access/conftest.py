"""Two tenants with people: Ann is Admin and Vic Viewer of green; Bea is Admin of blue; Sam works for both."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.access import service as access
from csms.access.invitations import Host
from csms.access.policy import PASSWORD as BY_PASSWORD
from csms.access.policy import Actor
from csms.clock import ManualClock
from csms.work import Committer, Work
from models import AuditEntry, OutboxEntry, Role
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import SmallTenant, TwoTenants

T = TypeVar("T")
PASSWORD = "correct horse battery"
KEY = b"key of the tests"
GREEN = Host("http://green.localhost", "Green Energy")
BLUE = Host("http://blue.localhost", "Blue Wave")


@dataclass
class House:
    """The two tenants with their people, and short ways to ask and to do."""

    tenants: TwoTenants
    committer: Committer
    database: Database
    clock: ManualClock
    entrance: access.Entrance
    ids: dict[str, int]

    @property
    def green(self) -> int:
        return self.tenants.green.id

    @property
    def blue(self) -> int:
        return self.tenants.blue.id

    def actor(self, name: str, tenant_id: int, role: str) -> Actor:
        """Somebody signed in by password."""
        return Actor(
            self.ids[name], name.title(), f"{name}@people.example", tenant_id, role, address="203.0.113.9",
            means=BY_PASSWORD,
        )  # fmt: skip

    @property
    def ann(self) -> Actor:
        return self.actor("ann", self.green, Role.ADMIN)

    @property
    def bea(self) -> Actor:
        return self.actor("bea", self.blue, Role.ADMIN)

    async def do(self, tenant_id: int, unit: Callable[[Work], Awaitable[T] | T]) -> T:
        """Commit a unit of a tenant."""
        with tenant_scope(tenant_id):
            return await self.committer.run(unit)

    async def ask(self, tenant_id: int, query: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Run a query of a tenant."""
        with tenant_scope(tenant_id):
            async with self.database.reading() as session:
                return await query(session, *args)

    async def enter(self, name: str, tenant_id: int | None, password: str = PASSWORD) -> access.Step:
        """Send e-mail and password."""
        return await self.entrance.sign_in(access.Door(tenant_id, "203.0.113.9"), f"{name}@people.example", password)

    async def who(self, token: str, tenant_id: int | None) -> Actor | None:
        """Who holds a cookie."""
        async with self.database.reading() as session:
            return await access.actor_for_token(session, token, tenant_id, self.clock.now())

    async def audit(self, tenant_id: int) -> list[AuditEntry]:
        """What the tenant's log says, oldest first."""

        async def query(session: Any) -> list[AuditEntry]:
            return list(await session.scalars(select(AuditEntry).order_by(col(AuditEntry.id))))

        return await self.ask(tenant_id, query)

    async def letters(self) -> list[dict[str, Any]]:
        """What is owed, oldest first."""
        with platform_scope():
            async with self.database.reading() as session:
                rows = await session.scalars(select(OutboxEntry).order_by(col(OutboxEntry.id)))
                return [row.payload for row in rows if row.kind == "SendMail"]


async def people_of(committer: Committer, clock: ManualClock, tenants: TwoTenants) -> dict[str, int]:
    """Create the people; returns their ids by name."""
    password_hash = await access.hash_password(PASSWORD)
    green, blue = tenants.green, tenants.blue
    jobs: dict[str, list[tuple[SmallTenant, Role]]] = {
        "ann": [(green, Role.ADMIN)],
        "vic": [(green, Role.VIEWER)],
        "bea": [(blue, Role.ADMIN)],
        "sam": [(green, Role.OPERATOR), (blue, Role.VIEWER)],
        "otto": [],
    }

    async def unit(work: Work) -> dict[str, int]:
        ids: dict[str, int] = {}
        for name, roles in jobs.items():
            user = await access.create_user(
                work.session(),
                email=f"{name}@people.example",
                name=name.title(),
                password_hash=password_hash,
                now=clock.now(),
                is_platform_owner=name == "otto",
            )
            ids[name] = user.id or 0
            for tenant, role in roles:
                with tenant_scope(tenant.id):
                    await access.add_membership(work.session(), ids[name], role)
        return ids

    with platform_scope():
        return await committer.run(unit)


@pytest.fixture
async def house(committer: Committer, database: Database, clock: ManualClock, two_tenants: TwoTenants) -> House:
    ids = await people_of(committer, clock, two_tenants)
    return House(two_tenants, committer, database, clock, access.Entrance(committer, database, clock, KEY), ids)

"""What the browser tests find: the two small tenants, in the brands of the demo, with people and station passwords."""

import asyncio

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.service import add_membership, create_user, hash_password
from csms.stations.security import digest_password
from models import ChargingStation, Role, Tenant
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.browser.depot import found_depot
from tests.tenancy import LONG_AGO, SmallTenant, TwoTenants, found_two_tenants
from themes.brand import Brand
from themes.builtin import BLUE_WAVE, GREEN_ENERGY

SECRET_KEY = "key-of-the-browser-tests"
PASSWORD = "a-password-of-the-tests"
"""Of every person and every station."""
OWNER = "owner@example.com"
BRANDS = {"green": GREEN_ENERGY, "blue": BLUE_WAVE}


def furnish(url: str) -> TwoTenants:
    """Migrate the database at `url` and fill it. People are role@green.example and role@blue.example."""
    return asyncio.run(_furnish(url))


async def _furnish(url: str) -> TwoTenants:
    database = Database(url)
    await database.migrate()
    tenants = await found_two_tenants(database)
    password_hash = await hash_password(PASSWORD)
    async with AsyncSession(database.writer) as session:
        with platform_scope():
            await _person(session, OWNER, "Olivia Owner", password_hash, is_platform_owner=True)
            digest = digest_password(SECRET_KEY.encode(), PASSWORD.encode())
            await session.execute(update(ChargingStation).values(password_hash=digest))
            for tenant in (tenants.green, tenants.blue):
                await _brand(session, tenant, BRANDS[tenant.key])
                await _staff(session, tenant.id, tenant.key, password_hash)
            await _staff(session, await found_depot(session), "depot", password_hash)
            await session.commit()
    await database.close()
    return tenants


async def _brand(session: AsyncSession, tenant: SmallTenant, brand: Brand) -> None:
    values = {"name": brand.app_name, "locale": brand.language, "brand": brand.to_tokens()}
    await session.execute(update(Tenant).where(col(Tenant.id) == tenant.id).values(**values))


async def _staff(session: AsyncSession, tenant_id: int, key: str, password_hash: str) -> None:
    with tenant_scope(tenant_id):
        for role in Role:
            user_id = await _person(session, f"{role}@{key}.example", f"{role.title()} Person", password_hash)
            await add_membership(session, user_id, role)


async def _person(
    session: AsyncSession, email: str, name: str, password_hash: str, *, is_platform_owner: bool = False
) -> int:
    user = await create_user(
        session,
        email=email,
        name=name,
        password_hash=password_hash,
        now=LONG_AGO,
        is_platform_owner=is_platform_owner,
    )
    return user.id or 0

"""People, roles, and the link that creates the first platform owner."""

import pytest
from sqlalchemy import select

from csms.access import service as access
from csms.clock import ManualClock
from csms.errors import ConflictError, InvalidInputError, SignInError
from csms.work import Committer
from models import Membership, OneTimeLink, Role, User
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import TwoTenants

OWNER = {"name": "Otto", "email": "Otto@host.example", "password": "correct horse battery"}


async def redeem(committer: Committer, clock: ManualClock, token: str, **changed: str) -> int:
    return await access.redeem_owner_link(committer, clock, token, **{**OWNER, **changed})


async def test_the_link_creates_the_owner_once(database: Database, committer: Committer, clock: ManualClock) -> None:
    token = await access.create_link(committer, clock, access.FIRST_OWNER)
    async with database.reading() as session:
        assert not await access.has_platform_owner(session)
        assert await access.link_works(session, token, access.FIRST_OWNER, clock.now())
        assert not await access.link_works(session, token, "other", clock.now())
    user_id = await redeem(committer, clock, token)
    async with database.reading() as session:
        user = await session.get_one(User, user_id)
        assert (user.email, user.is_platform_owner) == ("otto@host.example", True)
        assert user.password_hash.startswith("$argon2id$")
        assert await access.has_platform_owner(session)
        assert not await access.link_works(session, token, access.FIRST_OWNER, clock.now())
        [link] = (await session.execute(select(OneTimeLink))).scalars()
        assert link.token_hash != token
    with pytest.raises(SignInError):
        await redeem(committer, clock, token, email="second@host.example")


async def test_a_link_expires_and_cannot_be_guessed(committer: Committer, clock: ManualClock) -> None:
    token = await access.create_link(committer, clock, access.FIRST_OWNER, hours=1)
    with pytest.raises(SignInError):
        await redeem(committer, clock, token[:-1])
    clock.forward(3600)
    with pytest.raises(SignInError):
        await redeem(committer, clock, token)


async def test_a_mistake_in_the_form_does_not_use_up_the_link(committer: Committer, clock: ManualClock) -> None:
    token = await access.create_link(committer, clock, access.FIRST_OWNER)
    with pytest.raises(InvalidInputError, match="10 to 256"):
        await redeem(committer, clock, token, password="short")
    with pytest.raises(InvalidInputError, match="no-address"):
        await redeem(committer, clock, token, email="no-address")
    assert await redeem(committer, clock, token)


async def test_an_address_belongs_to_one_person(committer: Committer, clock: ManualClock) -> None:
    first = await access.create_link(committer, clock, access.FIRST_OWNER)
    await redeem(committer, clock, first)
    second = await access.create_link(committer, clock, access.FIRST_OWNER)
    with pytest.raises(ConflictError):
        await redeem(committer, clock, second, email="OTTO@HOST.example")


async def test_a_role_is_per_tenant_and_can_change(
    database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants
) -> None:
    link = await access.create_link(committer, clock, access.FIRST_OWNER)
    user_id = await redeem(committer, clock, link)
    roles = ((two_tenants.green, Role.VIEWER), (two_tenants.blue, Role.ADMIN), (two_tenants.green, Role.OPERATOR))
    for tenant, role in roles:
        with tenant_scope(tenant.id):
            await committer.run(lambda work, role=role: access.add_membership(work.session(), user_id, role))
    for tenant, role in ((two_tenants.green, "operator"), (two_tenants.blue, "admin")):
        with tenant_scope(tenant.id):
            async with database.reading() as session:
                assert [m.role for m in (await session.execute(select(Membership))).scalars()] == [role]

"""Staff of the tenant, and what they are here."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.invitations import Host, invite, withdraw
from csms.access.members import change_role, list_invitations, remove_member
from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Listed, Moment, RowId, Shape
from csms.errors import NotFoundError
from csms.tenants.directory import bare_host
from csms.work import Work
from models import Membership, Role, User

router = new_router("users", "/users")
invitations = new_router("users", "/invitations")
_ORDER = Ordering(col(User.id), {"email": Key(col(User.email)), "id": Key(col(User.id), int)}, "email")


class UserShape(Shape):
    """A person with a role here. They may belong to other tenants as well, which is not told."""

    id: int
    email: str
    name: str
    role: str = Field(examples=["operator"])


class UserBody(Body):
    """What a person shall be here."""

    role: Role = Field(examples=["operator"])


class InvitationShape(Shape):
    """Somebody who was asked and has not accepted yet."""

    id: int
    email: str
    role: str
    invited_by: str
    sent_at: Moment
    expires_at: Moment


class InvitationBody(Body):
    """Somebody to ask."""

    email: str = Field(min_length=3, max_length=254, pattern=r"^[^\u0000\s]+$", examples=["grace@green.example"])
    role: Role = Role.OPERATOR


@router.get("", response_model=Listed[UserShape])
async def list_users(call: SignedIn, page: Annotated[PageAsk, Depends(_ORDER.asked)]) -> Listed[UserShape]:
    """Staff by e-mail."""
    call.require(Permission.STAFF_MANAGE)
    async with call.reading() as session:
        return await _ORDER.page(session, _members(), page, _shape)


@router.get("/{user_id}", response_model=UserShape)
async def get_user(call: SignedIn, user_id: RowId) -> UserShape:
    """One person of the staff."""
    call.require(Permission.STAFF_MANAGE)
    async with call.reading() as session:
        return await _require(session, user_id)


@router.put("/{user_id}", response_model=UserShape)
async def replace_user(call: SignedIn, user_id: RowId, body: UserBody, match: IfMatch) -> UserShape:
    """Give a person another role. The last Admin keeps theirs."""

    async def unit(work: Work) -> UserShape:
        call.require(Permission.STAFF_MANAGE)
        match.require(await _require(work.session(), user_id))
        await change_role(work, call.actor, user_id, body.role, now=call.services.clock.now())
        return await _require(work.session(), user_id)

    return await call.run(unit)


@router.delete("/{user_id}", status_code=204, responses={409: {}})
async def remove_user(call: SignedIn, user_id: RowId) -> None:
    """End a person's membership and their sign-ins here. The account stays: it may belong to other tenants."""

    async def unit(work: Work) -> None:
        await remove_member(work, call.actor, user_id, now=call.services.clock.now())

    await call.run(unit)


@invitations.get("", response_model=Listed[InvitationShape])
async def get_invitations(call: SignedIn) -> Listed[InvitationShape]:
    """Invitations that were neither accepted nor withdrawn, newest first."""
    call.require(Permission.STAFF_MANAGE)
    async with call.reading() as session:
        rows = await list_invitations(session)
    return Listed(data=[InvitationShape.model_validate(row) for row in rows])


@invitations.post("", response_model=InvitationShape, status_code=201)
async def create_invitation(call: SignedIn, body: InvitationBody) -> InvitationShape:
    """Ask somebody to become a member: a letter with a link goes to them, and the link to nobody else."""
    address = call.services.settings.address_of(bare_host(call.base_url.partition("://")[2]))

    async def unit(work: Work) -> InvitationShape:
        host = Host(address, call.tenant.name)
        await invite(work, call.actor, body.email, body.role, host, now=call.services.clock.now())
        return InvitationShape.model_validate((await list_invitations(work.session()))[0])

    return await call.run(unit)


@invitations.delete("/{invitation_id}", status_code=204)
async def withdraw_invitation(call: SignedIn, invitation_id: RowId) -> None:
    """Take an invitation back: its link is worth nothing."""

    async def unit(work: Work) -> None:
        await withdraw(work, call.actor, invitation_id, now=call.services.clock.now())

    await call.run(unit)


async def _require(session: AsyncSession, user_id: int) -> UserShape:
    found = (await session.execute(_members().where(col(User.id) == user_id))).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no user {user_id}.")
    return _shape(found)


def _members() -> Any:
    query = select(col(User.id), col(User.email), col(User.name), col(Membership.role))
    return query.join(Membership, col(Membership.user_id) == col(User.id))


def _shape(row: Any) -> UserShape:
    return UserShape(id=row[0], email=row[1], name=row[2], role=row[3])

"""Staff of the tenant, and what they are here."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Listed, RowId, Shape
from csms.errors import NotFoundError
from models import Membership, User

router = new_router("users", "/users")
_ORDER = Ordering(col(User.id), {"email": Key(col(User.email)), "id": Key(col(User.id), int)}, "email")


class UserShape(Shape):
    """A person with a role here. They may belong to other tenants as well, which is not told."""

    id: int
    email: str
    name: str
    role: str = Field(examples=["operator"])


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
        found = (await session.execute(_members().where(col(User.id) == user_id))).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no user {user_id}.")
    return _shape(found)


def _members() -> Any:
    query = select(col(User.id), col(User.email), col(User.name), col(Membership.role))
    return query.join(Membership, col(Membership.user_id) == col(User.id))


def _shape(row: Any) -> UserShape:
    return UserShape(id=row[0], email=row[1], name=row[2], role=row[3])

"""People who charge."""

from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy import or_, select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Listed, Moment, RowId, Shape
from csms.errors import NotFoundError
from models import Driver

router = new_router("drivers", "/drivers")
_ORDER = Ordering(col(Driver.id), {"name": Key(col(Driver.name)), "id": Key(col(Driver.id), int)}, "name")


class DriverShape(Shape):
    """A driver. Their tokens: `GET /id-tokens?driverId=`."""

    id: int
    name: str
    email: str
    created_at: Moment


@router.get("", response_model=Listed[DriverShape])
async def list_drivers(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    text: Annotated[str, Query(max_length=100, description="In name or e-mail.")] = "",
) -> Listed[DriverShape]:
    """Drivers by name."""
    call.require(Permission.TOKENS_VIEW)
    query = select(Driver)
    if text.strip():
        columns = (col(Driver.name), col(Driver.email))
        query = query.where(or_(*(column.icontains(text.strip(), autoescape=True) for column in columns)))
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: DriverShape.model_validate(row[0]))


@router.get("/{driver_id}", response_model=DriverShape)
async def get_driver(call: SignedIn, driver_id: RowId) -> DriverShape:
    """One driver."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        driver = await session.get(Driver, driver_id)
    if driver is None:
        raise NotFoundError(f"There is no driver {driver_id}.")
    return DriverShape.model_validate(driver)

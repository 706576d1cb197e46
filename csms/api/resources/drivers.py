"""People who charge."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy import or_, select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Listed, LongText, Moment, RowId, Shape, Text
from csms.authorization import drivers
from csms.authorization.drivers import DriverForm, add_driver, change_driver, find_driver
from csms.errors import NotFoundError
from csms.work import Work
from models import Driver

router = new_router("drivers", "/drivers")
_ORDER = Ordering(col(Driver.id), {"name": Key(col(Driver.name)), "id": Key(col(Driver.id), int)}, "name")


class DriverShape(Shape):
    """A driver. Their tokens: `GET /id-tokens?driverId=`."""

    id: int
    name: str
    email: str
    phone: str
    language: str
    notes: str
    external_reference: str
    created_at: Moment
    archived_at: Moment | None
    """Since when none of their tokens is accepted."""
    erased_at: Moment | None


class DriverBody(Body):
    """A driver as they shall be."""

    name: Text = Field(min_length=1, examples=["Ada Example"])
    email: str = Field(default="", max_length=254, pattern=r"^[^\u0000]*$", examples=["ada@example.com"])
    phone: str = Field(default="", max_length=40, pattern=r"^[^\u0000]*$")
    language: str = Field(default="", max_length=16, pattern="^[A-Za-z0-9-]*$")
    notes: LongText = ""
    external_reference: str = Field(default="", max_length=100, pattern=r"^[^\u0000]*$")


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


@router.post("", response_model=DriverShape, status_code=201)
async def create_driver(call: SignedIn, body: DriverBody, response: Response) -> DriverShape:
    """Add a driver."""

    async def unit(work: Work) -> DriverShape:
        form = DriverForm(**body.model_dump())
        return DriverShape.model_validate(await add_driver(work, call.actor, form, call.services.clock.now()))

    made = await call.run(unit)
    response.headers["Location"] = f"/api/v1/drivers/{made.id}"
    return made


@router.put("/{driver_id}", response_model=DriverShape)
async def replace_driver(call: SignedIn, driver_id: RowId, body: DriverBody, match: IfMatch) -> DriverShape:
    """Change a driver; their limits stay."""

    async def unit(work: Work) -> DriverShape:
        call.require(Permission.TOKENS_MANAGE)
        row = await find_driver(work.session(), driver_id)
        match.require(DriverShape.model_validate(row))
        form = replace(DriverForm.of(row), **body.model_dump())
        changed = await change_driver(work, call.actor, driver_id, form, call.services.clock.now())
        return DriverShape.model_validate(changed)

    return await call.run(unit)


@router.post("/{driver_id}/archive", response_model=DriverShape)
async def archive_driver(call: SignedIn, driver_id: RowId) -> DriverShape:
    """Put away a driver who charges no more: the sessions stay, the tokens are refused."""

    async def unit(work: Work) -> DriverShape:
        return DriverShape.model_validate(
            await drivers.archive_driver(work, call.actor, driver_id, call.services.clock.now())
        )

    return await call.run(unit)


@router.post("/{driver_id}/restore", response_model=DriverShape)
async def restore_driver(call: SignedIn, driver_id: RowId) -> DriverShape:
    """Take an archived driver back, tokens and all."""

    async def unit(work: Work) -> DriverShape:
        return DriverShape.model_validate(
            await drivers.restore_driver(work, call.actor, driver_id, call.services.clock.now())
        )

    return await call.run(unit)

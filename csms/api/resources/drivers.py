"""People who charge."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.limits import LimitsBody, LimitsShape
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Listed, LongText, Moment, RowId, Text
from csms.authorization import drivers
from csms.authorization.drivers import DriverForm, add_driver, change_driver, find_driver
from csms.authorization.limits import LIMIT_NAMES
from csms.authorization.queries import ANY_STATE, DriverEntry, DriverQuery, select_drivers
from csms.work import Work
from models import Driver

router = new_router("drivers", "/drivers")
_ORDER = Ordering(
    col(Driver.id),
    {
        "name": Key(col(Driver.name)),
        "createdAt": Key(col(Driver.created_at), datetime),
        "id": Key(col(Driver.id), int),
    },
    "name",
)


class DriverShape(LimitsShape):
    """A driver, with what all their tokens together may use. Their tokens: `GET /id-tokens?driverId=`."""

    volatile: ClassVar[frozenset[str]] = frozenset({"tokens", "vehicles", "lastChargedAt"})

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
    """When their personal data was erased; what is left names nobody."""
    tokens: int
    """How many they have."""
    vehicles: int
    last_charged_at: Moment | None


class DriverBody(LimitsBody):
    """A driver as they shall be."""

    name: Text = Field(min_length=1, examples=["Ada Example"])
    email: str = Field(default="", max_length=254, pattern=r"^[^\u0000]*$", examples=["ada@example.com"])
    phone: str = Field(default="", max_length=40, pattern=r"^[^\u0000]*$")
    language: str = Field(default="", max_length=16, pattern="^[A-Za-z0-9-]*$")
    notes: LongText = ""
    external_reference: str = Field(default="", max_length=100, pattern=r"^[^\u0000]*$")

    def form(self) -> DriverForm:
        """The same for the services."""
        return DriverForm(**self.model_dump(exclude=set(LIMIT_NAMES)), limits=self.limits())


@router.get("", response_model=Listed[DriverShape])
async def list_drivers(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    text: Annotated[
        str, Query(max_length=100, description="In name, contact, reference, number plate or a token's value.")
    ] = "",
    state: Annotated[Literal["active", "archived"] | None, Query(description="Only these.")] = None,
) -> Listed[DriverShape]:
    """Drivers by name."""
    call.require(Permission.TOKENS_VIEW)
    query = select_drivers(DriverQuery(text, frozenset({state}) if state else ANY_STATE))
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: _shape(DriverEntry.of(row)))


@router.get("/{driver_id}", response_model=DriverShape)
async def get_driver(call: SignedIn, driver_id: RowId) -> DriverShape:
    """One driver."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return await told_driver(session, driver_id)


@router.post("", response_model=DriverShape, status_code=201)
async def create_driver(call: SignedIn, body: DriverBody, response: Response) -> DriverShape:
    """Add a driver."""

    async def unit(work: Work) -> DriverShape:
        driver = await add_driver(work, call.actor, body.form(), call.services.clock.now())
        return await told_driver(work.session(), driver.id or 0)

    made = await call.run(unit)
    response.headers["Location"] = f"/api/v1/drivers/{made.id}"
    return made


@router.put("/{driver_id}", response_model=DriverShape)
async def replace_driver(call: SignedIn, driver_id: RowId, body: DriverBody, match: IfMatch) -> DriverShape:
    """Change a driver; fields and limits that are left out take their defaults."""

    async def unit(work: Work) -> DriverShape:
        call.require(Permission.TOKENS_MANAGE)
        match.require(await told_driver(work.session(), driver_id))
        await change_driver(work, call.actor, driver_id, body.form(), call.services.clock.now())
        return await told_driver(work.session(), driver_id)

    return await call.run(unit)


@router.delete("/{driver_id}", status_code=204, responses={409: {}})
async def delete_driver(call: SignedIn, driver_id: RowId, match: IfMatch) -> None:
    """Forget a driver who never charged, vehicles and all; tokens stay, without a driver. 409 where there are sessions:
    archive or erase such a driver."""

    async def unit(work: Work) -> None:
        call.require(Permission.TOKENS_MANAGE)
        match.require(await told_driver(work.session(), driver_id))
        await drivers.delete_driver(work, call.actor, driver_id, call.services.clock.now())

    await call.run(unit)


@router.post("/{driver_id}/archive", response_model=DriverShape)
async def archive_driver(call: SignedIn, driver_id: RowId) -> DriverShape:
    """Put away a driver who charges no more: the sessions stay, the tokens are refused."""

    async def unit(work: Work) -> DriverShape:
        await drivers.archive_driver(work, call.actor, driver_id, call.services.clock.now())
        return await told_driver(work.session(), driver_id)

    return await call.run(unit)


@router.post("/{driver_id}/restore", response_model=DriverShape)
async def restore_driver(call: SignedIn, driver_id: RowId) -> DriverShape:
    """Take an archived driver back, tokens and all."""

    async def unit(work: Work) -> DriverShape:
        await drivers.restore_driver(work, call.actor, driver_id, call.services.clock.now())
        return await told_driver(work.session(), driver_id)

    return await call.run(unit)


async def told_driver(session: AsyncSession, driver_id: int) -> DriverShape:
    """A driver as they are answered. Raises NotFoundError."""
    await find_driver(session, driver_id)
    query = select_drivers(DriverQuery(states=ANY_STATE)).where(col(Driver.id) == driver_id)
    return _shape(DriverEntry.of((await session.execute(query)).one()))


def _shape(entry: DriverEntry) -> DriverShape:
    told = {"tokens": entry.cards, "vehicles": entry.vehicles, "last_charged_at": entry.last_charged_at}
    return DriverShape.model_validate(entry.driver.model_dump() | told)

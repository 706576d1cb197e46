"""Sites where stations stand."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Listed, Real, RowId, Shape, Text, Whole
from csms.errors import NotFoundError
from csms.stations.places import LocationPlan, add_location, change_location
from csms.work import Work
from models import Location

router = new_router("locations", "/locations")
_ORDER = Ordering(col(Location.id), {"id": Key(col(Location.id), int), "name": Key(col(Location.name))}, "name")


class LocationShape(Shape):
    """A site."""

    id: int
    name: str
    address: str
    city: str
    postal_code: str
    country: str = Field(examples=["DEU"])
    """ISO 3166-1 alpha-3."""
    latitude: float
    longitude: float
    time_zone: str = Field(examples=["Europe/Berlin"])
    support_phone: str
    tariff_id: int | None
    """None: the tenant's default tariff."""


class LocationBody(Body):
    """A site as it shall be."""

    name: Text = Field(min_length=1, examples=["Harbour yard"])
    latitude: Real = Field(ge=-90, le=90, examples=[52.5])
    longitude: Real = Field(ge=-180, le=180, examples=[13.4])
    time_zone: str = Field(max_length=64, examples=["Europe/Berlin"])
    address: Text = ""
    city: Text = ""
    postal_code: Text = ""
    country: str = Field(default="", pattern="^([A-Z]{3})?$", examples=["DEU"])
    tariff_id: Whole | None = Field(default=None, ge=1, le=2**31 - 1)

    support_phone: str = Field(default="", max_length=32, pattern=r"^[+0-9 ()/.-]*$", examples=["+49 30 123456"])

    def plan(self) -> LocationPlan:
        return LocationPlan(**self.model_dump())


@router.get("", response_model=Listed[LocationShape])
async def list_locations(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    text: Annotated[str, Query(max_length=100, description="In name, city or address.")] = "",
) -> Listed[LocationShape]:
    """Sites by name."""
    call.require(Permission.STATIONS_VIEW)
    query = select(Location)
    if text.strip():
        columns = (col(Location.name), col(Location.city), col(Location.address))
        found: Any = columns[0].icontains(text, autoescape=True)
        for column in columns[1:]:
            found = found | column.icontains(text, autoescape=True)
        query = query.where(found)
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: LocationShape.model_validate(row[0]))


@router.get("/{location_id}", response_model=LocationShape)
async def get_location(call: SignedIn, location_id: RowId) -> LocationShape:
    """One site."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        return await _shape(session, location_id)


@router.post("", response_model=LocationShape, status_code=201)
async def create_location(call: SignedIn, body: LocationBody, response: Response) -> LocationShape:
    """Add a site."""

    async def unit(work: Work) -> LocationShape:
        location = await add_location(work, call.actor, body.plan(), call.services.clock.now())
        return LocationShape.model_validate(location)

    made = await call.run(unit)
    response.headers["Location"] = f"/api/v1/locations/{made.id}"
    return made


@router.put("/{location_id}", response_model=LocationShape)
async def replace_location(call: SignedIn, location_id: RowId, body: LocationBody, match: IfMatch) -> LocationShape:
    """Change a site; fields that are left out take their defaults."""

    async def unit(work: Work) -> LocationShape:
        call.require(Permission.STATIONS_MANAGE)
        match.require(await _shape(work.session(), location_id))
        location = await change_location(work, call.actor, location_id, body.plan(), call.services.clock.now())
        return LocationShape.model_validate(location)

    return await call.run(unit)


async def _shape(session: AsyncSession, location_id: int) -> LocationShape:
    location = await session.get(Location, location_id)
    if location is None:
        raise NotFoundError(f"There is no location {location_id}.")
    return LocationShape.model_validate(location)

"""Cars of drivers, and how they make themselves known."""

from fastapi import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.routing import new_router
from csms.api.shapes import Body, Listed, Moment, RowId, Shape, Whole
from csms.authorization import drivers
from csms.authorization.drivers import VehicleForm, add_vehicle, change_vehicle, find_driver, find_vehicle
from csms.authorization.queries import vehicles_of
from csms.errors import NotFoundError
from csms.work import Work

router = new_router("drivers", "/drivers/{driver_id}/vehicles")
_PLAIN = r"^[ -~]*$"


class VehicleShape(Shape):
    """A car."""

    id: int
    driver_id: int
    name: str = Field(examples=["Renault Zoe"])
    plate: str
    vin: str
    evcc_id: str
    """Its communication controller's id in ISO 15118."""
    mac_address: str
    """By which stations know it that start when it is plugged in (autocharge)."""
    battery_wh: int | None
    created_at: Moment


class VehicleBody(Body):
    """A car as it shall be."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\u0000]*$", examples=["Renault Zoe"])
    plate: str = Field(default="", max_length=20, pattern=r"^[^\u0000]*$")
    vin: str = Field(default="", max_length=17, pattern=_PLAIN)
    evcc_id: str = Field(default="", max_length=36, pattern=_PLAIN)
    mac_address: str = Field(default="", max_length=17, pattern=_PLAIN)
    battery_wh: Whole | None = Field(default=None, gt=0, lt=10**7)

    def form(self) -> VehicleForm:
        """The same for the services."""
        return VehicleForm(**self.model_dump())


@router.get("", response_model=Listed[VehicleShape])
async def list_vehicles(call: SignedIn, driver_id: RowId) -> Listed[VehicleShape]:
    """A driver's cars, in the order they were added."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        await find_driver(session, driver_id)
        rows = await vehicles_of(session, driver_id)
    return Listed(data=[VehicleShape.model_validate(row) for row in rows])


@router.post("", response_model=VehicleShape, status_code=201)
async def create_vehicle(call: SignedIn, driver_id: RowId, body: VehicleBody, response: Response) -> VehicleShape:
    """Add a car."""

    async def unit(work: Work) -> VehicleShape:
        row = await add_vehicle(work, call.actor, driver_id, body.form(), call.services.clock.now())
        return VehicleShape.model_validate(row)

    made = await call.run(unit)
    response.headers["Location"] = f"/api/v1/drivers/{driver_id}/vehicles/{made.id}"
    return made


@router.get("/{vehicle_id}", response_model=VehicleShape)
async def get_vehicle(call: SignedIn, driver_id: RowId, vehicle_id: RowId) -> VehicleShape:
    """One car."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return await _require(session, driver_id, vehicle_id)


@router.put("/{vehicle_id}", response_model=VehicleShape)
async def replace_vehicle(
    call: SignedIn, driver_id: RowId, vehicle_id: RowId, body: VehicleBody, match: IfMatch
) -> VehicleShape:
    """Change a car; fields that are left out take their defaults."""

    async def unit(work: Work) -> VehicleShape:
        call.require(Permission.TOKENS_MANAGE)
        match.require(await _require(work.session(), driver_id, vehicle_id))
        row = await change_vehicle(work, call.actor, vehicle_id, body.form(), call.services.clock.now())
        return VehicleShape.model_validate(row)

    return await call.run(unit)


@router.delete("/{vehicle_id}", status_code=204)
async def delete_vehicle(call: SignedIn, driver_id: RowId, vehicle_id: RowId, match: IfMatch) -> None:
    """Forget a car."""

    async def unit(work: Work) -> None:
        call.require(Permission.TOKENS_MANAGE)
        match.require(await _require(work.session(), driver_id, vehicle_id))
        await drivers.delete_vehicle(work, call.actor, vehicle_id, call.services.clock.now())

    await call.run(unit)


async def _require(session: AsyncSession, driver_id: int, vehicle_id: int) -> VehicleShape:
    """The car, if it is this driver's. Raises NotFoundError."""
    row = await find_vehicle(session, vehicle_id)
    if row.driver_id != driver_id:
        raise NotFoundError(f"Driver {driver_id} has no vehicle {vehicle_id}.")
    return VehicleShape.model_validate(row)

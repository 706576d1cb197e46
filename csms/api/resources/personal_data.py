"""What a person may ask of us about themselves (GDPR): all we know of them, or to be forgotten."""

from typing import Any, cast

from fastapi import Response
from pydantic.alias_generators import to_camel

from csms.api.call import SignedIn
from csms.api.resources.drivers import DriverShape, told_driver
from csms.api.routing import new_router
from csms.api.shapes import Moment, RowId, Shape
from csms.authorization.personal_data import erase_driver, export_driver
from csms.work import Work

router = new_router("drivers", "/drivers/{driver_id}")


class DriverExportShape(Shape):
    """Everything kept about a driver."""

    exported_at: Moment
    driver: dict[str, Any]
    cards: list[dict[str, Any]]
    vehicles: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    reservations: list[dict[str, Any]]


@router.get("/export", response_model=DriverExportShape)
async def get_driver_export(call: SignedIn, driver_id: RowId, response: Response) -> DriverExportShape:
    """Everything kept about a driver: profile, tokens, vehicles, sessions, reservations. It is noted in the audit."""

    async def unit(work: Work) -> dict[str, Any]:
        return await export_driver(work, call.actor, driver_id, call.services.clock.now())

    response.headers["Cache-Control"] = "no-store"
    return DriverExportShape.model_validate(_camel(await call.run(unit)))


@router.post("/erase", response_model=DriverShape)
async def erase_driver_data(call: SignedIn, driver_id: RowId) -> DriverShape:
    """Forget who a driver is, for good: name, contact, notes, tokens and vehicles go, and token values in sessions give
    way to a word. Sessions keep energy and cost. 409 while one runs."""

    async def unit(work: Work) -> DriverShape:
        await erase_driver(work, call.actor, driver_id, call.services.clock.now())
        return await told_driver(work.session(), driver_id)

    return await call.run(unit)


def _camel(value: Any) -> Any:
    """The same with the names that the API has everywhere."""
    if isinstance(value, list):
        return [_camel(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {to_camel(name): _camel(each) for name, each in cast("dict[str, Any]", value).items()}
    return value

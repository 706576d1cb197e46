"""Labels at connectors, to be printed: each with a QR code whose address never changes."""

from typing import Annotated, Final

from fastapi import Query, Response

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.routing import new_router
from csms.stations.label_sheet import FORMS
from csms.stations.labels import LabelRow, labels
from csms.stations.managing import find_station
from csms.stations.places import find_location
from csms.work import Work

router = new_router("labels")
_PDF: Final = "application/pdf"
_Id = Annotated[int, Query(ge=1, le=2**31 - 1)]


@router.get(
    "/labels.pdf",
    response_class=Response,
    responses={200: {"content": {_PDF: {"schema": {"type": "string", "format": "binary"}}}}, 404: {}},
)
async def print_labels(
    call: SignedIn,
    station_id: Annotated[list[_Id] | None, Query(alias="stationId", max_length=200)] = None,
    location_id: Annotated[_Id | None, Query(alias="locationId")] = None,
    form: Annotated[str, Query(pattern=f"^({'|'.join(FORMS)})$", description="The paper.")] = next(iter(FORMS)),
) -> Response:
    """A label for each connector of these stations or of a location, as PDF. Without either: of all stations."""

    async def unit(work: Work) -> list[LabelRow]:
        call.require(Permission.STATIONS_MANAGE)
        for number in station_id or ():
            await find_station(work.session(), number)
        if location_id is not None:
            await find_location(work.session(), location_id)
        return await labels(work, call.actor, station_ids=station_id or (), location_id=location_id)

    rows = await call.run(unit)
    pdf = await call.services.print_labels(call.tenant, rows, form)
    headers = {"Content-Disposition": 'inline; filename="labels.pdf"', "Cache-Control": "no-store"}
    return Response(pdf, media_type=_PDF, headers=headers)

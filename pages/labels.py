"""Labels as a PDF, for the signed-in visitor's tenant alone."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from csms.cause import because_of, new_cause
from csms.errors import InvalidInputError, PermissionDeniedError
from csms.stations.label_sheet import FORMS
from csms.stations.labels import labels
from models.scope import tenant_scope
from pages.web.label_print import print_labels
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter(prefix="/data")


@router.get("/labels.pdf")
async def labels_pdf(
    visit: Annotated[Visit, Depends(current_visit)], form: str = "a4-21", stations: str = "", location: str = ""
) -> Response:
    """`stations` are ids, comma-separated; `location` an id; neither: all of the tenant's."""
    tenant, actor, services = visit.tenant, visit.actor, visit.services
    if tenant is None or actor is None or form not in FORMS:
        return _say(visit, "Nothing to print", "There are no such labels.", 404)
    ids = [int(part) for part in stations.split(",") if part.isascii() and part.isdigit() and len(part) < 10][:2000]
    place = int(location) if location.isascii() and location.isdigit() and len(location) < 10 else None
    who = replace(actor, address=visit.address)
    try:
        with tenant_scope(tenant.id), because_of(new_cause()):
            rows = await services.committer.run(lambda work: labels(work, who, station_ids=ids, location_id=place))
    except (InvalidInputError, PermissionDeniedError) as error:
        return _say(visit, "Nothing to print", str(error), 403 if isinstance(error, PermissionDeniedError) else 422)
    pdf = await print_labels(services.settings, tenant, rows, form)
    headers = {"Content-Disposition": 'inline; filename="labels.pdf"', "Cache-Control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _say(visit: Visit, heading: str, text: str, status: int) -> Response:
    values = {"heading": heading, "text": text, "href": "/stations", "label": "To the stations"}
    return plain_page("message", heading, visit.brand, status=status, **values)

"""Cards as a CSV file, and what is known of a driver as JSON: for those who may, and audited."""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response

from csms.authorization.exporting import export_tokens
from csms.authorization.personal_data import export_driver
from csms.errors import NotFoundError, PermissionDeniedError
from models.scope import tenant_scope
from pages.web.visit import Visit, current_visit

router = APIRouter(prefix="/data")
_MISSING: Final = PlainTextResponse("not found\n", 404)
_HEADERS: Final = {"Cache-Control": "no-store"}


@router.get("/cards.csv")
async def cards_file(visit: Annotated[Visit, Depends(current_visit)]) -> Response:
    """Every card, as the import reads it; nothing in it runs in a spreadsheet."""
    tenant, actor, services = visit.tenant, visit.actor, visit.services
    if tenant is None or actor is None:
        return _MISSING
    at = services.clock.now()
    try:
        with tenant_scope(tenant.id):
            table = await export_tokens(services.database, services.committer, actor, at)
    except PermissionDeniedError as error:
        return PlainTextResponse(f"{error}\n", 403)
    name = f"cards-{tenant.key}-{at:%Y%m%d}.csv"
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/drivers/{driver_id}.json")
async def driver_file(visit: Annotated[Visit, Depends(current_visit)], driver_id: int) -> Response:
    """Everything kept about a driver."""
    tenant, actor, services = visit.tenant, visit.actor, visit.services
    if tenant is None or actor is None or not 0 < driver_id < 2**31:
        return _MISSING
    at = services.clock.now()
    try:
        with tenant_scope(tenant.id):
            known = await services.committer.run(lambda work: export_driver(work, actor, driver_id, at))
    except NotFoundError:
        return _MISSING
    except PermissionDeniedError as error:
        return PlainTextResponse(f"{error}\n", 403)
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="driver-{driver_id}.json"'}
    return Response(orjson.dumps(known, option=orjson.OPT_INDENT_2), media_type="application/json", headers=headers)

"""Data that components fetch by themselves, for the signed-in visitor's tenant alone."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from pages.operator.map_rows import map_rows
from pages.web.visit import Visit, current_visit

router = APIRouter(prefix="/data")


@router.get("/map")
async def stations_on_map(visit: Annotated[Visit, Depends(current_visit)]) -> Response:
    """Every station as [key, latitude, longitude, status, label]."""
    if visit.tenant is None:
        return JSONResponse([], 404)
    return JSONResponse(map_rows(visit.services.board.stations(visit.tenant.id)), headers={"Cache-Control": "no-store"})

"""The files browsers ask of a site by convention, each in the host's own brand."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from pages.web.visit import Visit, current_visit
from themes.page import favicon_svg, manifest

router = APIRouter()
_AN_HOUR = {"Cache-Control": "public, max-age=3600"}


@router.get("/favicon.ico")
async def favicon(visit: Annotated[Visit, Depends(current_visit)]) -> Response:
    return Response(favicon_svg(visit.brand), media_type="image/svg+xml", headers=_AN_HOUR)


@router.get("/manifest.webmanifest")
async def web_manifest(visit: Annotated[Visit, Depends(current_visit)]) -> Response:
    return JSONResponse(manifest(visit.brand), media_type="application/manifest+json", headers=_AN_HOUR)

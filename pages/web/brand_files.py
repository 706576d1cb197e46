"""The files browsers ask of a site by convention, each in the host's own brand, and the pictures of the brand."""

import asyncio
import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from csms.tenants.brand_queries import stored_image
from pages.web.visit import Visit, current_visit
from themes.app_icons import app_icon
from themes.images import MEDIA_TYPE
from themes.page import favicon_mark, icon_version, logo_mark, manifest, theme_color

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]
SVG: Final = "image/svg+xml"
_SOON: Final = "public, max-age=300"
_YEAR: Final = "public, max-age=31536000, immutable"
_PICTURE: Final = re.compile(r"[0-9a-f]{32}\.png")
# Whoever opens a picture by itself gets a page that may do nothing.
_INERT: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
_ICONS: Final = {"180.png": (180, True), "192.png": (192, False), "512.png": (512, False), "maskable.png": (512, True)}
"""Side in pixels, and whether the brand's own background is behind it."""
_one_at_a_time: Final = asyncio.Semaphore(1)
"""Many who ask for the same icon wait for the first, and then find it painted."""


@router.get("/favicon.ico")
async def favicon(request: Request, visit: CurrentVisit) -> Response:
    mark = favicon_mark(visit.brand)
    headers = _kept(f"favicon-{icon_version(visit.brand)}", _SOON)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if mark.startswith("<"):
        return Response(mark, media_type=SVG, headers=headers)
    return Response(await _icon(visit, mark, 64, ""), media_type=MEDIA_TYPE, headers=headers)


@router.get("/manifest.webmanifest")
async def web_manifest(visit: CurrentVisit) -> Response:
    return JSONResponse(manifest(visit.brand), media_type="application/manifest+json", headers={"Cache-Control": _SOON})


@router.get("/icons/{name}")
async def icon(name: str, visit: CurrentVisit, v: str = "") -> Response:
    """An icon of the installed app. Its address changes with the brand, so browsers may keep it."""
    brand = visit.brand
    version = icon_version(brand)
    headers = _kept(f"{name}-{version}", _YEAR if v == version else _SOON)
    if name == "any.svg" and not brand.logo_image:
        return Response(brand.logo_svg, media_type=SVG, headers=headers)
    if name not in _ICONS:
        return _nothing()
    size, filled = _ICONS[name]
    background = theme_color(brand) if filled else ""
    return Response(await _icon(visit, logo_mark(brand), size, background), media_type=MEDIA_TYPE, headers=headers)


@router.get("/pictures/{name}")
async def picture(name: str, visit: CurrentVisit) -> Response:
    """A picture that the host's tenant has uploaded; painted anew then, so nothing but pixels is in it."""
    data = await _stored(visit, name)
    if data is None:
        return _nothing()
    return Response(data, media_type=MEDIA_TYPE, headers=_kept(name, _YEAR))


async def _icon(visit: Visit, mark: str, size: int, background: str) -> bytes:
    source = mark if mark.startswith("<") else await _stored(visit, mark)
    async with _one_at_a_time:
        return await asyncio.to_thread(app_icon, source or b"", size, background, visit.brand.accent)


async def _stored(visit: Visit, name: str) -> bytes | None:
    if visit.tenant is None or not _PICTURE.fullmatch(name):
        return None
    async with visit.services.database.reading() as session:
        return await stored_image(session, name)


def _kept(tag: str, how_long: str) -> dict[str, str]:
    return {"Cache-Control": how_long, "ETag": f'"{tag}"', **_INERT}


def _nothing() -> Response:
    return PlainTextResponse("not found\n", 404)

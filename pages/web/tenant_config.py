"""The public face of a tenant, for front ends that are not ours: an app, a kiosk, a website. Nobody signs in for it."""

import hashlib
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from csms.tenants.directory import TenantInfo
from pages.web.brand_files import SVG
from pages.web.visit import Visit, current_visit
from themes.brand import Brand
from themes.fonts import FONTS, font_files
from themes.icons import STATIC_URL
from themes.images import MEDIA_TYPE
from themes.page import icon_version, picture_address
from themes.palette import STATUS, TONES, Pair

PATH: Final = "/tenant/config"
"""Within the API, which takes the router in."""
router = APIRouter(tags=["tenant"])
# Open to pages of any site, for this one path: what is here is on the sign-in page already.
_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_SAID: Final[dict[str, Any]] = {
    "description": "docs/branding.md lists what is in it",
    "content": {"application/json": {"schema": {"type": "object"}}},
}
_ASKED: Final = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "If-None-Match, Accept"}


@router.head(PATH, include_in_schema=False)
@router.get(PATH, responses={200: _SAID, 304: {"description": "Not changed since the ETag in If-None-Match"}, 404: {}})
async def tenant_config(request: Request, visit: Annotated[Visit, Depends(current_visit)]) -> Response:
    """Theme, words, currency, language and time zone of the host's tenant; 304 when `If-None-Match` names it."""
    assert visit.tenant is not None  # noqa: S101 - the API answers on the hosts of tenants alone
    body = orjson.dumps(
        public_config(visit.tenant, visit.brand, visit.services.settings.address_of(request.url.hostname or ""))
    )
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_OPEN, "ETag": etag, "Cache-Control": "public, max-age=60"}
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.options(PATH, include_in_schema=False)
async def tenant_config_asked() -> Response:
    """What a browser asks before a page of another site may send a condition along."""
    return Response(status_code=204, headers={**_OPEN, **_ASKED, "Access-Control-Max-Age": "86400"})


def public_config(tenant: TenantInfo, brand: Brand, base_url: str) -> dict[str, Any]:
    """What docs/branding.md lists. Colours are worked out: nobody has to know our tones."""
    font = FONTS[brand.font]
    return {
        "tenant": tenant.key,
        "name": tenant.name,
        "appName": brand.app_name,
        "tagline": brand.tagline,
        "footer": brand.footer,
        "legalText": brand.legal_text,
        "language": brand.language,
        "currency": tenant.currency,
        "timeZone": tenant.time_zone,
        "mode": brand.mode,
        "radiusPx": brand.radius_px,
        "font": {
            "key": brand.font,
            "family": font.family,
            "stack": font.stack,
            "files": [f"{base_url}{url}" for url in font_files(font, f"{STATIC_URL}/fonts")],
        },
        "tone": brand.tone,
        "colors": {mode: _colors(brand, side) for side, mode in enumerate(("light", "dark"))},
        "logo": _mark(base_url, brand.logo_image, f"/icons/any.svg?v={icon_version(brand)}"),
        "favicon": f"{base_url}/favicon.ico",
        "icons": [
            {"url": f"{base_url}/icons/{size}.png?v={icon_version(brand)}", "size": size} for size in (180, 192, 512)
        ],
        "manifest": f"{base_url}/manifest.webmanifest",
    }


def _colors(brand: Brand, side: int) -> dict[str, str]:
    pairs: dict[str, Pair] = {
        "accent": brand.accent_pair,
        "onAccent": brand.on_accent,
        "accentText": brand.accent_text,
        **TONES[brand.tone],
        **{f"{hue}{use.title()}": pair for hue, shades in STATUS.items() for use, pair in shades.items()},
    }
    return {name: pair[side] for name, pair in pairs.items()}


def _mark(base_url: str, picture: str, drawing: str) -> dict[str, str]:
    if picture:
        return {"url": base_url + picture_address(picture), "type": MEDIA_TYPE}
    return {"url": base_url + drawing, "type": SVG}

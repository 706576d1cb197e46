"""How a tenant looks, worked out for front ends that are not ours; the API hands it out (csms.api.resources.config)."""

from typing import Any

from csms.tenants.directory import TenantInfo
from pages.web.brand_files import SVG
from pages.web.visit import brand_of
from themes.brand import Brand
from themes.fonts import FONTS, font_files
from themes.icons import STATIC_URL
from themes.images import MEDIA_TYPE
from themes.page import icon_version, picture_address
from themes.palette import STATUS, TONES, Pair


def public_config(tenant: TenantInfo, base_url: str) -> dict[str, Any]:
    """What docs/branding.md lists. Colours are worked out: nobody has to know our tones."""
    brand = brand_of(tenant)
    font, version = FONTS[brand.font], icon_version(brand)
    return {
        "tenant": tenant.key,
        "name": tenant.name,
        "app_name": brand.app_name,
        "tagline": brand.tagline,
        "footer": brand.footer,
        "legal_text": brand.legal_text,
        "language": brand.language,
        "currency": tenant.currency,
        "time_zone": tenant.time_zone,
        "mode": brand.mode,
        "radius_px": brand.radius_px,
        "font": {
            "key": brand.font,
            "family": font.family,
            "stack": font.stack,
            "files": [f"{base_url}{url}" for url in font_files(font, f"{STATIC_URL}/fonts")],
        },
        "tone": brand.tone,
        "colors": {mode: _colors(brand, side) for side, mode in enumerate(("light", "dark"))},
        "logo": _mark(base_url, brand.logo_image, f"/icons/any.svg?v={version}"),
        "favicon": f"{base_url}/favicon.ico",
        "icons": [{"url": f"{base_url}/icons/{size}.png?v={version}", "size": size} for size in (180, 192, 512)],
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

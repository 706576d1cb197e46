"""The public face of a tenant, for front ends that are not ours: an app, a kiosk, a website. Nobody signs in for it."""

from typing import Final, Literal

from fastapi import Response
from pydantic import Field

from csms.api.call import Public
from csms.api.routing import new_router
from csms.api.shapes import Shape

router = new_router("tenant", "/tenant")
# Open to pages of any site, for this one path: what is here is on the sign-in page already.
_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_ASKED: Final = {
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Allow-Headers": "If-None-Match, Accept",
    "Access-Control-Max-Age": "86400",
}


class FontConfig(Shape):
    """The typeface."""

    key: str = Field(examples=["inter"])
    family: str = Field(examples=["Inter"])
    stack: str = Field(description="For CSS: the family and what stands in for it.")
    files: list[str] = Field(description="Addresses of its woff2 files; none for the system's own.")


class ColorsConfig(Shape):
    """Every colour by name, worked out for each mode."""

    light: dict[str, str] = Field(examples=[{"accent": "#127c48", "onAccent": "#ffffff"}])
    dark: dict[str, str]


class MarkConfig(Shape):
    """A picture or drawing."""

    url: str
    type: str = Field(examples=["image/svg+xml"])


class IconConfig(Shape):
    """A square PNG."""

    url: str
    size: int


class TenantConfig(Shape):
    """How the tenant looks and what it says of itself."""

    tenant: str = Field(examples=["greenenergy"])
    name: str
    app_name: str
    tagline: str
    footer: str
    legal_text: str
    language: str = Field(examples=["en-GB"])
    currency: str = Field(examples=["EUR"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    mode: Literal["auto", "light", "dark"]
    radius_px: int
    font: FontConfig
    tone: str
    colors: ColorsConfig
    logo: MarkConfig
    favicon: str
    icons: list[IconConfig]
    manifest: str


@router.get("/config", response_model=TenantConfig)
async def get_tenant_config(call: Public, response: Response) -> TenantConfig:
    """Theme, words, currency, language and time zone of the tenant whose hostname this is; for pages of any site."""
    response.headers.update({**_OPEN, "Cache-Control": "public, max-age=60"})
    return TenantConfig.model_validate(call.services.public_config(call.tenant, call.base_url))


@router.options("/config", status_code=204, include_in_schema=False)
async def allow_tenant_config(_: Public) -> Response:
    """What a browser asks before a page of another site may send a condition along."""
    return Response(status_code=204, headers={**_OPEN, **_ASKED})

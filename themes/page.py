"""Dresses the page being built in a brand: title, icon, language, colours, style sheets."""

import copy
import hashlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final, cast, get_args

from nicegui import Client, ui
from nicegui.language import Language

from themes.brand import Brand
from themes.css import brand_css, sheet_urls
from themes.fonts import FONTS, latin_url
from themes.icons import STATIC_URL
from themes.markup import Tag
from themes.mode import HEAD_SCRIPT, ModeSwitch
from themes.palette import TONES

_LANGUAGES: Final = frozenset(get_args(Language))
PICTURES: Final = "/pictures"
"""Folder of the pictures that tenants have uploaded; each host has its own tenant's."""
_DARK: Final = {"light": False, "dark": True, "auto": None}


def apply_brand(title: str, brand: Brand) -> None:
    """Dress the page being built. Call it first in a page function; `shell()` and `centered()` do it for you."""
    client = ui.context.client
    page = copy.copy(client.page)  # one Page serves all requests, of every tenant: it must not be changed itself
    page.title = full_title(title, brand)
    page.dark = _DARK[brand.mode]
    page.language = quasar_language(brand.language)
    page.favicon = favicon_url(brand)
    page.viewport = "width=device-width, initial-scale=1, viewport-fit=cover"
    client.page = page
    _leave_main_to_us(client)
    ui.add_head_html(_head(brand))
    ui.add_body_html(f'<div id="vd-splash" aria-hidden="true"><img alt="" src="{logo_url(brand)}"></div>')
    ModeSwitch(brand, hidden=True)


def _leave_main_to_us(client: Client) -> None:
    """Quasar's page element is a `main`, and there may be only one: ours, which leaves out the links around it."""
    page = client.content.parent_slot.parent if client.content.parent_slot else None
    if page is not None and page.tag == "q-page":
        page.tag = "div"
        page.classes("q-page")


def full_title(title: str, brand: Brand) -> str:
    return f"{title} · {brand.app_name}" if title else brand.app_name


@contextmanager
def centered(title: str, brand: Brand, *, foot: str = "") -> Iterator[ui.element]:
    """A page of its own with one card in the middle: sign-in, first run, errors. Put an h1 into the card."""
    apply_brand(title, brand)
    with Tag("main", classes="vd-center"):
        brand_line(brand)
        with ui.element("div").classes("vd-center__card") as card:
            yield card
        for line in (foot or brand.tagline, brand.footer):
            if line:
                Tag("p", line, "vd-center__foot")


def brand_line(brand: Brand) -> None:
    """The mark with the name beside it."""
    with ui.element("div").classes("vd-center__brand"):
        logo(brand)
        Tag("span", brand.app_name, "vd-brand__name")


def logo(brand: Brand) -> Tag:
    """The brand's mark, for a place where its name stands beside it."""
    return Tag("img", classes="vd-brand__mark", alt="", src=logo_url(brand))


def logo_url(brand: Brand) -> str:
    """The mark as an address: a picture's own, or a drawing as data.

    In an <img> no drawing can touch the page or another drawing's ids.
    """
    return picture_address(brand.logo_image) if brand.logo_image else svg_url(brand.logo_svg)


def favicon_url(brand: Brand) -> str | None:
    """A drawing as data; None where the icon is a picture, which is at /favicon.ico."""
    mark = favicon_mark(brand)
    return svg_url(mark) if mark.startswith("<") else None


def favicon_mark(brand: Brand) -> str:
    """The favicon's SVG text, or the name of its picture: the tenant's own, else its logo."""
    return brand.favicon_image or brand.favicon_svg or logo_mark(brand)


def logo_mark(brand: Brand) -> str:
    """The logo's SVG text, or the name of its picture."""
    return brand.logo_image or brand.logo_svg


def picture_address(name: str) -> str:
    """Where a stored picture is served."""
    return f"{PICTURES}/{name}"


def svg_url(svg: str) -> str:
    """A drawing as a data address."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def quasar_language(language: str) -> Language:
    """The nearest language that the framework has words for."""
    for candidate in (language, language.split("-")[0]):
        if candidate in _LANGUAGES:
            return cast(Language, candidate)
    return "en-GB" if language.startswith("en-") else "en-US"


def manifest(brand: Brand, *, start_url: str = "/") -> dict[str, Any]:
    """The web app manifest (application/manifest+json, `Vary: Host`)."""
    side = 1 if brand.mode == "dark" else 0
    return {
        "name": brand.app_name,
        "short_name": brand.app_name[:12],
        "description": brand.tagline,
        "lang": brand.language,
        "start_url": start_url,
        "scope": "/",
        "display": "standalone",
        "theme_color": theme_color(brand),
        "background_color": TONES[brand.tone]["page"][side],
        "icons": _icons(brand),
    }


def icon_version(brand: Brand) -> str:
    """Changes with whatever an icon is made of, so that icons can be kept by browsers for long."""
    made_of = (favicon_mark(brand), logo_mark(brand), theme_color(brand), brand.accent)
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:12]


def theme_color(brand: Brand) -> str:
    """The colour of the browser's own bars around the page."""
    return TONES[brand.tone]["surface"][1 if brand.mode == "dark" else 0]


def _icons(brand: Brand) -> list[dict[str, str]]:
    version = icon_version(brand)
    pictures = [
        {
            "src": f"/icons/{size}.png?v={version}",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any",
        }
        for size in (192, 512)
    ]
    maskable = {"src": f"/icons/maskable.png?v={version}", "sizes": "512x512", "type": "image/png"}
    icons = [*pictures, {**maskable, "purpose": "maskable"}]
    if not brand.logo_image:
        drawing = {"src": f"/icons/any.svg?v={version}", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
        icons.insert(0, drawing)
    return icons


def _head(brand: Brand) -> str:
    font_url = latin_url(FONTS[brand.font], f"{STATIC_URL}/fonts")
    preload = f'<link rel="preload" href="{font_url}" as="font" type="font/woff2" crossorigin>' if font_url else ""
    sheets = "".join(f'<link rel="stylesheet" href="{url}">' for url in sheet_urls())
    return (
        f'<meta name="theme-color" content="{theme_color(brand)}">'
        f'<meta name="description" content="{escape(brand.tagline)}">'
        '<link rel="manifest" href="/manifest.webmanifest">'
        f'<link rel="apple-touch-icon" href="/icons/180.png?v={icon_version(brand)}">'
        f"{HEAD_SCRIPT}{preload}<style>{brand_css(brand)}</style>{sheets}"
    )

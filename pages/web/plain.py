"""Pages in plain HTML: there at once, without a script, and without a client that strangers could pile up."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from themes.assets import publish
from themes.brand import Brand
from themes.css import brand_css, sheet_urls
from themes.icons import icon_svg
from themes.mode import HEAD_SCRIPT
from themes.page import full_title, icon_version, logo_url, theme_color

PAGES_DIR: Final = Path(__file__).parent.parent
STATIC_URL: Final = publish("pages", PAGES_DIR / "static")
_templates: Final = Environment(
    loader=FileSystemLoader(PAGES_DIR / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_script: Final = re.sub(r"</?script>", "", HEAD_SCRIPT)
_script_hash: Final = base64.b64encode(hashlib.sha256(_script.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; script-src 'sha256-{_script_hash}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def plain_page(
    template: str, title: str, brand: Brand, *, status: int = 200, leads_to: str = "", **values: Any
) -> HTMLResponse:
    """Render `templates/<template>.html` in the brand. Values are text: they are escaped.

    `leads_to` is an origin of ours to which the page's form may lead in the end.
    """
    html = _templates.get_template(f"{template}.html").render(
        title=full_title(title, brand),
        brand=brand,
        css=Markup(brand_css(brand)),  # noqa: S704 - a brand's values are checked when it is made
        logo=logo_url(brand),
        theme_color=theme_color(brand),
        icon_version=icon_version(brand),
        sheets=[*sheet_urls(), f"{STATIC_URL}/plain.css"],
        mode_script=Markup(HEAD_SCRIPT),  # noqa: S704 - a constant
        icon=_icon,
        **values,
    )
    policy = f"{_POLICY} {leads_to}" if leads_to else _POLICY
    return HTMLResponse(html, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _icon(name: str) -> Markup:
    return Markup(icon_svg(name))  # noqa: S704 - from our own sprite

"""Turns a brand into the CSS variables that the style sheets in static/ are written against."""

from functools import lru_cache
from typing import Final

from themes.brand import Brand
from themes.fonts import FONTS, MONO, font_faces
from themes.icons import STATIC_URL
from themes.palette import STATUS, TONES, Pair

SHEETS: Final = ("base.css", "controls.css", "frame.css", "parts.css", "charging.css")
_SCHEMES: Final = {"light": "light", "dark": "dark", "auto": "light dark"}


@lru_cache(maxsize=256)
def brand_css(brand: Brand) -> str:
    """The brand as one style block: fonts, variables on :root, and Quasar's own colour names.

    Colours are `light-dark()` pairs that follow `color-scheme`, so they are right from the first byte, before any
    script runs; `html[data-mode]` is what the visitor chose on this browser.
    """
    base_url = f"{STATIC_URL}/fonts"
    variables = scoped_variables(brand)
    modes = "".join(f'html[data-mode="{mode}"]{{color-scheme:{scheme}}}' for mode, scheme in _SCHEMES.items())
    quasar = "--q-primary:var(--vd-accent)!important;--q-secondary:var(--vd-muted)!important;" + "".join(
        f"--q-{name}:var(--vd-{hue}-fill)!important;"
        for name, hue in (("positive", "green"), ("negative", "red"), ("info", "blue"), ("warning", "amber"))
    )
    return (
        f"{font_faces(FONTS[brand.font], base_url)}{font_faces(MONO, base_url)}"
        f":root{{color-scheme:{_SCHEMES[brand.mode]};{variables}}}{modes}body{{{quasar}}}"
    )


def scoped_variables(brand: Brand) -> str:
    """The variables alone, as declarations: for :root, or for an element of the class `vd-scope` that previews it."""
    return ";".join(f"--vd-{name}:{value}" for name, value in _variables(brand).items())


def every_font_face() -> str:
    """The rules of all fonts, for the page where one is chosen; a browser fetches only those that it paints."""
    return "".join(font_faces(font, f"{STATIC_URL}/fonts") for font in FONTS.values())


def sheet_urls() -> list[str]:
    """The style sheets, in the order in which they must be linked."""
    return [f"{STATIC_URL}/{name}" for name in SHEETS]


def _variables(brand: Brand) -> dict[str, str]:
    pairs: dict[str, Pair] = dict(TONES[brand.tone])
    pairs |= {"accent": brand.accent_pair, "on-accent": brand.on_accent, "accent-text": brand.accent_text}
    for hue, shades in STATUS.items():
        pairs |= {f"{hue}-{use}": pair for use, pair in shades.items()}
    plain = {"radius": f"{brand.radius_px}px", "font": FONTS[brand.font].stack, "mono": MONO.stack}
    return {name: f"light-dark({light},{dark})" for name, (light, dark) in pairs.items()} | plain

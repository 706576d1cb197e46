"""The brands that ship with Voltdeck: the platform's own, and the two of the demo."""

from pathlib import Path
from typing import Final

from themes.brand import Brand

_LOGOS: Final = Path(__file__).parent / "logos"


def _logo(key: str) -> str:
    return (_LOGOS / f"{key}.svg").read_text()


VOLTDECK: Final = Brand.from_tokens({"tagline": "Charging, run calmly."})
GREEN_ENERGY: Final = Brand.from_tokens(
    {
        "key": "greenenergy",
        "app_name": "Green Energy",
        "logo_svg": _logo("greenenergy"),
        "accent": "#127c48",
        "accent_dark": "#3ecf8e",
        "tone": "sage",
        "font": "source-sans-3",
        "radius_px": 10,
        "mode": "light",
        "language": "en-GB",
        "tagline": "Charging from sun and wind.",
    }
)
BLUE_WAVE: Final = Brand.from_tokens(
    {
        "key": "bluewave",
        "app_name": "Blue Wave",
        "logo_svg": _logo("bluewave"),
        "accent": "#0b66c9",
        "accent_dark": "#38b2f5",
        "tone": "navy",
        "font": "manrope",
        "radius_px": 6,
        "mode": "dark",
        "language": "en-SG",
        "tagline": "The island's fastest network.",
    }
)
BUILTIN: Final[dict[str, Brand]] = {brand.key: brand for brand in (VOLTDECK, GREEN_ENERGY, BLUE_WAVE)}

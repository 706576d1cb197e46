"""The brands that ship with Voltdeck: the platform's own, the two of the demo, and themes to start a brand from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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


@dataclass(frozen=True, slots=True)
class Starter:
    """A look to start from: everything of a brand but its words and its logo."""

    key: str
    name: str
    words: str
    accent: str
    accent_dark: str
    tone: str
    font: str
    radius_px: int
    mode: str = "auto"

    def tokens(self) -> dict[str, Any]:
        """What it sets in a brand."""
        return {
            "accent": self.accent,
            "accent_dark": self.accent_dark,
            "tone": self.tone,
            "font": self.font,
            "radius_px": self.radius_px,
            "mode": self.mode,
        }


STARTERS: Final = (
    Starter("indigo", "Indigo", "Clear and neutral", "#4b56d2", "#8c95ff", "slate", "inter", 8),
    Starter("meadow", "Meadow", "Green, friendly", "#2a7a35", "#6fcf7c", "sage", "figtree", 12),
    Starter("harbour", "Harbour", "Deep water, exact", "#0a6a78", "#3cc8d4", "navy", "public-sans", 4),
    Starter("coast", "Coast", "Open sky, calm", "#0a5fc2", "#5cb3ff", "slate", "source-sans-3", 9),
    Starter("ember", "Ember", "Warm and direct", "#b3400e", "#ff935c", "sand", "plus-jakarta-sans", 10),
    Starter("graphite", "Graphite", "Black on white", "#26292e", "#e3e6ea", "graphite", "inter", 3),
    Starter("orchid", "Orchid", "Soft and bright", "#8a2fa8", "#d896f2", "plum", "manrope", 16),
    Starter("cherry", "Cherry", "Vivid, confident", "#b3154f", "#ff86ac", "graphite", "figtree", 14),
    Starter("amber", "Amber", "Gold at night", "#83590a", "#f2bd4a", "sand", "source-sans-3", 7, "dark"),
)

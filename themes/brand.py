"""A tenant's brand as data: what it may set, how each value is checked, and what its colours become."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, Self, cast

from themes.color import ink_on, is_hex, readable
from themes.fonts import FONTS
from themes.palette import TONES, Pair
from themes.svg import SvgError, clean_svg

Mode = Literal["light", "dark", "auto"]
MODES: Final = ("light", "dark", "auto")
MAX_RADIUS_PX: Final = 20
LONGEST_LEGAL_TEXT: Final = 2000
_KEY: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_IMAGE: Final = re.compile(r"[0-9a-f]{32}\.png")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
_PLAIN_MARK: Final = (Path(__file__).parent / "logos" / "voltdeck.svg").read_text()


class BrandError(ValueError):
    """A brand value that must not reach a page; `field` names it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Brand:
    """Everything a tenant's brand row holds. Build one with `from_tokens`; its values are then safe in HTML and CSS.

    `accent` and `accent_dark` fill buttons and marks in light and dark mode; `logo_svg` is a square mark that stands
    beside `app_name`; `tone` names the family of neutral surfaces; `language` is a BCP 47 tag such as en-SG.

    `logo_image` names a stored picture and goes before the drawing; without an own favicon the logo is the favicon.
    """

    key: str = "voltdeck"
    app_name: str = "Voltdeck"
    logo_svg: str = clean_svg(_PLAIN_MARK)
    accent: str = "#4b56d2"
    accent_dark: str = "#8c95ff"
    tone: str = "slate"
    font: str = "inter"
    radius_px: int = 8
    mode: Mode = "auto"
    language: str = "en"
    tagline: str = ""
    logo_image: str = ""
    favicon_svg: str = ""
    favicon_image: str = ""
    footer: str = ""
    mail_sender: str = ""
    legal_text: str = ""

    @classmethod
    def from_tokens(cls, tokens: Mapping[str, Any]) -> Self:
        """The brand of a plain JSON object; what is missing is Voltdeck's own. Raises BrandError."""
        known = {field.name for field in fields(cls)}
        for name in tokens:
            if name not in known:
                raise BrandError(str(name), "is not part of a brand")
        tokens = dict(tokens)
        if "accent" in tokens:
            tokens.setdefault("accent_dark", tokens["accent"])
        return cls(**{name: _CHECKS[name](name, value) for name, value in tokens.items()})

    def to_tokens(self) -> dict[str, Any]:
        """Plain JSON that `from_tokens` reads back."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def accent_pair(self) -> Pair:
        return self.accent, self.accent_dark

    @property
    def on_accent(self) -> Pair:
        """The ink for text and icons on the accent."""
        return ink_on(self.accent), ink_on(self.accent_dark)

    @property
    def accent_text(self) -> Pair:
        """The accent as link and icon colour: the nearest shade that reads on every surface of the tone."""
        tone = TONES[self.tone]
        light, dark = (
            readable(accent, tuple(tone[name][side] for name in ("surface", "page", "sunken", "raised")))
            for side, accent in enumerate(self.accent_pair)
        )
        return light, dark


def _text(name: str, value: object, *, longest: int, empty: bool = False) -> str:
    if not isinstance(value, str) or len(value) > longest or not (empty or value.strip()) or not value.isprintable():
        raise BrandError(name, f"must be plain text of at most {longest} characters")
    return value.strip()


def _app_name(name: str, value: object) -> str:
    return _text(name, value, longest=40)


def _tagline(name: str, value: object) -> str:
    return _text(name, value, longest=120, empty=True)


def _footer(name: str, value: object) -> str:
    return _text(name, value, longest=160, empty=True)


def _mail_sender(name: str, value: object) -> str:
    """A display name. An address in it would pass for the sender's."""
    sender = _text(name, value, longest=60, empty=True)
    if "@" in sender:
        raise BrandError(name, "must be a name, without an e-mail address")
    return sender


def _legal_text(name: str, value: object) -> str:
    """The only text of several lines."""
    lines = [line.rstrip() for line in value.splitlines()] if isinstance(value, str) else [""]
    if not isinstance(value, str) or len(value) > LONGEST_LEGAL_TEXT or not all(map(str.isprintable, lines)):
        raise BrandError(name, f"must be plain text of at most {LONGEST_LEGAL_TEXT} characters")
    return "\n".join(lines).strip()


def _color(name: str, value: object) -> str:
    if not is_hex(value):
        raise BrandError(name, "must be a colour such as #1f8a5b")
    return cast(str, value).lower()


def _logo(name: str, value: object) -> str:
    try:
        return clean_svg(value if isinstance(value, str) else "")
    except SvgError as error:
        raise BrandError(name, str(error)) from None


def _favicon(name: str, value: object) -> str:
    return _logo(name, value) if value != "" else ""


def _image(name: str, value: object) -> str:
    if not isinstance(value, str) or not (value == "" or _IMAGE.fullmatch(value)):
        raise BrandError(name, "must name a stored picture")
    return value


def _radius(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_RADIUS_PX:
        raise BrandError(name, f"must be a whole number from 0 to {MAX_RADIUS_PX}")
    return value


def _matching(pattern: re.Pattern[str], what: str) -> Any:
    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise BrandError(name, f"must be {what}")
        return value

    return check


def _one_of(*allowed: str) -> Any:
    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise BrandError(name, f"must be one of {', '.join(allowed)}")
        return value

    return check


_CHECKS: Final[dict[str, Any]] = {
    "key": _matching(_KEY, "lower-case letters, digits and hyphens"),
    "app_name": _app_name,
    "logo_svg": _logo,
    "accent": _color,
    "accent_dark": _color,
    "tone": _one_of(*TONES),
    "font": _one_of(*FONTS),
    "radius_px": _radius,
    "mode": _one_of(*MODES),
    "language": _matching(_LANGUAGE, "a language tag such as de or en-SG"),
    "tagline": _tagline,
    "logo_image": _image,
    "favicon_svg": _favicon,
    "favicon_image": _image,
    "footer": _footer,
    "mail_sender": _mail_sender,
    "legal_text": _legal_text,
}

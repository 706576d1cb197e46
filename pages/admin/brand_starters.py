"""Themes to start from: one click sets colours, tone, typeface and shape; name, logo and words stay."""

from pages.admin.brand_editing import BrandEditing
from themes.builtin import STARTERS, Starter
from themes.fonts import FONTS
from themes.markup import Tag
from themes.palette import TONES


class BrandStarters:
    """The gallery; the one that the form agrees with is marked."""

    def __init__(self, editing: BrandEditing) -> None:
        self._editing = editing
        self._tiles: dict[str, Tag] = {}
        with Tag("div", classes="brand-starters"):
            for starter in STARTERS:
                self._tile(starter)
        editing.listen(self._show)
        self._show()

    def _tile(self, starter: Starter) -> None:
        with Tag("button", classes="brand-starter", type="button") as tile:
            with Tag("span", classes="brand-starter__look", aria_hidden="true"):
                for side, accent in enumerate((starter.accent, starter.accent_dark)):
                    _half(starter, side, accent)
            Tag("span", starter.name, "brand-starter__name").style(f"font-family:{FONTS[starter.font].stack}")
            Tag("span", starter.words, "brand-starter__words")
        tile.on("click", lambda: self._editing.set(**starter.tokens()))
        self._tiles[starter.key] = tile

    def _show(self) -> None:
        tokens = self._editing.brand.to_tokens()
        for starter in STARTERS:
            agrees = all(tokens[name] == value for name, value in starter.tokens().items())
            self._tiles[starter.key].attrs(aria_pressed="true" if agrees else "false")


def _half(starter: Starter, side: int, accent: str) -> None:
    tone, radius = TONES[starter.tone], starter.radius_px
    half = Tag("span", classes="brand-starter__half").style(f"background:{tone['page'][side]}")
    with half, Tag("span", classes="brand-starter__card") as tile:
        tile.style(f"background:{tone['surface'][side]};border-color:{tone['line'][side]};border-radius:{radius}px")
        Tag("i").style(f"background:{accent};border-radius:{radius * 0.6:g}px")
        Tag("b").style(f"background:{tone['muted'][side]}")

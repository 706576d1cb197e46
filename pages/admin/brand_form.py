"""The form of the brand: every token that a tenant may choose, each with a word on what it does."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from components.choices import Choice, Choices
from components.color_field import ColorField
from components.controls import button, card
from pages.admin.brand_contrast import BrandContrast
from pages.admin.brand_editing import BrandEditing
from pages.admin.brand_marks import MarkField
from pages.admin.brand_starters import BrandStarters
from themes.brand import MAX_RADIUS_PX, Brand
from themes.builtin import VOLTDECK
from themes.contrast import nearest_passing
from themes.fonts import FONTS
from themes.markup import Tag
from themes.palette import TONE_NAMES, TONES

MODES = {"auto": "As the device says", "light": "Light", "dark": "Dark"}


class BrandForm:
    """Each field changes the tokens, and follows them when a theme or a correction changes them instead."""

    def __init__(self, editing: BrandEditing) -> None:
        self._editing = editing
        self._followers: list[Callable[[Brand], object]] = []
        with Tag("div", classes="brand-form"):
            with card("Start from a theme", sub="Sets colours, typeface and shape; name, logo and words stay."):
                BrandStarters(editing)
            with card("Name and logo"):
                self._name_and_marks()
            with card("Colours"):
                self._colors()
            with card("Type and shape"):
                self._type_and_shape()
            with card("Words"):
                self._words()
        editing.listen(self._follow)

    def _follow(self) -> None:
        for follow in self._followers:
            follow(self._editing.brand)

    def _name_and_marks(self) -> None:
        self._text("app_name", "App name", "Stands beside the logo, in tab titles and on the home screen.", longest=40)
        MarkField(self._editing, "logo", "Logo", "Use the plain mark", lambda: VOLTDECK.logo_svg)
        MarkField(self._editing, "favicon", "Favicon", "Make it from the logo", lambda: "")

    def _colors(self) -> None:
        with Tag("div", classes="brand-pair"):
            self._color("accent", "Accent in light mode")
            self._color("accent_dark", "Accent in dark mode")
        button("Work out the dark accent from the light one", kind="quiet", icon="moon", on_click=self._derive).classes(
            "brand-derive"
        )
        BrandContrast(self._editing)
        tones = [Choice(key, name, _swatches(key)) for key, name in TONE_NAMES.items()]
        self._choice("tone", "Neutral tone", tones)
        self._choice("mode", "Light or dark", [Choice(key, label) for key, label in MODES.items()])

    def _derive(self) -> None:
        brand = self._editing.brand
        self._editing.set(accent_dark=nearest_passing(brand.accent, brand.tone, 1))

    def _type_and_shape(self) -> None:
        fonts = [
            Choice(key, "System" if font.file is None else font.family, font=font.stack) for key, font in FONTS.items()
        ]
        self._choice("font", "Typeface", fonts)
        with Tag("div", classes="vd-stack vd-stack--tight"):
            with Tag("div", classes="brand-radius"):
                Tag("span", "Corner radius", "brand-label")
                shown = Tag("output", classes="vd-num vd-muted")
            slider = ui.slider(min=0, max=MAX_RADIUS_PX, step=1, value=self._editing.brand.radius_px)
            slider.props["aria-label"] = "Corner radius in pixels"
            slider.on_value_change(lambda event: self._editing.set(radius_px=int(event.value or 0)))

        def follow(brand: Brand) -> None:
            shown.set_text(f"{brand.radius_px} px")
            _show(slider, brand.radius_px)

        self._followers.append(follow)
        follow(self._editing.brand)

    def _words(self) -> None:
        self._text("tagline", "Tagline", "One line below the sign-in.", longest=120)
        self._text("footer", "Footer", "Below the tagline, and on the driver's page.", longest=160)
        self._text("mail_sender", "Sender of mails", "Name that mails come from; empty: the app name.", longest=60)
        self._text(
            "legal_text",
            "Legal text",
            "On receipts: company, address, register and VAT number, each on a line.",
            longest=2000,
            lines=True,
        )

    def _text(self, token: str, label: str, hint: str, *, longest: int, lines: bool = False) -> None:
        made = ui.textarea(label) if lines else ui.input(label)
        made.props(f'outlined stack-label hide-bottom-space maxlength={longest} hint="{hint}"').classes("brand-field")
        if lines:
            made.props("rows=4")
        made.set_value(self._editing.brand.to_tokens()[token])

        def change(value: Any) -> None:
            self._editing.set(**{token: str(value or "")})
            problem = self._editing.problems.get(token)
            made.props["error"] = problem is not None
            made.props["error-message"] = problem or ""
            made.update()

        made.on_value_change(lambda event: change(event.value))
        self._followers.append(lambda brand: self._follow_text(made, token, brand))

    def _follow_text(self, made: ValueElement, token: str, brand: Brand) -> None:
        """What is being typed is left alone: the token has lost its outer blanks, and keeps its last right value."""
        value = brand.to_tokens()[token]
        typed = str(made.value or "")
        if token not in self._editing.problems and typed.strip() != value and typed.split() != value.split():
            _show(made, value)

    def _color(self, token: str, label: str) -> None:
        made = ColorField(
            label, self._editing.brand.to_tokens()[token], lambda color: self._editing.set(**{token: color})
        )
        self._followers.append(lambda brand: made.set(brand.to_tokens()[token]))

    def _choice(self, token: str, legend: str, choices: list[Choice]) -> None:
        made = Choices(
            legend, choices, self._editing.brand.to_tokens()[token], lambda key: self._editing.set(**{token: key})
        )
        self._followers.append(lambda brand: made.set(brand.to_tokens()[token]))


def _show(element: ValueElement, value: Any) -> None:
    if element.value != value:
        element.set_value(value)


def _swatches(tone: str) -> tuple[str, ...]:
    shades = TONES[tone]
    return shades["sunken"][0], shades["border"][0], shades["muted"][0], shades["surface"][1]

"""How the brand will look: the dashboard, and a driver's phone, in light and dark, while one types.

Each frame is a scope with the edited brand's variables; what is inside are the parts of the real pages.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from components.controls import button
from components.figures import kpi, kpi_row
from components.formats import Formats
from components.status import status_chip
from pages.admin.brand_editing import BrandEditing
from themes.brand import Brand
from themes.css import scoped_variables
from themes.icons import icon
from themes.markup import Tag
from themes.page import logo_url

SIDES: Final = (("light", "Light"), ("dark", "Dark"))
VIEWS: Final = (("dashboard", "Dashboard"), ("phone", "Driver's phone"))
_HOURS: Final = (22, 18, 16, 21, 34, 62, 88, 96, 80, 74, 92, 118, 131, 126, 142, 151)
_ROWS: Final = (
    ("Harbour Quay 3", "Two connectors, CCS", "Charging", 118_000),
    ("Market Square 1", "One connector, Type 2", "Available", 0),
    ("Old Mill 2", "Two connectors, Type 2", "Faulted", None),
)


class BrandPreview:
    """The previews beside the form. What changes is set in place: nothing is built anew, so nothing flashes."""

    def __init__(self, editing: BrandEditing, formats: Formats) -> None:
        self._editing = editing
        self._formats = formats
        self._told: list[Callable[[Brand], object]] = []
        with Tag("section", classes="brand-preview", aria_label="Preview"):
            with Tag("div", classes="brand-preview__head"):
                Tag("h2", "Preview")
                _switch()
            with Tag("div", classes="brand-preview__stage vd-scope") as self._scope:
                for side, word in SIDES:
                    self._framed(side, word, "dashboard", self._dashboard)
                for side, word in SIDES:
                    self._framed(side, word, "phone", self._phone)
        editing.listen(self._show)
        self._show()

    def _show(self) -> None:
        self._scope.style(replace=scoped_variables(self._editing.brand))
        for tell in self._told:
            tell(self._editing.brand)

    def _framed(self, side: str, word: str, view: str, build: Callable[[], None]) -> None:
        with Tag("figure", classes=f"brand-shown brand-shown--{view}", data_side=side, data_testid=f"{view}-{side}"):
            with Tag("figcaption", classes="brand-shown__caption"):
                Tag("span", word)
                first = Tag("span", "", "brand-shown__first")
            self._told.append(lambda brand: first.set_text(_first_words(brand, side)))
            name = f"{dict(VIEWS)[view]} in {side} mode"
            with (
                Tag("div", classes=f"brand-{view}-frame vd-scope", role="img", aria_label=name),
                Tag("div", classes=f"brand-{view}", inert=""),
            ):
                build()

    def _dashboard(self) -> None:
        with Tag("div", classes="brand-dashboard__rail"):
            self._mark_and_name()
            for symbol, label, here in (
                ("layout-dashboard", "Overview", True),
                ("ev-charger", "Stations", False),
                ("zap", "Sessions", False),
            ):
                with Tag("span", classes="vd-nav__link", aria_current="page" if here else None):
                    icon(symbol)
                    Tag("span", label)
        with Tag("div", classes="brand-dashboard__main"):
            with Tag("div", classes="brand-dashboard__head"):
                Tag("span", "Overview", "brand-dashboard__title")
                button("Export", icon="download")
                button("Start a session", icon="play", kind="primary")
            with kpi_row():
                power, power_unit = self._formats.power_parts(151_000)
                energy, energy_unit = self._formats.energy_parts(1_240_000)
                kpi("Power now", power, unit=power_unit, icon="zap", spark=_HOURS, sub="12 sessions")
                kpi("Energy today", energy, unit=energy_unit, icon="battery-charging", sub="86 sessions")
            with Tag("div", classes="vd-card brand-dashboard__list"):
                for name, what, status, power_w in _ROWS:
                    self._row(name, what, status, power_w)
            with Tag("div", classes="brand-dashboard__foot"):
                for status in ("Preparing", "Finishing", "Reserved", "Offline"):
                    status_chip(status)
                Tag("span", "All stations", "vd-link")

    def _row(self, name: str, what: str, status: str, power_w: int | None) -> None:
        with Tag("div", classes="brand-dashboard__row"):
            with Tag("div", classes="brand-dashboard__what"):
                Tag("span", name, "vd-row__link")
                Tag("span", what, "vd-cell__sub")
            status_chip(status)
            Tag("span", self._formats.power(power_w), "vd-num vd-tabular")

    def _phone(self) -> None:
        with Tag("div", classes="brand-phone__bar"):
            self._mark_and_name()
            icon("user-round")
        with Tag("div", classes="brand-phone__page"):
            Tag("span", "Harbour Quay 3", "brand-phone__title")
            Tag("span", "Connector 1 · CCS · 150 kW", "vd-muted")
            with Tag("div", classes="vd-row"):
                status_chip("Available")
            with Tag("div", classes="vd-card brand-phone__price"):
                price = self._formats.money(Decimal("0.49"))
                for what, amount in (
                    ("Energy", f"{price} per kWh"),
                    ("Starting", "free"),
                    ("Parking", "first 2 h free"),
                ):
                    with Tag("div", classes="vd-details__pair"):
                        Tag("span", what, "vd-muted")
                        Tag("span", amount, "vd-num")
            button("Start charging", icon="zap", kind="primary").classes("brand-phone__start")
            Tag("span", "Pay with a card or your account", "vd-link brand-phone__other")
            self._text(lambda brand: brand.tagline, "brand-phone__small")
            self._text(lambda brand: brand.footer, "brand-phone__small")
            self._text(lambda brand: brand.legal_text, "brand-phone__small brand-phone__legal")

    def _mark_and_name(self) -> None:
        with Tag("span", classes="brand-mark"):
            mark = Tag("img", classes="vd-brand__mark", alt="")
            self._told.append(lambda brand: mark.attrs(src=logo_url(brand)))
            self._text(lambda brand: brand.app_name, "vd-brand__name")

    def _text(self, read: Callable[[Brand], str], classes: str) -> None:
        place = Tag("span", "", classes)
        self._told.append(lambda brand: place.set_text(read(brand)))


def _first_words(brand: Brand, side: str) -> str:
    if brand.mode == "auto":
        return "where the visitor's device is so"
    return "what visitors see first" if brand.mode == side else ""


def _switch() -> None:
    """Which of the two is shown: the style sheet looks at what is checked, so that nobody has to be asked."""
    with Tag("fieldset", classes="vd-mode brand-switch"):
        Tag("legend", "What is previewed", "vd-hidden")
        for number, (view, label) in enumerate(VIEWS):
            with Tag("label"):
                radio = Tag("input", type="radio", value=view, checked="" if number == 0 else None)
                radio.props["name"] = "brand-view"
                Tag("span", label)

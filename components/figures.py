"""Figures that matter: a label, a large number that does not jitter, and a word of context."""

from collections.abc import Sequence

from nicegui import ui

from themes.icons import icon as line_icon
from themes.markup import Tag

_WIDTH = 100
_HEIGHT = 28


class Sparkline(ui.html):
    """A line without axes, for the shape of the last hours; the numbers stand beside it."""

    def __init__(self, values: Sequence[float] = ()) -> None:
        super().__init__(sparkline_svg(values), sanitize=False, tag="span")
        self.classes("vd-spark")

    def load(self, values: Sequence[float]) -> None:
        """Draw other values."""
        self.set_content(sparkline_svg(values))


class Kpi(Tag):
    """One figure. The value is a live region only where asked, so that a busy page does not talk without end."""

    def __init__(
        self, label: str, value: str, unit: str, sub: str, icon: str, spark: Sequence[float], href: str
    ) -> None:
        super().__init__("a" if href else "div", classes="vd-kpi", href=href or None)
        with self:
            with Tag("div", classes="vd-kpi__label"):
                if icon:
                    line_icon(icon)
                Tag("span", label)
            with Tag("div", classes="vd-kpi__line"):
                self._value = Tag("span", value, "vd-kpi__value")
                self._unit = Tag("span", unit, "vd-kpi__unit")
            self._sub = Tag("div", sub, "vd-kpi__sub")
            self._spark = Sparkline(spark)

    def set(self, value: str, *, unit: str | None = None, sub: str | None = None) -> None:
        """Change the value, and the unit and context where given."""
        self._value.set_text(value)
        if unit is not None:
            self._unit.set_text(unit)
        if sub is not None:
            self._sub.set_text(sub)

    def spark(self, values: Sequence[float]) -> None:
        """Draw the line behind the figure."""
        self._spark.load(values)


def kpi(
    label: str,
    value: str = "–",
    *,
    unit: str = "",
    sub: str = "",
    icon: str = "",
    spark: Sequence[float] = (),
    href: str = "",
) -> Kpi:
    """A figure card; put several into a `kpi_row()`. With `href` the whole card is a link."""
    return Kpi(label, value, unit, sub, icon, spark, href)


def kpi_row() -> ui.element:
    """The row of figures at the top of a page; wraps to two columns on a phone."""
    return Tag("div", classes="vd-kpis")


def sparkline_svg(values: Sequence[float]) -> str:
    """The line as SVG; fewer than two values give nothing."""
    if len(values) < 2:
        return ""
    low, high = min(0.0, *values), max(*values, 1e-9)
    step = _WIDTH / (len(values) - 1)
    points = [
        f"{index * step:.1f},{_HEIGHT - 2 - (value - low) / (high - low) * (_HEIGHT - 4):.1f}"
        for index, value in enumerate(values)
    ]
    line = " ".join(points)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon points="0,{_HEIGHT} {line} {_WIDTH},{_HEIGHT}"/><polyline points="{line}"/></svg>'
    )

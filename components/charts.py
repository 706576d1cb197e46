"""Charts that grow while one watches: points are sent as they come, never the whole chart again."""

from collections.abc import Sequence

from nicegui import ui
from nicegui.elements import echart

from components.assets import STATIC_URL

Point = tuple[int, float | None, float | None] | tuple[int, float | None, float | None, float | None]
"""(Unix time in ms, power in kW, energy in kWh, and where known the battery in percent); None leaves a gap."""

_ECHART_DIST = echart.__path__[0] + "/dist"


class LiveChart(ui.element, component="line_chart.js", esm={"nicegui-echart": _ECHART_DIST}):
    """Power (kW, left) and energy (kWh, right) over time, in the location's `zone`; keeps at most `most` points.

    The battery, where the car tells of it, is drawn from empty at the bottom to full at the top.
    """

    def __init__(
        self,
        *,
        zone: str = "UTC",
        language: str = "en",
        points: Sequence[Point] = (),
        height: str = "300px",
        most: int = 5000,
        title: str = "Power and energy over time",
    ) -> None:
        super().__init__()
        self.style(f"height:{height};width:100%")
        self.props.update(
            {
                "zone": zone,
                "language": language,
                "most": most,
                "title": title,
                "points": list(points),
                "static-url": STATIC_URL,
            }
        )

    def append(self, points: Sequence[Point]) -> None:
        """Add points at the end; one with the time of the last replaces it."""
        if points:
            self.run_method("append", list(points))

    def load(self, points: Sequence[Point]) -> None:
        """Show these points instead."""
        self.run_method("load", list(points))


class BarChart(ui.element, component="bar_chart.js", esm={"nicegui-echart": _ECHART_DIST}):
    """One bar per label, such as energy per day."""

    def __init__(
        self,
        bars: Sequence[tuple[str, float]] = (),
        *,
        unit: str = "kWh",
        language: str = "en",
        height: str = "240px",
        title: str = "Energy per day",
    ) -> None:
        super().__init__()
        self.style(f"height:{height};width:100%")
        self.props.update(
            {"bars": list(bars), "unit": unit, "language": language, "title": title, "static-url": STATIC_URL}
        )

    def load(self, bars: Sequence[tuple[str, float]]) -> None:
        """Show these bars instead."""
        self.run_method("load", list(bars))

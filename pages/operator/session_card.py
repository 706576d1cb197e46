"""A running session, live: its figures, and a chart that grows while the car charges."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from components.age import Age
from components.charts import LiveChart, Point
from components.controls import button, card
from components.formats import Formats
from components.live import follow
from components.status import StatusChip, status_chip
from csms.transactions.queries import MeterPoint, meter_series
from pages.operator.words import charging_status, connector_words
from pages.session import PageContext
from themes.markup import Tag

MOST_POINTS = 600


class Readings:
    """The figures of a session in a row; `show` takes the board's snapshot."""

    def __init__(self, snapshot: dict[str, Any], formats: Formats) -> None:
        self._formats = formats
        self._pairs: dict[str, Tag] = {}
        self._values: dict[str, Tag] = {}
        with Tag("dl", classes="vd-readings"):
            for name in ("Power", "Energy", "Cost", "Battery"):
                with Tag("div", classes="vd-reading") as self._pairs[name]:
                    Tag("dt", name)
                    self._values[name] = Tag("dd", data_reading=name.lower())
            with Tag("div", classes="vd-reading"):
                Tag("dt", "Time")
                with Tag("dd", data_reading="time"):
                    self._time(snapshot)
        self.show(snapshot)

    def _time(self, snapshot: dict[str, Any]) -> None:
        if snapshot["is_open"]:
            Age(snapshot["started_at"], running=True)
            return
        took = datetime.fromisoformat(snapshot["ended_at"]) - datetime.fromisoformat(snapshot["started_at"])
        Tag("span", self._formats.duration(max(0.0, took.total_seconds())))

    def show(self, snapshot: dict[str, Any]) -> None:
        """Show newer figures."""
        cost, currency = snapshot["cost"], snapshot["currency"] or None
        texts = {
            "Power": self._formats.power(snapshot["power_w"]),
            "Energy": self._formats.energy(snapshot["energy_wh"]),
            "Cost": self._formats.money(Decimal(cost) if cost is not None else None, currency),
            "Battery": self._formats.percent(snapshot["soc_percent"]),
        }
        for name, text in texts.items():
            self._values[name].set_text(text)
        self._pairs["Power"].set_visibility(snapshot["is_open"])
        self._pairs["Battery"].set_visibility(snapshot["soc_percent"] is not None)  # AC stations never know it


class SessionChart:
    """Power and energy of a session: what was, and each new sample as it comes."""

    def __init__(self, context: PageContext, transaction_id: int, formats: Formats) -> None:
        self._context = context
        self._id = transaction_id
        self._chart = LiveChart(zone=formats.zone, language=formats.language, height="260px")
        self._waiting: list[Point] | None = []

    async def load(self) -> None:
        """Read what the meter has said. Samples that arrive meanwhile are put behind."""
        async with self._context.reading() as session:
            series = await meter_series(session, self._id, MOST_POINTS)
        if self._chart.is_deleted:
            return
        self._chart.load(points_of(series))
        waiting, self._waiting = self._waiting, None
        last_ms = _ms(series[-1].sampled_at) if series else 0
        self._chart.append([point for point in waiting or () if point[0] > last_ms])

    def add(self, snapshot: dict[str, Any]) -> None:
        """Add the newest sample."""
        if snapshot["sampled_at"] is None or not snapshot["is_open"]:
            return
        power_w = snapshot["power_w"]
        at_ms = _ms(datetime.fromisoformat(snapshot["sampled_at"]))
        point = (at_ms, _kilo(power_w), _kilo(snapshot["energy_wh"]), snapshot["soc_percent"])
        if self._waiting is not None:
            self._waiting.append(point)
        else:
            self._chart.append([point])


class SessionCard:
    """One running session on a station's page."""

    def __init__(self, context: PageContext, snapshot: dict[str, Any], formats: Formats) -> None:
        place = connector_words(snapshot["evse_number"], snapshot["connector_number"])
        with card(f"Running session at {place[:1].lower()}{place[1:]}") as self.frame:
            self.frame.attrs(aria_label=f"Running session at {place[:1].lower()}{place[1:]}, number {snapshot['id']}")
            with self.frame.actions:
                self._chip: StatusChip = status_chip(charging_status(snapshot["charging_state"]))
                button("Details", icon="arrow-right", kind="quiet", href=f"/transactions/{snapshot['id']}")
            self._readings = Readings(snapshot, formats)
            self.chart = SessionChart(context, snapshot["id"], formats)
            key = f"transaction:{snapshot['id']}"
            follow(context.services.board, context.tenant.id, [key], self._update, owner=self.frame)

    def _update(self, snapshot: dict[str, Any]) -> None:
        self._chip.set(charging_status(snapshot["charging_state"]))
        self._readings.show(snapshot)
        self.chart.add(snapshot)


def points_of(series: list[MeterPoint]) -> list[Point]:
    """Meter values as the chart wants them: ms, kW, kWh, percent."""
    return [
        (_ms(point.sampled_at), _kilo(point.power_w), _kilo(point.transaction_energy_wh), point.soc_percent)
        for point in series
    ]


def _kilo(value: float | None) -> float | None:
    return None if value is None else value / 1000


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

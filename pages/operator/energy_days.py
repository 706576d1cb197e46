"""Energy by day over the last weeks."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton

from components.charts import BarChart
from components.controls import card
from components.empty import empty_state
from csms.transactions.queries import DayTotal, daily_energy
from pages.session import PageContext

DAYS: Final = 21


class EnergyDays:
    """One bar a day, in the tenant's zone; a day without a session is an empty one."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        with card("Energy by day", sub=f"Sessions of the last {DAYS} days"):
            self._chart = BarChart(language=context.brand.language, height="220px", title="Energy by day")
            self._nothing = empty_state("No sessions yet", "Each day's energy is summed up here.", icon="chart-column")
        self._nothing.set_visibility(False)

    async def load(self) -> None:
        """Ask the database and draw."""
        zone, now = self._context.tenant.time_zone, self._context.services.clock.now()
        async with self._context.reading() as session:
            totals = await daily_energy(session, first_midnight(now, zone, DAYS), zone, now)
        self._chart.set_visibility(any(total.energy_wh for total in totals))
        self._nothing.set_visibility(not self._chart.visible)
        self._chart.load([bar_of(total, self._context.brand.language) for total in totals])


def first_midnight(now: datetime, time_zone: str, days: int) -> datetime:
    """Local midnight that begins the first of `days` days, of which today is the last."""
    day = now.astimezone(ZoneInfo(time_zone)).date() - timedelta(days=days - 1)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone))


def bar_of(total: DayTotal, language: str) -> tuple[str, float]:
    """The day as people write it, and its energy in kWh."""
    label = format_skeleton("MMMd", total.day, locale=Locale.parse(language, sep="-"))
    return label, round(total.energy_wh / 1000, 1)

"""The figures that matter, from the live board."""

from decimal import Decimal
from typing import Any

from components.figures import kpi, kpi_row
from components.live import follow
from pages.session import PageContext


class Figures:
    """Six cards; each batch from the board rewrites only what it changed."""

    def __init__(self, context: PageContext) -> None:
        self._formats = context.formats
        self._currency = context.tenant.currency
        with kpi_row().classes("overview-figures") as row:
            self._power = kpi("Power now", icon="zap")
            self._sessions = kpi("Sessions running", icon="battery-charging", href="/transactions")
            self._online = kpi("Stations online", icon="wifi", href="/stations")
            self._faults = kpi("Faults", icon="triangle-alert", href="/stations")
            self._energy = kpi("Energy today", icon="gauge")
            self._revenue = kpi("Revenue today", icon="banknote")
        board = context.services.board
        self.show(board.figures(context.tenant.id))
        follow(board, context.tenant.id, ["figures"], self.show, owner=row)

    def show(self, figures: dict[str, Any]) -> None:
        """Write the figures as people of the tenant read them."""
        formats = self._formats
        power, unit = formats.power_parts(figures["power_w"])
        self._power.set(power, unit=unit, sub=_count(figures["charging"], "station charging", "stations charging"))
        self._sessions.set(formats.number(figures["sessions_open"]), sub=f"{figures['sessions_today']} began today")
        offline = figures["stations"] - figures["online"]
        self._online.set(
            formats.number(figures["online"]),
            unit=f"/ {formats.number(figures['stations'])}",
            sub=f"{formats.number(offline)} offline" if offline else "all of them",
        )
        faulted = figures["faulted"]
        self._faults.set(formats.number(faulted), sub="out of order" if faulted else "nothing out of order")
        energy, unit = formats.energy_parts(figures["energy_today_wh"])
        self._energy.set(energy, unit=unit, sub="sessions of today")
        revenue = Decimal(figures["revenue_today"] or 0)
        self._revenue.set(formats.money(revenue, self._currency), sub="ended sessions")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"

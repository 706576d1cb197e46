"""Limits as fields of a form, and as bars that show how much of them is used."""

from decimal import Decimal
from typing import Any, Final

from nicegui import ui

from components.formats import Formats
from csms.authorization.limits import Limits, Use
from themes.markup import Tag

_UNLIMITED: Final = "no limit"


class LimitFields:
    """Build it inside a form; `read()` tells what was entered. Empty fields are no limit."""

    def __init__(self, limits: Limits, currency: str) -> None:
        with Tag("fieldset", classes="vd-choices vd-fields__all"):
            Tag("legend", "Limits (leave empty for none)")
            with Tag("div", classes="vd-fields"):
                self._count = _number("Sessions at a time", limits.max_transactions, step=1)
                Tag("span", classes="vd-fields__gap")
                self._day = _number("kWh a day", _kwh(limits.max_energy_day_wh))
                self._month = _number("kWh a month", _kwh(limits.max_energy_month_wh))
                self._cost_day = _number(f"{currency} a day", limits.max_cost_day)
                self._cost_month = _number(f"{currency} a month", limits.max_cost_month)

    def read(self) -> Limits:
        """What was entered."""
        count = decimal_in(self._count)
        return Limits(
            None if count is None else int(count),
            wh_in(self._day),
            wh_in(self._month),
            decimal_in(self._cost_day),
            decimal_in(self._cost_month),
        )


def use_bars(limits: Limits, use: Use, formats: Formats) -> None:
    """Each limit with what is used of it."""
    running = f"{use.transactions} of {limits.max_transactions}"
    with Tag("div", classes="vd-uses"):
        _bar("Sessions now", limits.max_transactions, use.transactions, running)
        for label, limit, used in (
            ("Energy today", limits.max_energy_day_wh, use.energy_day_wh),
            ("Energy this month", limits.max_energy_month_wh, use.energy_month_wh),
        ):
            _bar(label, limit, used, f"{formats.energy(used)} of {formats.energy(limit)}")
        for label, limit, used in (
            ("Money today", limits.max_cost_day, use.cost_day),
            ("Money this month", limits.max_cost_month, use.cost_month),
        ):
            _bar(label, limit, used, f"{formats.money(used)} of {formats.money(limit)}")


def _bar(label: str, limit: int | Decimal | None, used: int | Decimal, words: str) -> None:
    if limit is None:
        return
    share = min(100, round(100 * float(used) / float(limit)))
    with Tag("div", classes="vd-use", data_full="" if used >= limit else None):
        with Tag("div", classes="vd-use__line"):
            Tag("span", label)
            Tag("b", words)
        with Tag("div", classes="vd-use__bar", aria_hidden="true"):
            Tag("span", style=f"width:{share}%")


def decimal_in(field: Any) -> Decimal | None:
    """What a number field holds; nothing for an empty one."""
    return None if field.value in (None, "") else Decimal(str(field.value))


def wh_in(field: Any) -> int | None:
    """The same in Wh, of a field in kWh."""
    value = decimal_in(field)
    return None if value is None else int(value * 1000)


def _number(label: str, value: Any, step: float = 0.01) -> ui.number:
    return ui.number(
        label, value=None if value is None else float(value), min=0, step=step, placeholder=_UNLIMITED
    ).props("outlined stack-label")


def _kwh(energy_wh: int | None) -> float | None:
    return None if energy_wh is None else energy_wh / 1000

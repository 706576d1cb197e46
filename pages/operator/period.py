"""Narrows a list to the sessions of the last days."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

PERIODS: Final = {"today": ("Today", 0), "week": ("Last 7 days", 6), "month": ("Last 30 days", 29)}
"""By key: what people read, and how many days before today belong to it."""

_ANY: Final = ""


def period_start(period: str, now: datetime, zone: str) -> datetime | None:
    """Local midnight at the beginning of the period, in UTC; None for any time."""
    if period not in PERIODS:
        return None
    day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=PERIODS[period][1])
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def period_filter(chosen: str, on_choose: Callable[[str], Awaitable[None]]) -> None:
    """A list of periods."""

    async def choose(event: ValueChangeEventArguments) -> None:
        await on_choose(str(event.value or _ANY))

    options = {_ANY: "Any time"} | {key: label for key, (label, _) in PERIODS.items()}
    select = ui.select(options, value=chosen, on_change=choose)
    select.props("outlined dense options-dense aria-label=Period").classes("vd-choice")

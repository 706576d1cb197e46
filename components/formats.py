"""Numbers, money and times as people of a place read them."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

_NOTHING = "–"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes values for one reader; None is a dash everywhere.

    `language` is a BCP 47 tag, `currency` the tenant's (ISO 4217), `zone` the location's (IANA).
    """

    language: str = "en"
    currency: str = "EUR"
    zone: str = "UTC"

    def at(self, zone: str) -> Self:
        """The same with the times of another zone."""
        return replace(self, zone=zone)

    def number(self, value: float | Decimal | None, digits: int = 0) -> str:
        if value is None:
            return _NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self._locale)

    def percent(self, value: float | None) -> str:
        """A share given in percent (0..100)."""
        return _NOTHING if value is None else f"{self.number(value)} %"

    def energy_parts(self, energy_wh: float | None) -> tuple[str, str]:
        """Energy in Wh as (text, unit), the unit chosen by size."""
        return self._scaled(energy_wh, (("MWh", 1_000_000, 2), ("kWh", 1_000, 1)))

    def power_parts(self, power_w: float | None) -> tuple[str, str]:
        """Power in W as (text, unit), the unit chosen by size."""
        return self._scaled(power_w, (("MW", 1_000_000, 2), ("kW", 1_000, 1)))

    def energy(self, energy_wh: float | None) -> str:
        return self._joined(self.energy_parts(energy_wh))

    def power(self, power_w: float | None) -> str:
        return self._joined(self.power_parts(power_w))

    def duration(self, duration_s: float | None) -> str:
        """Seconds as the two largest units, such as "1 h 12 min"."""
        if duration_s is None:
            return _NOTHING
        seconds = int(duration_s)
        if seconds < _MINUTE:
            return f"{seconds} s"
        if seconds < _HOUR:
            return f"{seconds // _MINUTE} min"
        if seconds < _DAY:
            return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
        return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"

    def money(self, amount: Decimal | None, currency: str | None = None) -> str:
        return _NOTHING if amount is None else format_currency(amount, currency or self.currency, locale=self._locale)

    def time(self, moment: datetime | None) -> str:
        """Hours and minutes in the zone."""
        return _NOTHING if moment is None else format_time(self._local(moment), "HH:mm", locale=self._locale)

    def time_seconds(self, moment: datetime | None) -> str:
        return _NOTHING if moment is None else format_time(self._local(moment), "HH:mm:ss", locale=self._locale)

    def date(self, moment: datetime | None) -> str:
        return _NOTHING if moment is None else format_date(self._local(moment), "medium", locale=self._locale)

    def moment(self, moment: datetime | None) -> str:
        """Date and time in the zone."""
        return _NOTHING if moment is None else f"{self.date(moment)}, {self.time(moment)}"

    def ago(self, moment: datetime | None, now: datetime) -> str:
        """How long before `now`, in one unit."""
        if moment is None:
            return _NOTHING
        seconds = max(0, int((now - moment).total_seconds()))
        for unit, length in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
            if seconds >= length:
                return f"{seconds // length} {unit} ago"
        return "just now"

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language, sep="-")

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def _scaled(self, value: float | None, units: tuple[tuple[str, int, int], ...]) -> tuple[str, str]:
        if value is None:
            return _NOTHING, ""
        unit, factor, digits = units[0] if abs(value) >= units[0][1] else units[1]
        return self.number(Decimal(str(value)) / factor, digits), unit

    def _joined(self, parts: tuple[str, str]) -> str:
        return " ".join(part for part in parts if part)

"""What a token, a driver or a group may use, and whether it is used up. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

ZERO = Decimal(0)
Kind = Literal["token", "driver", "group"]
_OWNERS: dict[Kind, str] = {"token": "This card", "driver": "This driver", "group": "This group of cards"}
LIMIT_NAMES = ("max_transactions", "max_energy_day_wh", "max_energy_month_wh", "max_cost_day", "max_cost_month")


@dataclass(frozen=True, slots=True)
class Limits:
    """As models.Limited; None: as much as it likes."""

    max_transactions: int | None = None
    max_energy_day_wh: int | None = None
    max_energy_month_wh: int | None = None
    max_cost_day: Decimal | None = None
    max_cost_month: Decimal | None = None

    @classmethod
    def of(cls, row: Any, prefix: str = "") -> Self:
        """Those of a row; with `prefix`, from columns labelled so."""
        return cls(*(getattr(row, prefix + name) for name in LIMIT_NAMES))

    @property
    def any(self) -> bool:
        """Whether there is any limit at all."""
        return self != NO_LIMITS

    def as_json(self) -> dict[str, Any]:
        """Plain values for the audit, money as text."""
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Allotment:
    """Limits, and whose: the id of a token or driver, or the value of a group."""

    kind: Kind
    key: int | str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Use:
    """What was used so far; running sessions count as far as their meters have told."""

    transactions: int = 0
    energy_day_wh: int = 0
    energy_month_wh: int = 0
    cost_day: Decimal = ZERO
    cost_month: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Periods:
    """When the day and the month of a moment began, in UTC."""

    day: datetime
    month: datetime

    @classmethod
    def at(cls, now: datetime, time_zone: str) -> Self:
        """As the clocks of a place have it."""
        day = now.astimezone(ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return cls(day.astimezone(UTC), day.replace(day=1).astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Left:
    """How much more may be used; None: as much as one likes. Never below nothing."""

    energy_wh: int | None = None
    cost: Decimal | None = None

    def at_most(self, other: "Left") -> "Left":
        """The tighter of both, in each respect."""
        return Left(_least(self.energy_wh, other.energy_wh), _least(self.cost, other.cost))


def left_of(limits: Limits, use: Use) -> Left:
    """What remains of the tightest limit."""
    energies = (
        _rest(limits.max_energy_day_wh, use.energy_day_wh),
        _rest(limits.max_energy_month_wh, use.energy_month_wh),
    )
    costs = (_rest(limits.max_cost_day, use.cost_day), _rest(limits.max_cost_month, use.cost_month))
    return Left(_least(*energies), _least(*costs))


def too_many(kind: Kind, limits: Limits, use: Use) -> str | None:
    """Why one more session may not begin now; None where it may."""
    most = limits.max_transactions
    if most is None or use.transactions < most:
        return None
    at_once = "one session" if most == 1 else f"{most} sessions"
    return f"{_OWNERS[kind]} may have {at_once} at a time, and {_have(use.transactions)} running already."


def used_up(kind: Kind, limits: Limits, use: Use, currency: str) -> str | None:
    """Which limit is used up, in a sentence; None while something is left of each."""
    owner = _OWNERS[kind]
    if _reached(limits.max_energy_day_wh, use.energy_day_wh):
        return f"{owner} has used its {_kwh(limits.max_energy_day_wh)} for today; it can charge again tomorrow."
    if _reached(limits.max_cost_day, use.cost_day):
        return f"{owner} has used its {limits.max_cost_day:.2f} {currency} for today; it can charge again tomorrow."
    if _reached(limits.max_energy_month_wh, use.energy_month_wh):
        return f"{owner} has used its {_kwh(limits.max_energy_month_wh)} for this month."
    if _reached(limits.max_cost_month, use.cost_month):
        return f"{owner} has used its {limits.max_cost_month:.2f} {currency} for this month."
    return None


def problem_with(limits: Limits) -> str | None:
    """Why these cannot be limits; None for good ones."""
    for name, value in asdict(limits).items():
        most = 1_000 if name == "max_transactions" else 10**12 if name.endswith("_wh") else 10**9
        if value is not None and not (Decimal(value).is_finite() and 0 < value < most):
            return f"A limit is more than 0, or left out for none; got {value}."
    return None


def limits_from(values: Mapping[str, Any]) -> Limits:
    """Those among `values`, by name."""
    return Limits(**{name: values[name] for name in LIMIT_NAMES if name in values})


def next_day(now: datetime, time_zone: str) -> datetime:
    """When limits of a day are new again."""
    zone = ZoneInfo(time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)


def _reached(limit: int | Decimal | None, used: int | Decimal) -> bool:
    return limit is not None and used >= limit


def _rest(limit: Any, used: Any) -> Any:
    return None if limit is None else max(limit - used, type(limit)(0))


def _least(*values: Any) -> Any:
    return min((value for value in values if value is not None), default=None)


def _kwh(energy_wh: int | None) -> str:
    return f"{Decimal(energy_wh or 0) / 1000:f} kWh"


def _have(number: int) -> str:
    return "has one" if number == 1 else f"has {number}"

"""What a station told (GetCompositeSchedule) beside what we expect of it, piece by piece (DS_51); pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from csms.smart_charging.composite import Allowed, Stretch
from csms.smart_charging.profile import Period

SLACK_S = 4
"""A change may come this much earlier or later; the certification lab allows as much."""
SLACK = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One piece: for `duration_s` from `start_s` on the station was told one limit and we expect one."""

    start_s: int
    duration_s: int
    expected: Decimal | None
    """None: nothing that we know of limits it, so whatever the station says is right."""
    told: Decimal | None
    """None: the station says there is no limit."""
    agrees: bool

    @property
    def difference(self) -> Decimal | None:
        """How much more the station takes than we expect; None where one of the two has no limit."""
        return None if self.told is None or self.expected is None else self.told - self.expected

    def as_json(self) -> dict[str, Any]:
        """As stored: decimals as text."""
        return {
            "start_s": self.start_s,
            "duration_s": self.duration_s,
            "expected": _text(self.expected),
            "told": _text(self.told),
            "difference": _text(self.difference),
            "agrees": self.agrees,
        }


def compare(expected: Sequence[Stretch], told: Sequence[Period], duration_s: int) -> tuple[Comparison, ...]:
    """Both schedules over the same seconds; pieces begin wherever one of the two changes."""
    if duration_s <= 0:
        return ()
    points = {0, *(stretch.start_s for stretch in expected), *(period.start_s for period in told)}
    starts = sorted(point for point in points if 0 <= point < duration_s)
    ends = [*starts[1:], duration_s]
    return tuple(_piece(expected, told, start_s, end_s) for start_s, end_s in zip(starts, ends, strict=True))


def matches(pieces: Sequence[Comparison]) -> bool:
    """Whether the station does what we expect throughout."""
    return all(piece.agrees for piece in pieces)


def _piece(expected: Sequence[Stretch], told: Sequence[Period], start_s: int, end_s: int) -> Comparison:
    allowed = _expected_at(expected, start_s).limit
    said = _told_at(told, start_s)
    near = allowed is None or (said is not None and abs(said - allowed) <= SLACK)
    agrees = near or end_s - start_s <= SLACK_S
    return Comparison(start_s, end_s - start_s, allowed, said, agrees)


def _expected_at(expected: Sequence[Stretch], at_s: int) -> Allowed:
    return next(
        (stretch.allowed for stretch in reversed(expected) if stretch.start_s <= at_s),
        Allowed(None),
    )


def _told_at(told: Sequence[Period], at_s: int) -> Decimal | None:
    return next((period.limit for period in reversed(told) if period.start_s <= at_s), None)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"

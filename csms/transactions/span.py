"""Between which times a transaction's meter values lie: where they are looked for, without an index of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

AHEAD = timedelta(hours=1)
"""How far a span reaches beyond a new sample: the next ones are within, and the transaction's row need not know."""
NOTABLE = timedelta(days=1)
"""A gap shorter than this saves no reading worth the mention."""
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

Range = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """No sample lies before `since`, after `until` or inside `gap`. Without arguments: there is no sample yet.

    A clock that is set right in the middle leaves years between the samples: that is what the gap is for (quirk 60).
    """

    since: datetime = LAST
    until: datetime = FIRST
    gap: Range | None = None

    def including(self, at: datetime) -> "Span":
        """The span once a sample of this time is stored; the same object when it lies within."""
        gap = self.gap
        if self.since <= at <= self.until:
            if gap is None or not gap[0] < at < gap[1]:
                return self
            return replace(self, gap=_longest((gap[0], at), (at + AHEAD, gap[1])))
        if self.since > self.until:
            return Span(at, at + AHEAD)
        if at > self.until:
            return Span(self.since, at + AHEAD, _longest(gap, (self.until, at)))
        return Span(at, self.until, _longest(gap, (at + AHEAD, self.since)))

    def ranges(self) -> list[Range]:
        """Where samples may lie, in order of time; both ends belong to a range."""
        if self.since > self.until:
            return []
        if self.gap is None:
            return [(self.since, self.until)]
        return [(self.since, self.gap[0]), (self.gap[1], self.until)]

    def to_json(self) -> dict[str, Any]:
        """As kept in a transaction's `machine`."""
        ends: dict[str, Any] = {"since": _text(self.since), "until": _text(self.until)}
        return ends if self.gap is None else ends | {"gap": [_text(end) for end in self.gap]}


def _longest(*gaps: Range | None) -> Range | None:
    notable = [gap for gap in gaps if gap is not None and gap[1] - gap[0] > NOTABLE]
    return max(notable, key=lambda gap: gap[1] - gap[0], default=None)


def span_of(machine: Mapping[str, Any], started_at: datetime, ended_at: datetime | None) -> Span:
    """The span as a transaction's row tells it; one that was written by other means keeps to the session's times."""
    told = machine.get("samples")
    if told is None:
        return Span(started_at, ended_at or LAST)
    gap = told.get("gap")
    return Span(_moment(told["since"]), _moment(told["until"]), (_moment(gap[0]), _moment(gap[1])) if gap else None)


def _text(at: datetime) -> str:
    """As SQLite keeps a moment (models.types.UtcDateTime): the database compares the two as they are."""
    return at.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

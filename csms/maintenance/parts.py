"""Joins the parts of a report by their sequence numbers: pure. Parts may come twice, in any order, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_MISSING = 1000
"""Sequence numbers listed as missing; a station that counts wildly does not fill the database."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What has come: sequence numbers, sorted, and the number of the part that said it was the last."""

    numbers: tuple[int, ...] = ()
    last: int | None = None

    @property
    def missing(self) -> list[int]:
        """Numbers below the highest known one that have not come, at most MOST_MISSING of them."""
        found: list[int] = []
        expected = 0
        for number in (*self.numbers, *([self.last + 1] if self.last is not None else [])):
            found.extend(range(expected, min(number, expected + MOST_MISSING - len(found))))
            expected = max(expected, number + 1)
        return found

    @property
    def is_complete(self) -> bool:
        """Whether the last part is known and none before it is missing."""
        return self.last is not None and not self.missing

    def with_part(self, number: int, *, to_be_continued: bool) -> "Parts":
        """What has come with one more part. Negative numbers count as 0."""
        number = max(0, number)
        numbers = tuple(sorted({*self.numbers, number}))
        last = self.last
        if not to_be_continued:
            last = number if last is None else max(last, number)
        return Parts(numbers, last)


def parts_of(numbers: Iterable[int], last: int | None) -> Parts:
    """Parts as stored."""
    return Parts(tuple(sorted(set(numbers))), last)

"""Sequence numbers of a 2.x transaction: which came, which are missing (DS_20)."""

from dataclasses import dataclass

MAX_MISSING = 100
"""Gaps beyond this many numbers are not listed one by one; a station that skips a million gains nothing."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """The newest number and the gaps before it. A transaction need not begin at 0 (E_53)."""

    last: int | None = None
    missing: tuple[int, ...] = ()

    def is_newer(self, seq_no: int) -> bool:
        """Whether `seq_no` comes after everything seen."""
        return self.last is None or seq_no > self.last

    def is_next(self, seq_no: int) -> bool:
        """Whether nothing lies between `seq_no` and everything seen."""
        return self.last is None or seq_no == self.last + 1

    def after(self, seq_no: int) -> "Sequence":
        """The sequence once `seq_no` has come; the same object when it had come before."""
        if self.last is None:
            return Sequence(seq_no)
        if seq_no > self.last:
            skipped = range(self.last + 1, seq_no)[:MAX_MISSING]
            return Sequence(seq_no, (*self.missing, *skipped)[:MAX_MISSING])
        if seq_no in self.missing:
            return Sequence(self.last, tuple(number for number in self.missing if number != seq_no))
        return self

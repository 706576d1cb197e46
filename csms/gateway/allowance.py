"""How much a station may send: a token bucket, so that one that floods waits and the others do not (TR_68)."""


class Allowance:
    """`rate` per second on average, `burst` at once. Times are seconds of one monotonic clock."""

    __slots__ = ("_burst", "_left", "_rate", "_since")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._since = now

    def take(self, now: float) -> float:
        """Use one; returns the seconds to wait before the next, 0 while something is left."""
        left = self._left + (now - self._since) * self._rate
        self._since = now
        self._left = left = (left if left < self._burst else self._burst) - 1.0
        return 0.0 if left >= 0.0 else -left / self._rate

    def wait(self, now: float) -> float:
        """The seconds that whoever takes one now would be told to wait."""
        left = min(self._burst, self._left + (now - self._since) * self._rate) - 1.0
        return 0.0 if left >= 0.0 else -left / self._rate

    def take_if_any(self, now: float) -> bool:
        """Use one if there is one."""
        left = min(self._burst, self._left + (now - self._since) * self._rate)
        self._since = now
        self._left = left - 1.0 if left >= 1.0 else left
        return left >= 1.0

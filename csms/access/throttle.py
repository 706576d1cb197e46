"""Slows down guessing: so many tries within a window, counted in memory per key."""

import math
from collections import OrderedDict, deque

from csms.clock import Clock
from csms.errors import SignInError

MAX_KEYS = 10_000


class Throttle:
    """A sliding window of tries per key. Memory is bounded: the longest untouched keys are forgotten first."""

    def __init__(self, clock: Clock, tries: int, window_s: float) -> None:
        self._clock = clock
        self._tries = tries
        self._window_s = window_s
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Seconds until another try is welcome; 0 when it is now."""
        tries = self._current(key)
        if len(tries) < self._tries:
            return 0.0
        return tries[0] + self._window_s - self._clock.monotonic()

    def count(self, key: str) -> None:
        """Note a try."""
        tries = self._current(key)
        tries.append(self._clock.monotonic())
        self._seen[key] = tries
        self._seen.move_to_end(key)
        if len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)

    def forget(self, key: str) -> None:
        """Begin anew for this key."""
        self._seen.pop(key, None)

    def _current(self, key: str) -> deque[float]:
        tries = self._seen.get(key, deque())
        horizon = self._clock.monotonic() - self._window_s
        while tries and tries[0] <= horizon:
            tries.popleft()
        return tries


class SignInThrottle:
    """Guards sign-in by e-mail and by address; one per web process."""

    def __init__(self, clock: Clock, *, per_email: int = 10, per_address: int = 50, window_s: float = 900) -> None:
        self._emails = Throttle(clock, per_email, window_s)
        self._addresses = Throttle(clock, per_address, window_s)

    def admit(self, email: str, address: str) -> float:
        """Count a try. Returns 0, or the seconds to wait when there were too many."""
        wait_s = max(self._emails.wait_s(email), self._addresses.wait_s(address))
        if wait_s <= 0:
            self._emails.count(email)
            self._addresses.count(address)
        return max(wait_s, 0.0)

    def succeeded(self, email: str) -> None:
        """The person proved who they are: earlier typing errors are forgiven."""
        self._emails.forget(email)


def admit(throttle: SignInThrottle, key: str, address: str) -> None:
    """Count a try. Raises SignInError, saying how long to wait, when there were too many."""
    wait_s = throttle.admit(key, address)
    if wait_s:
        raise SignInError(f"Too many attempts. Try again in {math.ceil(wait_s / 60)} min.")

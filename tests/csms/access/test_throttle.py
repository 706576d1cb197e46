"""A sliding window per key, bounded in memory."""

from csms.access import throttle
from csms.access.throttle import SignInThrottle, Throttle
from csms.clock import ManualClock


def test_tries_are_limited_within_the_window() -> None:
    clock = ManualClock()
    tries = Throttle(clock, tries=2, window_s=60)
    tries.count("a")
    clock.forward(20)
    tries.count("a")
    assert tries.wait_s("a") == 40
    assert tries.wait_s("b") == 0
    clock.forward(40)
    assert tries.wait_s("a") == 0


def test_success_forgives_the_person_but_not_the_address() -> None:
    guard = SignInThrottle(ManualClock(), per_email=1, per_address=2)
    assert guard.admit("a", "10.0.0.1") == 0
    assert guard.admit("a", "10.0.0.1") > 0
    guard.succeeded("a")
    assert guard.admit("a", "10.0.0.1") == 0
    guard.succeeded("a")
    assert guard.admit("a", "10.0.0.1") > 0
    assert guard.admit("a", "10.0.0.2") == 0


def test_memory_is_bounded() -> None:
    tries = Throttle(ManualClock(), tries=1, window_s=60)
    for number in range(throttle.MAX_KEYS + 5):
        tries.count(str(number))
    assert tries.wait_s("0") == 0
    assert tries.wait_s(str(throttle.MAX_KEYS)) > 0

"""The token bucket (TR_68)."""

from csms.gateway.allowance import Allowance


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    allowance = Allowance(rate=10, burst=3, now=0)
    assert [allowance.take(0) for _ in range(4)] == [0, 0, 0, 0.1]
    assert allowance.take(0.1) == 0.1
    assert allowance.take(10) == 0


def test_unused_time_fills_no_more_than_the_burst() -> None:
    allowance = Allowance(rate=10, burst=2, now=0)
    assert [allowance.take(100), allowance.take(100)] == [0, 0]
    assert allowance.take(100) > 0


def test_take_if_any_never_goes_into_debt() -> None:
    allowance = Allowance(rate=1, burst=1, now=0)
    assert [allowance.take_if_any(0) for _ in range(3)] == [True, False, False]
    assert allowance.take_if_any(1)
